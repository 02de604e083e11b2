"""Whom to ask: technicians for whom the appointments that need help are the least way and the least delay.

A rough look at all technicians of the territory, by expected times. The simulation then decides among few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.plan import Job
from features.territory import Planned
from models.rebalancing.day import Ahead, Day
from models.rebalancing.params import Params
from models.travel import Travel

Floats = NDArray[np.float64]
_UNABLE_MIN = 1e6
_DRIVING_WEIGHT = 0.25
"""Of a minute's way beside a minute's delay: enough to tell the nearer of those who come in time."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """All places between two stops, G in all, of technician number `who`. Seconds from now; `next_s` when the
    stop behind is expected to start, infinite where there is none. `lat` and `lon` (2, G) of both ends."""

    who: NDArray[np.intp]
    free_s: Floats
    next_s: Floats
    lat: Floats
    lon: Floats


def nearest(
    wanted: Sequence[Planned],
    day: Day,
    starts_ms: Mapping[str, int],
    able: NDArray[np.bool_],
    now_ms: int,
    travel: Travel,
) -> list[list[int]]:
    """For each that is wanted, the technicians that are able (wanted, T), the best first."""
    if not wanted or not able.any():
        return [[] for _ in wanted]
    gaps = _gaps(list(day.ahead.values()), starts_ms, now_ms)
    costs = _costs_min([planned.job for planned in wanted], gaps, now_ms, travel)
    found = np.full(able.shape, _UNABLE_MIN)
    for gap, technician in enumerate(gaps.who):
        np.minimum(found[:, technician], costs[:, gap], out=found[:, technician])
    found[~able] = _UNABLE_MIN
    ranks = np.argsort(found, axis=1, kind="stable")
    return [[int(t) for t in row if able[at, t]] for at, row in enumerate(ranks)]


def chosen(first: Sequence[int], ranks: Sequence[Sequence[int]], params: Params) -> list[int]:
    """`first`, then the best of each in turn, `neighbours` of each and `technicians_max` in all."""
    taken = dict.fromkeys(first)
    for place in range(params.neighbours):
        for row in ranks:
            others = [technician for technician in row if technician not in first]
            if place < len(others) and len(taken) < params.technicians_max:
                taken.setdefault(others[place])
    return list(taken)


def _gaps(ahead: Sequence[Ahead], starts_ms: Mapping[str, int], now_ms: int) -> Gaps:
    rows = [(number, *row) for number, one in enumerate(ahead) for row in _gaps_of(one, starts_ms, now_ms)]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 7)
    return Gaps(table[:, 0].astype(np.intp), table[:, 1], table[:, 2], table[:, [3, 5]].T, table[:, [4, 6]].T)


def _gaps_of(one: Ahead, starts_ms: Mapping[str, int], now_ms: int) -> list[tuple[float, ...]]:
    """Free, next start, and both places, of each gap behind what is fixed."""
    place = one.start.place or one.rostered.shift.start
    free_s = (one.start.free_ms - now_ms) / 1000
    rows: list[tuple[float, ...]] = []
    here = (place.lat, place.lon)
    for at, stop in enumerate(one.stops):
        job, start_s = stop.job, (starts_ms[stop.job.appointment] - now_ms) / 1000
        if at >= one.fixed:
            rows.append((free_s, start_s, *here, job.place.lat, job.place.lon))
        spent_s = one.start.spent_s if at == 0 and one.start.at_hand is not None else 0.0
        free_s = max(free_s, start_s) + max(300.0, job.expected_s - spent_s)
        here = (job.place.lat, job.place.lon)
    rows.append((free_s, np.inf, *here, *here))
    return rows


def _costs_min(jobs: Sequence[Job], gaps: Gaps, now_ms: int, travel: Travel) -> Floats:
    """(wanted, G) minutes: being late, making the next late, and the way."""
    lat, lon = (np.array([[getattr(job.place, axis)] for job in jobs]) for axis in ("lat", "lon"))
    there_s = travel.base_s(gaps.lat[0], gaps.lon[0], lat, lon)
    on_s = np.where(np.isinf(gaps.next_s), 0.0, travel.base_s(lat, lon, gaps.lat[1], gaps.lon[1]))
    saved_s = np.where(
        np.isinf(gaps.next_s), 0.0, travel.base_s(gaps.lat[0], gaps.lon[0], gaps.lat[1], gaps.lon[1])
    )
    window_s, end_s, work_s = (
        np.array(
            [
                (job.window_start_ms - now_ms, job.window_end_ms - now_ms, job.expected_s * 1000)
                for job in jobs
            ]
        ).T[:, :, None]
        / 1000
    )
    start_s = np.maximum(gaps.free_s + there_s, window_s)
    late_s = np.maximum(0.0, start_s - end_s)
    pushed_s = np.maximum(0.0, start_s + work_s + on_s - gaps.next_s)
    costs: Floats = (late_s + pushed_s + _DRIVING_WEIGHT * (there_s + on_s - saved_s)) / 60
    return costs
