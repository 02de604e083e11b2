"""Why an appointment is late: which delays against the plan reach it, and what the plan itself left no room for.

A route is walked once, from the job at hand to its end, in medians. Whatever makes the delay against the
plan grow is a cause with so many minutes; where slack takes delay back, all causes shrink alike. What a stop
is late by is shared among the causes that have reached it; the rest is the plan's own: `tight_plan`.
"""

from collections.abc import Sequence
from math import exp

import msgspec

from features.endangered import UNSERVED_MIN
from features.route import RouteState, Stop
from features.route_order import began, last_done
from features.territory_events import Reason, ReasonKind
from models.start import Start

LEAST_MIN = 0.5
"""A share below it is not worth a word."""
_P90 = 1.2816
"""Of the standard normal."""


class Walk(msgspec.Struct, frozen=True, gc=False):
    """One route in medians, Unix milliseconds: when each of `stops` starts and ends, by the roll-forward.

    `leg_s` is what is still to be driven to the first one ahead, `spread` the log-sd of legs and `wide` that of
    this one.
    """

    state: RouteState
    start: Start
    now_ms: int
    stops: Sequence[Stop]
    starts_ms: Sequence[int]
    ends_ms: Sequence[int]
    leg_s: float
    spread: float
    wide: float


class _Causes:
    """The delay against the plan so far, in minutes, and what makes it up."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.shares: dict[tuple[ReasonKind, str], float] = {}

    def add(self, kind: ReasonKind, appointment: str, minutes: float) -> None:
        if minutes > 0:
            key = (kind, appointment)
            self.shares[key] = self.shares.get(key, 0.0) + minutes

    def become(self, delay: float, kind: ReasonKind, appointment: str) -> None:
        """The delay is another now. More of it is of this cause, less takes from all causes alike."""
        if delay > self.delay:
            self.add(kind, appointment, delay - max(self.delay, 0.0))
        elif self.delay > 0:
            left = max(delay, 0.0) / self.delay
            self.shares = {key: minutes * left for key, minutes in self.shares.items()} if left else {}
        self.delay = delay


def reasons(walk: Walk, minutes: Sequence[float | None]) -> list[tuple[Reason, ...]]:
    """For each stop its reasons, which share its `minutes` among them; none where that is None."""
    causes, made = _Causes(), []
    _behind(causes, walk)
    for at, stop in enumerate(walk.stops):
        if at or walk.start.at_hand is None:
            _arrive(causes, walk, at)
        wanted = minutes[at]
        made.append(() if wanted is None else _shared(causes, stop.job.appointment, wanted))
        _work(causes, walk, at)
    return made


def out(minutes: float = UNSERVED_MIN) -> tuple[Reason, ...]:
    """Of a technician who is out for the day."""
    return (Reason("technician_out", minutes),)


def _behind(causes: _Causes, walk: Walk) -> None:
    """How late the job at hand began, or the last one was over."""
    hand = walk.start.at_hand
    if hand is not None:
        if hand.planned_start_ms is not None:
            causes.become(_min(began(hand) - hand.planned_start_ms), "late_predecessor", hand.job.appointment)
        return
    last = last_done(walk.state)
    if last is not None and last.planned_start_ms is not None and last.ended_ms is not None:
        planned_ms = last.planned_start_ms + last.job.expected_s * 1000
        causes.become(max(0.0, _min(last.ended_ms - planned_ms)), "late_predecessor", last.job.appointment)


def _arrive(causes: _Causes, walk: Walk, at: int) -> None:
    stop = walk.stops[at]
    name = stop.job.appointment
    first = at == (0 if walk.start.at_hand is None else 1)
    if stop.planned_start_ms is not None:
        delay = _min(walk.starts_ms[at] - stop.planned_start_ms)
        if first and at == 0 and not walk.start.driving:
            _depart(causes, walk, stop, delay)
        else:
            causes.become(delay, "travel", name)
    if first and walk.start.stale:
        wider = exp(_P90 * walk.wide) - exp(_P90 * walk.spread)
        causes.add("no_data", name, walk.leg_s / 60 * wider)


def _depart(causes: _Causes, walk: Walk, stop: Stop, delay: float) -> None:
    """Nobody drives yet. Before the planned departure that is no reason, but the plan's own tightness."""
    assert stop.planned_start_ms is not None
    kind: ReasonKind = "not_departed" if stop.acknowledged else "not_acknowledged"
    overdue = _min(walk.now_ms - (stop.planned_start_ms - walk.leg_s * 1000))
    before = max(causes.delay, 0.0)
    causes.become(min(delay, max(overdue, before)), kind, stop.job.appointment)
    causes.delay = max(causes.delay, delay)


def _work(causes: _Causes, walk: Walk, at: int) -> None:
    """How much longer the work takes than planning reckoned with."""
    stop = walk.stops[at]
    at_hand = stop is walk.start.at_hand
    planned_ms = walk.starts_ms[at] if stop.planned_start_ms is None else stop.planned_start_ms
    late = _min(walk.ends_ms[at] - planned_ms - stop.job.expected_s * 1000)
    if stop.planned_start_ms is None:
        late += causes.delay
    causes.become(late, "overrun" if at_hand else "late_predecessor", stop.job.appointment)


def _shared(causes: _Causes, own: str, wanted: float) -> tuple[Reason, ...]:
    """The minutes by kind, the largest first; the appointment is the one that causes most of it."""
    total = sum(causes.shares.values())
    scale = min(1.0, wanted / total) if total > 0 else 0.0
    minutes: dict[ReasonKind, float] = {}
    most: dict[ReasonKind, tuple[float, str]] = {}
    for (kind, name), share in causes.shares.items():
        minutes[kind] = minutes.get(kind, 0.0) + share * scale
        most[kind] = max(most.get(kind, (0.0, name)), (share, name))
    rest = wanted - total * scale
    if rest > 0:
        minutes["tight_plan"], most["tight_plan"] = rest, (rest, own)
    told = sorted([(share, kind) for kind, share in minutes.items()], reverse=True)
    kept = [one for one in told if one[0] >= LEAST_MIN] or told[:1]
    return tuple([_reason(kind, share, most[kind][1], own) for share, kind in kept])


def _reason(kind: ReasonKind, minutes: float, name: str, own: str) -> Reason:
    return Reason(kind, round(minutes, 1), None if name == own else name)


def _min(milliseconds: float) -> float:
    return milliseconds / 60_000
