"""The arrays that the roll-forward takes, of many routes at once, from what is known of each at one moment.

Durations are asked for once for all stops, and travel times once for all legs. Times count in seconds from
the moment; what lies more than `FAR_S` away counts as that far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from features.duration import Asked
from features.route import RouteState, Stop
from models.duration import Durations, remaining
from models.risk_params import EtaParams as Params
from models.rollforward import LEVELS, PACE_BIN_S, Array, Routes
from models.start import Start, behind_s, start_of
from models.travel import Travel

FAR_S = 864_000.0
"""Ten days: float32 still tells seconds there."""
_HOUR_MS = 3_600_000
_PACE_BINS = 144
"""A day and a half of quarters of an hour."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """`routes` for `rollforward.roll`, with `pace` by quarters of an hour from `origin_ms`.

    `starts` (R) are where each goes on from, `stops` (R) what is rolled, in order: the one at hand, then those
    ahead. `closes_s` (R, L) are the ends of the windows, `expected_s` (R, L) the work that planning reckons with.
    """

    routes: Routes
    pace: Array
    origin_ms: int
    starts: tuple[Start, ...]
    stops: tuple[tuple[Stop, ...], ...]
    closes_s: Array
    expected_s: Array


def inputs(
    states: Sequence[RouteState],
    now_ms: int,
    durations: Durations,
    travel: Travel,
    zone: str,
    params: Params,
) -> Inputs:
    """All arrays at `now_ms`; `zone` is the IANA name of the zone in which hours are told."""
    starts = tuple([start_of(state, now_ms, params.start) for state in states])
    chains = tuple([one.stops if one.at_hand is None else (one.at_hand, *one.stops) for one in starts])
    layout = _Layout(chains)
    offset_ms = offset(zone, now_ms)
    jobs = [stop.job for chain in chains for stop in chain]
    opens_s = _seconds([job.window_start_ms for job in jobs], now_ms)
    legs = _legs(starts, chains, layout, travel, params)
    routes = Routes(
        free_s=_seconds([one.free_ms for one in starts], now_ms),
        leg_s=layout.spread_out(legs[0]),
        spread=layout.spread_out(legs[1]),
        work_s=layout.spread_out(_work_s(states, starts, chains, layout, durations, offset_ms)),
        opens_s=layout.spread_out(opens_s),
        slow=layout.spread_out(_slow(starts, layout)),
        break_from_s=_seconds([one.break_from_ms for one in starts], now_ms),
        break_s=np.array([one.break_s for one in starts], dtype=np.float32),
    )
    closes_s = layout.spread_out(_seconds([job.window_end_ms for job in jobs], now_ms))
    expected_s = layout.spread_out(np.array([job.expected_s for job in jobs], dtype=np.float32))
    return Inputs(routes, paces(travel, now_ms, offset_ms), now_ms, starts, chains, closes_s, expected_s)


def asked_of(stop: Stop, state: RouteState, offset_ms: int) -> Asked:
    """What the duration model is asked of a stop. The hour is the planned one, to the quarter: so the
    answer stays the same until something happens."""
    job = stop.job
    start_ms = job.window_start_ms if stop.planned_start_ms is None else stop.planned_start_ms
    local_ms = start_ms + offset_ms
    return Asked(
        job.job_type,
        state.technician,
        local_ms // 900_000 % 96 / 4,
        (local_ms // 86_400_000 + 3) % 7,
        job.priority,
        job.expected_s,
        state.worked.jobs,
        state.worked.log_ratio,
    )


def offset(zone: str, now_ms: int) -> int:
    """Milliseconds by which the zone's clocks are ahead of UTC at that time."""
    shift = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if shift is None else round(shift.total_seconds() * 1000)


def paces(travel: Travel, now_ms: int, offset_ms: int) -> Array:
    """The travel pace for each quarter of an hour from `now_ms` on."""
    since_h = (np.arange(_PACE_BINS, dtype=np.float64) + 0.5) * (PACE_BIN_S / 3600)
    hours: NDArray[np.float64] = ((now_ms + offset_ms) / _HOUR_MS + since_h) % 24
    return np.asarray(travel.pace(hours), dtype=np.float32)


class _Layout:
    """Where a flat list of all stops lies in arrays of routes by stops."""

    def __init__(self, chains: Sequence[Sequence[Stop]]) -> None:
        lengths = np.array([len(chain) for chain in chains], dtype=np.intp)
        self.count = int(lengths.sum())
        self.shape = (len(chains), int(lengths.max(initial=0)))
        self.first = np.cumsum(lengths) - lengths
        self.route = np.repeat(np.arange(len(chains)), lengths)
        self.place = np.arange(self.count) - self.first[self.route]

    def spread_out(self, flat: Array) -> Array:
        """(n, ...) to (R, L, ...), zero where there is no stop."""
        out = np.zeros((*self.shape, *flat.shape[1:]), dtype=np.float32)
        out[self.route, self.place] = flat
        return out


def _seconds(times_ms: list[int], now_ms: int) -> Array:
    since = (np.array(times_ms, dtype=np.float64) - now_ms) / 1000
    return np.clip(since, -FAR_S, FAR_S).astype(np.float32)


def _legs(
    starts: Sequence[Start],
    chains: Sequence[Sequence[Stop]],
    layout: _Layout,
    travel: Travel,
    params: Params,
) -> tuple[Array, Array]:
    """Seconds at pace 1 to each stop and their spread. To a stop at hand there is nothing to drive."""
    lat = np.array([stop.job.place.lat for chain in chains for stop in chain], dtype=np.float64)
    lon = np.array([stop.job.place.lon for chain in chains for stop in chain], dtype=np.float64)
    from_lat, from_lon = np.roll(lat, 1), np.roll(lon, 1)
    spread = np.full(layout.count, travel.spread, dtype=np.float32)
    driven = np.zeros(layout.count)
    none: list[int] = []
    for start, first, chain in zip(starts, layout.first.tolist(), chains, strict=True):
        if not chain:
            continue
        if start.at_hand is not None or start.place is None:
            none.append(first)
            continue
        from_lat[first], from_lon[first] = start.place.lat, start.place.lon
        driven[first] = behind_s(start, travel.leaving_s)
        if start.stale:
            spread[first] = np.hypot(travel.spread, params.stale_spread)
    leg = np.asarray(travel.base_s(from_lat, from_lon, lat, lon), dtype=np.float64)
    leg = np.maximum(leg - driven, leg * params.start.least_leg_share)
    leg[none] = 0.0
    spread[none] = 0.0
    return leg.astype(np.float32), spread


def _work_s(
    states: Sequence[RouteState],
    starts: Sequence[Start],
    chains: Sequence[Sequence[Stop]],
    layout: _Layout,
    durations: Durations,
    offset_ms: int,
) -> Array:
    """(n, K) quantiles; of work at hand what remains of it."""
    if not layout.count:
        return np.zeros((0, len(LEVELS)), dtype=np.float32)
    asked = [
        asked_of(stop, state, offset_ms)
        for state, chain in zip(states, chains, strict=True)
        for stop in chain
    ]
    work = np.array(durations.quantiles(asked), dtype=np.float32)
    rows, spent = _at_work(starts, layout)
    if rows.size:
        work[rows] = remaining(work[rows], spent)
    return work


def _at_work(starts: Sequence[Start], layout: _Layout) -> tuple[NDArray[np.intp], Array]:
    pairs = [
        (first, one.spent_s)
        for one, first in zip(starts, layout.first.tolist(), strict=True)
        if one.at_hand is not None and one.working
    ]
    rows = np.array([first for first, _ in pairs], dtype=np.intp)
    return rows, np.array([spent_s for _, spent_s in pairs], dtype=np.float32)


def _slow(starts: Sequence[Start], layout: _Layout) -> Array:
    slow = np.ones(layout.count, dtype=np.float32)
    slow[_at_work(starts, layout)[0]] = 0.0
    return slow
