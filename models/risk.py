"""How likely each appointment ahead is to start after its window, how late, and why."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec
import numpy as np
from msgspec.structs import replace

from features.endangered import UNSERVED_MIN
from features.events import Cause
from features.route import RouteState, Stop
from features.route_order import began
from features.territory_events import Reason
from features.units import ms
from models.duration import Durations
from models.eta import Inputs, inputs
from models.figures import Figures, figures
from models.forecast import Expected, RiskState
from models.levels import Evaluation
from models.levels import Params as LevelsParams
from models.reasons import LEAST_MIN, Walk, out, reasons
from models.risk_params import RiskParams as Params
from models.travel import Travel


class Assessment(msgspec.Struct, frozen=True, gc=False):
    """One route: what is expected of each stop at hand or ahead, and the risk of those that have not begun."""

    expected: dict[str, Expected]
    evaluations: dict[str, Evaluation]


def seed_of(cause: Cause) -> int:
    """A seed for what this input makes."""
    named = f"{cause.topic}\x1f{cause.partition}\x1f{cause.offset}".encode()
    return int.from_bytes(blake2b(named, digest_size=8).digest(), "big")


def assess(
    states: Sequence[RiskState],
    now_ms: int,
    durations: Durations,
    travel: Travel,
    zone: str,
    params: Params,
    seed: int,
) -> list[Assessment]:
    """One assessment for each state, in order."""
    routes = [state.route for state in states]
    given = inputs(routes, now_ms, durations, travel, zone, params.eta)
    if not given.closes_s.size:
        return [Assessment({}, {}) for _ in states]
    versions = np.array([route.plan_version for route in routes])
    known = figures(given, versions, seed, samples=params.samples, day_sigma=params.day_sigma)
    rows = [_Row(one, given, known, row, travel.spread) for row, one in enumerate(routes)]
    return [_assessment(row, params) for row in rows]


class _Row:
    """One route among all. `first` is the place of the first stop ahead in its chain, `drive_s` the way to it."""

    def __init__(self, route: RouteState, given: Inputs, known: Figures, row: int, spread: float) -> None:
        self.route, self.now_ms, self.spread = route, given.origin_ms, spread
        self.chain, self.start = given.stops[row], given.starts[row]
        self.late, self.late_min, self.times_ms = known.late[row], known.late_min[row], known.times_ms[row]
        self.first = 0 if self.start.at_hand is None else 1
        self.drive_s, self.wide = 0.0, spread
        if self.first < len(self.chain):
            self.drive_s = float(given.routes.leg_s[row, self.first] * given.pace[0])
            self.wide = float(given.routes.spread[row, self.first])


def _assessment(row: _Row, params: Params) -> Assessment:
    expected = {
        stop.job.appointment: Expected(t[0], t[1], t[2], t[3], t[4], t[5], t[6], p, by_min)
        for stop, t, p, by_min in zip(row.chain, row.times_ms, row.late, row.late_min, strict=False)
    }
    at_hand = row.start.at_hand
    if at_hand is not None and row.start.working:
        name = at_hand.job.appointment
        expected[name] = _at_work(at_hand, expected[name])
    if row.route.lost:
        return _lost(row, expected)
    return Assessment(expected, _evaluations(row, params))


def _evaluations(row: _Row, params: Params) -> dict[str, Evaluation]:
    overdue, why = _overdue(row, params), _why(row, params.levels)
    return {
        stop.job.appointment: Evaluation(
            row.late[at],
            row.late_min[at],
            stop.job.hard,
            row.now_ms > stop.job.window_end_ms,
            overdue and at == row.first,
            why[at] if why else (),
        )
        for at, stop in enumerate(row.chain)
        if at >= row.first
    }


def _at_work(stop: Stop, rolled: Expected) -> Expected:
    """Of a stop in progress the start is what happened."""
    began_ms = began(stop)
    by_min = (began_ms - stop.job.window_end_ms) / 60_000
    ends_ms = rolled.end_p10_ms, rolled.end_p50_ms, rolled.end_p90_ms
    return Expected(began_ms, began_ms, began_ms, began_ms, *ends_ms, float(by_min > 0), by_min)


def _lost(row: _Row, expected: dict[str, Expected]) -> Assessment:
    """Nobody will come: what the roll says of it is only what would have been."""
    evaluations = {}
    for stop in row.chain[row.first :]:
        name = stop.job.appointment
        closed = row.now_ms > stop.job.window_end_ms
        expected[name] = replace(expected[name], probability=1.0, late_min=UNSERVED_MIN)
        evaluations[name] = Evaluation(1.0, UNSERVED_MIN, stop.job.hard, closed, False, out())
    return Assessment(expected, evaluations)


def _overdue(row: _Row, params: Params) -> bool:
    """Not departed to the first stop ahead, so long after the latest departure that arrives in time."""
    if row.first >= len(row.chain) or row.start.driving:
        return False
    latest_ms = row.chain[row.first].job.window_end_ms - row.drive_s * 1000
    return row.now_ms >= latest_ms + ms(params.overdue_after_s)


def _why(row: _Row, params: LevelsParams) -> list[tuple[Reason, ...]] | None:
    """The reasons of each stop of the chain, None where no stop needs any."""
    minutes = [_to_explain(row, at, params) for at in range(len(row.chain))]
    if not any(minutes):
        return None
    chain, times_ms = row.chain, row.times_ms[: len(row.chain)]
    starts_ms, ends_ms = [one[1] for one in times_ms], [one[5] for one in times_ms]
    if row.start.working:
        starts_ms[0] = began(chain[0])
    drive_s, spread, wide = row.drive_s, row.spread, row.wide
    walk = Walk(row.route, row.start, row.now_ms, chain, starts_ms, ends_ms, drive_s, spread, wide)
    return reasons(walk, minutes)


def _to_explain(row: _Row, at: int, params: LevelsParams) -> float | None:
    """The minutes that the reasons share: the median lateness; where that is slack, how late it may become
    (one time in ten), or else what is missing of the slack that there should be. None where all is well."""
    late, late_min = row.late[at], row.late_min[at]
    if late < params.short_slack_least_p:
        return None
    if late < params.watch_p - params.cleared_below_p and late_min <= -params.short_slack_min:
        return None
    if late_min > 0:
        return late_min
    may_min = (row.times_ms[at][3] - row.chain[at].job.window_end_ms) / 60_000
    return may_min if may_min > 0 else max(LEAST_MIN, params.short_slack_min + late_min)
