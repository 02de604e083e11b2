"""The arrays of a problem, from what is known of its technicians (T) and appointments (n)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.route import Stop
from features.territory import Planned
from models.duration import Durations, remaining
from models.eta import FAR_S, asked_of
from models.rebalancing.day import Ahead
from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Before, Hours, Problem, Shifts
from models.rebalancing.rolled import Rolled, median_s
from models.risk_params import EtaParams
from models.rollforward import LEVELS, Array
from models.start import Params as StartParams
from models.start import behind_s
from models.travel import Travel


def shifts_of(ahead: Sequence[Ahead], now_ms: int, params: Params) -> Shifts:
    end_s = seconds([one.rostered.shift.end_ms for one in ahead], now_ms)
    return Shifts(
        free_s=seconds([one.start.free_ms for one in ahead], now_ms),
        end_s=end_s,
        latest_end_s=end_s + np.float32(params.overtime_max_s),
        break_from_s=seconds([one.start.break_from_ms for one in ahead], now_ms),
        break_s=np.array([one.start.break_s for one in ahead], dtype=np.float32),
    )


def hours_of(
    planned: Sequence[Planned],
    fixed: Sequence[bool],
    own: NDArray[np.intp],
    ahead: Sequence[Ahead],
    now_ms: int,
    params: Params,
) -> Hours:
    """Work that goes on waits for no window."""
    at_work = {one.start.at_hand.job.appointment for one in ahead if one.start.at_hand and one.start.working}
    opens_s = seconds([one.job.window_start_ms for one in planned], now_ms)
    opens_s[[one.job.appointment in at_work for one in planned]] = 0.0
    told = [one.planned_start_ms for one in planned]
    promised_s = seconds([0 if time_ms is None else time_ms for time_ms in told], now_ms)
    promised_s[[time_ms is None for time_ms in told]] = np.nan
    keep = np.array([one.promises >= params.promises_max for one in planned], dtype=np.bool_) & (own >= 0)
    closes_s = seconds([one.job.window_end_ms for one in planned], now_ms)
    return Hours(opens_s, closes_s, promised_s, keep)


def travel_s_of(
    ahead: Sequence[Ahead],
    planned: Sequence[Planned],
    number: dict[str, int],
    travel: Travel,
    params: StartParams,
) -> Array:
    """(places, places) seconds at pace 1. To work at hand there is nothing to drive. Of a first leg only what is
    left of it, as the risk has it: of the way itself where somebody is on it, else of getting away."""
    starts = [one.start.place or one.rostered.shift.start for one in ahead]
    places = [*(one.job.place for one in planned), *starts, *(one.rostered.shift.end for one in ahead)]
    lat, lon = (np.array([getattr(place, axis) for place in places], dtype=float) for axis in ("lat", "lon"))
    matrix = np.asarray(travel.base_s(lat[:, None], lon[:, None], lat, lon), dtype=np.float32)
    matrix = np.clip(np.nan_to_num(matrix, nan=FAR_S, posinf=FAR_S), 0, np.float32(FAR_S))
    for at, one in enumerate(ahead):
        legs_s, next_ = matrix[len(planned) + at], number[one.stops[0].job.appointment] if one.stops else None
        if one.start.at_hand is not None:
            legs_s[next_] = 0.0
            continue
        # What was driven brings nobody nearer to anywhere but the next stop.
        left_s = legs_s - min(behind_s(one.start, travel.leaving_s), travel.leaving_s)
        if next_ is not None:
            left_s[next_] = legs_s[next_] - behind_s(one.start, travel.leaving_s)
        np.maximum(left_s, legs_s * np.float32(params.least_leg_share), out=legs_s)
    return matrix


def first_spread_of(ahead: Sequence[Ahead], travel: Travel, params: EtaParams) -> Array:
    """(T) log-sd of each technician's first leg: wider where nobody knows where they are."""
    stale = [one.start.stale for one in ahead]
    wide = np.hypot(travel.spread, params.stale_spread)
    return np.where(stale, wide, travel.spread).astype(np.float32)


def work_s_of(
    ahead: Sequence[Ahead],
    planned: Sequence[Planned],
    own: NDArray[np.intp],
    allowed: NDArray[np.bool_],
    durations: Durations,
    offset_ms: int,
) -> tuple[Array, Array]:
    """(T, n, K) quantiles of work of those who may serve it, and (n) where a slow day prolongs it."""
    work_s = np.zeros((len(ahead), len(planned), len(LEVELS)), dtype=np.float32)
    slow = np.ones(len(planned), dtype=np.float32)
    who, what = (index.tolist() for index in np.nonzero(allowed))
    if who:
        stops = [Stop(one.job, planned_start_ms=one.planned_start_ms) for one in planned]
        asked = [asked_of(stops[n], ahead[t].state, offset_ms) for t, n in zip(who, what, strict=True)]
        work_s[who, what] = durations.quantiles(asked)
    for at, one in enumerate(ahead):
        if one.start.at_hand is not None and one.start.working:
            visit = int(np.flatnonzero(own == at)[0])
            spent = np.array([one.start.spent_s], dtype=np.float32)
            work_s[at, visit] = remaining(work_s[at, visit][None], spent)[0]
            slow[visit] = 0.0
    return work_s, slow


def before_of(problem: Problem, here: Rolled) -> Before:
    """What is expected of the current plan, rolled forward with one row for each technician."""
    start_s = np.full(len(problem.visits), np.nan, dtype=np.float32)
    late = np.ones(len(problem.visits), dtype=np.float32)
    stops = here.stops[here.there]
    start_s[stops] = median_s(here.starts_s).T[here.there]
    closes_s = problem.hours.closes_s[here.stops].T[:, :, None]
    late[stops] = (here.starts_s > closes_s).mean(axis=2).T[here.there]
    late += problem.doubt * (1 - late)
    late[problem.weight == 0] = 0.0
    end_s = median_s(here.last_ends_s())
    return Before(start_s, np.where(problem.own == NOBODY, 1, late).astype(np.float32), end_s)


def seconds(times_ms: Sequence[int], now_ms: int) -> Array:
    """Since now, within what float32 tells."""
    since: Array = np.clip((np.array(times_ms, dtype=np.float64) - now_ms) / 1000, -FAR_S, FAR_S).astype(
        np.float32
    )
    return since
