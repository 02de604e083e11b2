"""A batch of fixes and the ways that led to them, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from features import geo
from features.fix import Fix
from features.geo import Floats
from features.units import Metres, Seconds

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


class Crossing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ways between two fixes are believed to cross a fence: not those through silence, not jitter."""

    max_gap_s: Seconds = 200.0
    min_way_m: Metres = 5.0


@dataclass(frozen=True, slots=True)
class Ways:
    """A row for each fix. Where no way leads to a fix (`led` is False), its way begins at the fix itself."""

    time_ms: Ints
    lat: Floats
    lon: Floats
    from_lat: Floats
    from_lon: Floats
    led: Flags

    def lines(self) -> Shapes:
        ends = np.stack([self.from_lon, self.from_lat, self.lon, self.lat], axis=1)
        return np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), dtype=np.object_)


def ways_to(fixes: Sequence[Fix], before: Sequence[Fix | None], crossing: Crossing) -> Ways:
    """The ways to at least one fix from the ones before. Raises ValueError where their numbers differ."""
    starts = [_start(fix, start, crossing.max_gap_s * 1000) for fix, start in zip(fixes, before, strict=True)]
    ends = [(fix.lat, fix.lon, start.lat, start.lon) for fix, start in zip(fixes, starts, strict=True)]
    lat, lon, from_lat, from_lon = np.array(ends).T
    moved_m = geo.distances_m(from_lat, from_lon, lat, lon)
    # A way across the antimeridian is left out: no fence reaches across it either.
    led = (moved_m >= crossing.min_way_m) & (np.abs(lon - from_lon) < 180.0)
    return Ways(
        time_ms=np.array([fix.time_ms for fix in fixes], dtype=np.int64),
        lat=lat,
        lon=lon,
        from_lat=np.where(led, from_lat, lat),
        from_lon=np.where(led, from_lon, lon),
        led=led,
    )


def _start(fix: Fix, before: Fix | None, gap_ms: float) -> Fix:
    if before is None or not (fix.exact and before.exact) or fix.time_ms - before.time_ms > gap_ms:
        return fix
    return before
