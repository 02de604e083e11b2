"""Questions about technicians, answered from index ranges; the same over every store."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from features.events import Life
from features.geo import cell_of, covered_m, distance_m, ring
from features.technician import PartitionState, TechnicianState
from streams.adapters.index import EVERY_CELL, Range, cell_range, fence_range, territory_range
from streams.errors import BadInput
from streams.ports import Nearby

INDEX_RESOLUTION = 9
"""H3 resolution of the indexed cells."""
RINGS = 4
"""Rings of cells around the one that holds the place, before cells seven times as large are taken."""


FINEST = 8
"""Resolution of the first rings, which reach 1.9 km."""
OPEN_LIVES: tuple[Life, ...] = (
    "dispatched",
    "delivered",
    "acknowledged",
    "en_route",
    "on_site",
    "in_progress",
)
"""From first to last."""
BEGUN_LIVES: tuple[Life, ...] = ("en_route", "on_site", "in_progress")
"""Those in which the technician is at it."""


class Reader(Protocol):
    """What a store must be able to read. Every answer shows each partition after a complete step."""

    async def one(self, technician: str) -> TechnicianState | None: ...

    async def every(self) -> list[TechnicianState]: ...

    async def within(self, ranges: Sequence[Range]) -> list[TechnicianState]:
        """Whoever has an index member in one of the ranges, which do not overlap."""
        ...

    async def partition_states(self) -> list[PartitionState]: ...


class Tier(msgspec.Struct, frozen=True):
    """Rings of cells of one resolution hold everything up to `covered_m` from where they are laid around.

    Without a resolution it is the whole earth.
    """

    resolution: int | None
    covered_m: float


class Queries:
    """`TechnicianQueries` over a reader. Lists are sorted by technician, `nearest` by distance first."""

    def __init__(self, reader: Reader, *, resolution: int = INDEX_RESOLUTION) -> None:
        self._reader, self._resolution = reader, resolution

    async def technician(self, technician: str) -> TechnicianState | None:
        return await self._reader.one(technician)

    async def technicians(self) -> Sequence[TechnicianState]:
        return sorted(await self._reader.every(), key=_name)

    async def in_territory(self, territory: str) -> Sequence[TechnicianState]:
        return sorted(await self._reader.within([territory_range(territory)]), key=_name)

    async def in_fence(self, fence: str) -> Sequence[TechnicianState]:
        return sorted(await self._reader.within([fence_range(fence)]), key=_name)

    async def in_cell(self, cell: str) -> Sequence[TechnicianState]:
        return sorted(await self._reader.within([cell_range(cell, self._resolution)]), key=_name)

    async def nearest(
        self,
        lat: float,
        lon: float,
        count: int,
        *,
        skills: Iterable[str] = (),
        statuses: Iterable[str] = (),
        within_m: float = 50_000.0,
    ) -> Sequence[Nearby]:
        """Exact: rings grow until the last of the `count` is nearer than anything outside them can be.

        Raises `BadInput` for a place that is not on earth.
        """
        check_place(lat, lon)
        wanted, allowed = frozenset(skills), frozenset(statuses)
        likely_m = 0.0
        for tier in tiers(self._resolution):
            if tier.covered_m < min(likely_m, within_m):
                continue
            found = await self._reader.within(ranges_around(lat, lon, tier, self._resolution))
            fitting = (state for state in found if suits(state, wanted, allowed))
            near = by_distance(fitting, lat, lon, within_m)
            proven = sum(one.distance_m <= tier.covered_m for one in near)
            if proven >= count or tier.covered_m >= within_m:
                return near[: max(count, 0)]
            # Where so many are so near, the others are about this far: smaller rings would be asked in vain.
            likely_m = tier.covered_m * math.sqrt(count / max(proven, 0.5))
        return []

    async def counts(self) -> Mapping[str, int]:
        sums: dict[str, int] = {}
        for partition_state in await self._reader.partition_states():
            for name, count in partition_state.counts.items():
                sums[name] = sums.get(name, 0) + count
        return dict(sorted(sums.items()))


def tiers(resolution: int) -> Iterator[Tier]:
    """The rings that an index of this resolution can give, each reaching 2.6 times as far as the last."""
    for coarser in range(min(resolution - 1, FINEST), -1, -1):
        yield Tier(coarser, covered_m(coarser, RINGS))
    yield Tier(None, math.inf)


def ranges_around(lat: float, lon: float, tier: Tier, resolution: int) -> list[Range]:
    """The ranges of the index (whose cells have `resolution`) that a tier has around a place."""
    if tier.resolution is None:
        return [EVERY_CELL]
    cell = cell_of(lat, lon, tier.resolution)
    return [cell_range(around, resolution) for k in range(RINGS + 1) for around in ring(cell, k)]


def by_distance(states: Iterable[TechnicianState], lat: float, lon: float, within_m: float) -> list[Nearby]:
    """Those with a position up to `within_m` away, the nearest first; equally near ones by name."""
    near = [
        Nearby(distance_m(lat, lon, state.fix.lat, state.fix.lon), state)
        for state in states
        if state.fix is not None
    ]
    return sorted(
        (one for one in near if one.distance_m <= within_m),
        key=lambda one: (one.distance_m, one.technician.technician),
    )


def suits(state: TechnicianState, skills: frozenset[str], statuses: frozenset[str]) -> bool:
    """Has all the skills, and one of the statuses (any, where none is asked for)."""
    return skills.issubset(state.skills) and (not statuses or not statuses.isdisjoint(statuses_of(state)))


def statuses_of(state: TechnicianState) -> frozenset[str]:
    """What a technician does: the duty, and the life of the current appointment.

    The current one is, of the open appointments, the one that has come furthest: whoever is in progress
    at one place is not merely dispatched to the next.
    """
    lives = [appointment.life for appointment in state.agenda.values() if appointment.open]
    current = max(lives, key=OPEN_LIVES.index, default=None)
    return frozenset(status for status in (state.duty, current) if status is not None)


def check_place(lat: float, lon: float) -> None:
    """Raises `BadInput`."""
    if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
        raise BadInput(
            f"latitude {lat} and longitude {lon} are no place: "
            "latitudes lie within 90 degrees, longitudes within 180"
        )


def _name(state: TechnicianState) -> str:
    return state.technician
