"""Which fences a batch of fixes sees.

Bounding boxes in an R-tree select candidates for all fixes at once, exact geometry decides (`borders.py`).
Only the sightings that remain are made one by one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Self

import msgspec
import numpy as np
import shapely

from features.borders import Borders, Pairs, borders_of, see
from features.fence_events import Fence, FenceKind
from features.fences import PreparedFence
from features.fix import Fix, Sighting
from features.ways import Crossing, Shapes, Ways, ways_to

Reach = Callable[[FenceKind, float], float]
"""From a fence's kind and radius (metres) to the distance from its border within which fixes must see it."""

CROSSING = Crossing()
_EVER_MS = 2**62


class Held(msgspec.Struct, frozen=True):
    """A version of a fence that holds from `from_ms` until before `until_ms`."""

    prepared: PreparedFence
    from_ms: int
    until_ms: int


def held(fences: Iterable[PreparedFence]) -> Iterator[Held]:
    """When each version holds, ordered by fence and time.

    At any time the highest version that is valid by then holds; where that one is removed, none does.
    Of the same version given twice the last one counts.
    """
    last = {(one.fence.fence, one.fence.version): one for one in fences}
    for _, keys in groupby(sorted(last), key=lambda key: key[0]):
        versions = []
        until_ms = _EVER_MS
        for prepared in (last[key] for key in reversed(list(keys))):
            from_ms = prepared.fence.valid_from_ms
            if from_ms < until_ms:
                versions.append(Held(prepared, from_ms, until_ms))
                until_ms = from_ms
        yield from (one for one in reversed(versions) if not one.prepared.fence.removed)


class FenceIndex:
    """Fences by place and by name. An index never changes: `with_fences` makes another."""

    def __init__(
        self, fences: Iterable[PreparedFence], reach_m: Reach, crossing: Crossing = CROSSING
    ) -> None:
        """The versions of fences, prepared. Nothing of them is checked again."""
        self._fences = {(one.fence.fence, one.fence.version): one for one in fences}
        self._reach_m, self._crossing = reach_m, crossing
        self._held = tuple(held(self._fences.values()))
        self._by_name: dict[str, list[Held]] = {}
        for one in self._held:
            self._by_name.setdefault(one.prepared.fence.fence, []).append(one)
        self._from_ms = np.array([one.from_ms for one in self._held], dtype=np.int64)
        self._until_ms = np.array([one.until_ms for one in self._held], dtype=np.int64)
        self._borders = self._measured()
        self._tree = shapely.STRtree(self._boxes())

    @classmethod
    def of(cls, fences: Iterable[PreparedFence], reach_m: Reach, crossing: Crossing = CROSSING) -> Self:
        return cls(fences, reach_m, crossing)

    def with_fences(self, changed: Iterable[PreparedFence]) -> Self:
        """An index that also has these versions. What is known stays prepared; the tree is built anew."""
        return type(self)([*self._fences.values(), *changed], self._reach_m, self._crossing)

    def __len__(self) -> int:
        """How many versions there are, removed ones included."""
        return len(self._fences)

    def fence(self, fence: str, version: int) -> Fence:
        """A version of a fence, whether it holds or not. Raises KeyError."""
        return self._fences[fence, version].fence

    def prepared(self, fence: str, version: int) -> PreparedFence:
        """As `fence`, with what was prepared of it. Raises KeyError."""
        return self._fences[fence, version]

    def holding(self, fence: str, time_ms: int) -> PreparedFence | None:
        """The version of a fence that holds at a time, None where none does."""
        for one in self._by_name.get(fence, ()):
            if one.from_ms <= time_ms < one.until_ms:
                return one.prepared
        return None

    def sight(self, fixes: Sequence[Fix], before: Sequence[Fix | None]) -> list[tuple[Sighting, ...]]:
        """What each fix sees: the fences that hold at its time, are within reach, or were crossed on the way.

        `before` has the technician's kept fix before each, None where there is none. Sightings are ordered by
        fence. From inside a circle `beyond_m` is negative, from inside any other outline 0.
        """
        sightings: list[tuple[Sighting, ...]] = [()] * len(fixes)
        if not fixes or not self._held:
            return sightings
        ways = ways_to(fixes, before, self._crossing)
        pairs = self._candidates(ways)
        if not len(pairs.at):
            return sightings
        seen = see(ways, self._borders, pairs)
        places = zip(seen.pairs.at.tolist(), seen.pairs.row.tolist(), strict=True)
        facts = zip(seen.beyond_m.tolist(), seen.crossed.tolist(), strict=True)
        for (at, row), (beyond_m, crossed) in zip(places, facts, strict=True):
            sightings[at] += (self._sighting(row, beyond_m, crossed),)
        return sightings

    def _candidates(self, ways: Ways) -> Pairs:
        at, row = self._tree.query(ways.lines())
        pairs = Pairs(at, row)
        time_ms = ways.time_ms[at]
        return pairs.where((self._from_ms[row] <= time_ms) & (time_ms < self._until_ms[row]))

    def _sighting(self, row: int, beyond_m: float, crossed: bool) -> Sighting:
        prepared = self._held[row].prepared
        fence = prepared.fence
        return Sighting(fence.fence, fence.version, fence.kind, beyond_m, prepared.radius_m, crossed)

    def _measured(self) -> Borders:
        fences = [one.prepared for one in self._held]
        return borders_of(fences, [self._reach_m(one.fence.kind, one.radius_m) for one in fences])

    def _boxes(self) -> Shapes:
        """Bounding boxes in degrees, wider by each fence's reach and a little for the curvature."""
        bounds = np.array([one.prepared.bounds for one in self._held], dtype=np.float64).reshape(-1, 4)
        west, south, east, north = bounds.T
        up = 1.02 * self._borders.reach_m / self._borders.lat_m
        # A degree of longitude is shortest at the edge nearer to the pole.
        shortest = np.cos(np.radians(np.minimum(89.0, np.maximum(np.abs(south), np.abs(north)) + up)))
        sideways = up / shortest
        return shapely.box(west - sideways, south - up, east + sideways, north + up)
