"""What is known of a way from one piece of work to the next, as numbers: how far, at which hour, how long.

A leg reaches from the end of one piece of work to the moment at which the next can begin: paperwork,
driving, parking, setting up; without breaks and without waiting for a window to open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from features.geo import haversines_m
from features.wire import Place

Floats = NDArray[np.float64]

HOURS = 24


class Leg(msgspec.Struct, frozen=True, gc=False):
    """A past leg. It began at `left_ms` with `leaving_s` at the place before, then `way_s` up to the next work.

    `driven_m` is None where nobody counted.
    """

    start: Place
    end: Place
    left_ms: int
    leaving_s: float
    way_s: float
    driven_m: float | None = None


@dataclass(frozen=True, eq=False)
class Columns:
    """Legs as arrays (n): metres as the crow flies, local hours, whole seconds and those of leaving, metres driven."""

    crow_m: Floats
    hour: Floats
    seconds: Floats
    leaving_s: Floats
    driven_m: Floats


def columns(legs: Sequence[Leg], zone: str) -> Columns:
    """`zone` is the IANA name of the local time. Unknown metres are NaN."""
    where = np.array([(leg.start.lat, leg.start.lon, leg.end.lat, leg.end.lon) for leg in legs], dtype=float)
    lat1, lon1, lat2, lon2 = where.reshape(-1, 4).T
    return Columns(
        crow_m=haversines_m(lat1, lon1, lat2, lon2),
        hour=np.array([local_hour(leg.left_ms, ZoneInfo(zone)) for leg in legs], dtype=float),
        # A tap and the next at once are no way of no time.
        seconds=np.array([max(1.0, leg.leaving_s + leg.way_s) for leg in legs], dtype=float),
        leaving_s=np.array([leg.leaving_s for leg in legs], dtype=float),
        driven_m=np.array([np.nan if leg.driven_m is None else leg.driven_m for leg in legs], dtype=float),
    )


def local_hour(time_ms: int, zone: ZoneInfo) -> float:
    """Hours since local midnight.

    >>> local_hour(1_773_770_400_000, ZoneInfo("America/Phoenix"))
    11.0
    """
    at = datetime.fromtimestamp(time_ms / 1000, zone)
    return at.hour + at.minute / 60 + at.second / 3600


def hour_weights(hours: Floats) -> Floats:
    """(n, 24): how much of each hour's value makes the value at `hours`, linear between the middles of hours.

    >>> hour_weights(np.array([8.5, 9.0]))[:, 8:10].tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    before = np.floor(hours - 0.5)
    share = hours - 0.5 - before
    row = np.arange(len(hours))
    weights = np.zeros((len(hours), HOURS))
    weights[row, before.astype(int) % HOURS] = 1 - share
    weights[row, (before.astype(int) + 1) % HOURS] = share
    return weights
