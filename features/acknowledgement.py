"""How an assignment is taken up: sent, delivered, then acknowledged or declined, and what happens when neither comes.

| what is | by when | else |
|---|---|---|
| sent | `unreachable_after_s` (`emergency_unreachable_after_s`) after the sending | unreachable |
| delivered | a share of its limit after the delivery | reminded |
| reminded | `emergency_limit_s`, `soon_limit_s` or `limit_s` after the delivery | overdue |

No clock runs before the shift has begun. Time passes with ticks alone, so silence is an input. Nothing is
ever acknowledged on the technician's behalf: what they do proves that they know of it, what was inferred
only ends the asking.
"""

from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from features.appointment import ENDS
from features.asking import Asked, asked_of, is_another
from features.events import (
    Assignment,
    AssignmentPassed,
    Conclusion,
    Duty,
    Life,
    Reminder,
    RoutePassed,
    StatusChanged,
    Ticked,
)
from features.route_told import REST_MS
from features.territory_events import Stage
from features.units import Count, Seconds, Share, ms

_WORKING: frozenset[Life] = frozenset(("en_route", "on_site", "in_progress"))
_DUTIES: frozenset[str] = frozenset(("off_shift", "on_shift", "on_break"))


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits run from the delivery: for an emergency, for what starts within `soon_s`, and for all else.

    The reminder comes after `reminder_share` of the limit. An assignment that was sent again needs no new
    answer while its start has moved by no more than `moved_s`. Of each technician the latest
    `max_assignments` are known.
    """

    emergency_limit_s: Seconds = 120.0
    soon_limit_s: Seconds = 300.0
    limit_s: Seconds = 900.0
    soon_s: Seconds = 3_600.0
    reminder_share: Share = 0.5
    unreachable_after_s: Seconds = 600.0
    emergency_unreachable_after_s: Seconds = 120.0
    moved_s: Seconds = 1_800.0
    max_assignments: Count = 64


class AcknowledgementState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one technician is asked, by appointment. `due_ms` is when time next changes something.

    `shift_start_ms` and `shift_end_ms` are those of the route told at `told_ms`; `on_ms` is since when the
    technician is on shift, as long as they are.
    """

    technician: str
    asked: dict[str, Asked] = {}
    due_ms: int | None = None
    duty: Duty | None = None
    on_ms: int | None = None
    shift_start_ms: int | None = None
    shift_end_ms: int | None = None
    told_ms: int = 0


class StageChanged(msgspec.Struct, frozen=True, gc=False):
    """An assignment has come to another stage, for the territory that gave it."""

    territory: str
    time_ms: int
    appointment: str
    stage: Stage


Made = Reminder | StageChanged
Step = tuple[AcknowledgementState, tuple[Made, ...]]


class Due(NamedTuple):
    """Ordered by time, then by name."""

    time_ms: int
    appointment: str
    stage: Literal["reminded", "overdue", "unreachable"]


def concerns(event: Conclusion) -> bool:
    """Whether a signal can change anything here. Most are pings' and can't."""
    return isinstance(event, StatusChanged | AssignmentPassed | RoutePassed | Ticked)


def advance(state: AcknowledgementState, event: Conclusion, params: Params) -> Step:
    """Fold one conclusion about this technician, or the time. The same object when nothing changed."""
    if isinstance(event, Ticked):
        return _pass_time(state, event.time_ms, params)
    after, made = _folded(state, event, params)
    if after is state:
        return state, ()
    due = _next(after, params)
    return replace(after, due_ms=None if due is None else due.time_ms), made


def _folded(state: AcknowledgementState, event: Conclusion, params: Params) -> Step:
    if isinstance(event, AssignmentPassed):
        return _assign(state, event.assignment, event.time_ms, params), ()
    if isinstance(event, RoutePassed):
        return _take_shift(state, event), ()
    if isinstance(event, StatusChanged) and event.after in _DUTIES:
        return _serve(state, event), ()
    if isinstance(event, StatusChanged) and event.appointment in state.asked:
        return _answer(state, event, event.appointment)
    return state, ()


def _assign(
    state: AcknowledgementState, assignment: Assignment, time_ms: int, params: Params
) -> AcknowledgementState:
    name = assignment.appointment
    known = state.asked.get(name)
    if assignment.withdrawn:
        return state if known is None else _without(state, name)
    after = asked_of(assignment, time_ms)
    if known is not None and not is_another(known, after, ms(params.moved_s)):
        after = replace(known, territory=after.territory)
    return state if after == known else _with(state, name, after, params)


def _take_shift(state: AcknowledgementState, passed: RoutePassed) -> AcknowledgementState:
    """The shift of the latest route. On another day, who was on shift the day before is not on shift yet."""
    shift = passed.route.shift
    if passed.time_ms < state.told_ms:
        return state
    after = replace(state, shift_start_ms=shift.start_ms, shift_end_ms=shift.end_ms, told_ms=passed.time_ms)
    if state.shift_end_ms is not None and shift.start_ms >= state.shift_end_ms + REST_MS:
        after = replace(after, duty=None, on_ms=None)
    return after


def _serve(state: AcknowledgementState, changed: StatusChanged) -> AcknowledgementState:
    if changed.after == "off_shift":
        return replace(state, duty="off_shift", on_ms=None)
    duty: Duty = "on_break" if changed.after == "on_break" else "on_shift"
    return replace(state, duty=duty, on_ms=changed.time_ms if state.on_ms is None else state.on_ms)


def _answer(state: AcknowledgementState, changed: StatusChanged, name: str) -> Step:
    """What the technician's app, or what they do, says of one that was asked about."""
    asked, life = state.asked[name], changed.after
    if life == "declined":
        return _without(state, name), _told(asked, name, "declined", changed.time_ms)
    if life in ENDS:
        return _without(state, name), ()
    if not asked.open:
        begun = life in _WORKING and not asked.begun
        return (_put(state, name, replace(asked, begun=True)) if begun else state), ()
    if life in _WORKING:
        return _settle(state, changed, name)
    if changed.time_ms < asked.sent_ms:
        # It is an answer to an earlier question about the same appointment.
        return state, ()
    if life == "acknowledged":
        return _settle(state, changed, name)
    if life == "delivered" and asked.delivered_ms is None:
        after = replace(asked, delivered_ms=changed.time_ms)
        return _staged(state, name, after, "delivered", changed.time_ms)
    return state, ()


def _settle(state: AcknowledgementState, changed: StatusChanged, name: str) -> Step:
    """They know of it: they say so, or are at it."""
    begun = changed.after in _WORKING
    after = replace(state.asked[name], open=False, begun=begun)
    if not changed.inferred:
        return _staged(state, name, after, "acknowledged", changed.time_ms)
    return (_put(state, name, after) if begun else state), ()


def _pass_time(state: AcknowledgementState, now_ms: int, params: Params) -> Step:
    """All that is due by now, each stage on its own, in the order in which it was due."""
    if state.due_ms is None or now_ms < state.due_ms:
        return state, ()
    made: list[Made] = []
    due = _next(state, params)
    while due is not None and due.time_ms <= now_ms:
        if due.stage == "reminded":
            made.append(Reminder(technician=state.technician, time_ms=now_ms, appointment=due.appointment))
        state, told = _staged(state, due.appointment, state.asked[due.appointment], due.stage, now_ms)
        made += told
        due = _next(state, params)
    return replace(state, due_ms=None if due is None else due.time_ms), tuple(made)


def _next(state: AcknowledgementState, params: Params) -> Due | None:
    begins_ms = _begins_ms(state)
    if begins_ms is None:
        return None
    return min(
        (
            due
            for name, asked in state.asked.items()
            if asked.open and (due := _due(name, asked, begins_ms, params)) is not None
        ),
        default=None,
    )


def _begins_ms(state: AcknowledgementState) -> int | None:
    """Since when clocks may run: None where nobody knows when the technician will be on shift."""
    if state.on_ms is not None:
        return state.on_ms
    if state.shift_start_ms is not None:
        return state.shift_start_ms
    return None if state.duty == "off_shift" else 0


def _due(name: str, asked: Asked, begins_ms: int, params: Params) -> Due | None:
    if asked.delivered_ms is None:
        if asked.stage is not None:
            return None
        wait_s = params.emergency_unreachable_after_s if asked.emergency else params.unreachable_after_s
        return Due(max(asked.sent_ms, begins_ms) + ms(wait_s), name, "unreachable")
    if asked.stage == "overdue":
        return None
    since_ms = max(asked.delivered_ms, begins_ms)
    limit_s = _limit_s(asked, since_ms, params)
    if asked.stage == "reminded":
        return Due(since_ms + ms(limit_s), name, "overdue")
    return Due(since_ms + ms(limit_s * params.reminder_share), name, "reminded")


def _limit_s(asked: Asked, since_ms: int, params: Params) -> float:
    if asked.emergency:
        return params.emergency_limit_s
    soon = asked.start_ms is not None and asked.start_ms - since_ms <= ms(params.soon_s)
    return params.soon_limit_s if soon else params.limit_s


def _staged(state: AcknowledgementState, name: str, asked: Asked, stage: Stage, time_ms: int) -> Step:
    return _put(state, name, replace(asked, stage=stage)), _told(asked, name, stage, time_ms)


def _told(asked: Asked, name: str, stage: Stage, time_ms: int) -> tuple[StageChanged, ...]:
    return () if asked.territory is None else (StageChanged(asked.territory, time_ms, name, stage),)


def _put(state: AcknowledgementState, name: str, asked: Asked) -> AcknowledgementState:
    return replace(state, asked={**state.asked, name: asked})


def _without(state: AcknowledgementState, name: str) -> AcknowledgementState:
    return replace(state, asked={known: one for known, one in state.asked.items() if known != name})


def _with(state: AcknowledgementState, name: str, asked: Asked, params: Params) -> AcknowledgementState:
    """Of too many, those are forgotten that were answered, and then those that were sent first."""
    kept = {known: one for known, one in state.asked.items() if known != name}
    surplus = len(kept) + 1 - params.max_assignments
    for known in sorted(kept, key=lambda one: (kept[one].open, kept[one].sent_ms, one))[: max(0, surplus)]:
        del kept[known]
    return replace(state, asked={**kept, name: asked})
