"""A territory's day, event by event: the one place where its plan changes.

A fact or a command either changes the state, or is refused and changes nothing. Whatever it does to the
routes makes the next version of the plan; whatever it does to what an open proposal would change closes
that proposal. Then the clock does its part.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from features import territory_facts as facts
from features import territory_news as news
from features import territory_wanted as wanted
from features.events import Cause, Tick
from features.ids import event_id
from features.plan_events import Because, PlanOutbound
from features.rejection import Rejection
from features.territory import TerritoryState
from features.territory_events import (
    AcceptProposal,
    AcknowledgementChanged,
    AppointmentCancelled,
    AppointmentRequested,
    ArrivalPredicted,
    LifeChanged,
    PinAppointment,
    RejectProposal,
    RequestRebalance,
    RiskChanged,
    RoutesPlanned,
    ShiftPlanned,
    TechnicianBack,
    TechnicianLost,
    TerritoryInbound,
)
from models.planning import later, proposals
from models.planning.change import Planning, changed
from models.planning.forgetting import forgotten
from models.planning.turning import turned

Made = tuple[PlanOutbound | Rejection, ...]
Step = tuple[TerritoryState, Made]
P = TypeVar("P", bound=PlanOutbound)

BECAUSE: Mapping[type[TerritoryInbound], Because] = {
    RoutesPlanned: "planned",
    AppointmentCancelled: "cancelled",
    TechnicianLost: "lost",
    PinAppointment: "pinned",
    AcknowledgementChanged: "declined",
}
"""Why the plan changes with such an event."""


def advance(state: TerritoryState, event: TerritoryInbound, cause: Cause, planning: Planning) -> Step:
    """`cause` is the event's place on the log; its index is the first that is free."""
    if isinstance(event, ArrivalPredicted):
        # For others on this log, and too many to do anything for each of them.
        return state, ()
    state = replace(state, clock_ms=max(state.clock_ms, event.time_ms))
    state, due = proposals.expired(state, planning)
    state, begun = turned(state, planning)
    due = (*due, *begun)
    if isinstance(event, Tick):
        after, changes = changed(state, forgotten(state, planning.params), "changed", planning)
        return after, named((*due, *changes), cause)
    step = _decided(state, event, planning)
    if isinstance(step, Rejection):
        return state, (*named(due, cause), step)
    after, made = step
    return after, named((*due, *made), cause)


def named(made: Sequence[PlanOutbound], cause: Cause) -> tuple[PlanOutbound, ...]:
    """What one input made, each with its cause and the name that follows from it."""
    return tuple(
        _named(one, Cause(cause.topic, cause.partition, cause.offset, cause.index + index))
        for index, one in enumerate(made)
    )


def _named(one: P, cause: Cause) -> P:
    name = event_id(
        one.__struct_config__.tag, one.territory, cause.topic, cause.partition, cause.offset, cause.index
    )
    return replace(one, id=name, cause=cause)


def _decided(
    state: TerritoryState, event: TerritoryInbound, planning: Planning
) -> tuple[TerritoryState, tuple[PlanOutbound, ...]] | Rejection:
    match event:
        case AcceptProposal():
            return proposals.accepted(state, event, planning)
        case RejectProposal():
            return proposals.rejected(state, event, planning)
    told = _told_of_its_day(state, event, planning)
    if isinstance(told, Rejection):
        return told
    after, changes = changed(state, told, _because(event), planning)
    after, ends = proposals.outdated(state, after, planning)
    return after, (*ends, *changes)


def _told_of_its_day(
    state: TerritoryState, event: TerritoryInbound, planning: Planning
) -> TerritoryState | Rejection:
    day = later.day_of(state, event, planning)
    if isinstance(day, Rejection):
        return day
    if isinstance(event, AppointmentRequested) and later.is_overtaken(state, event, day):
        return state
    told = _told(later.day_at(state, day), event, planning)
    if isinstance(told, Rejection):
        return told
    after = later.with_day(state, day, told)
    if isinstance(event, AppointmentRequested):
        return later.moved_here(after, event, day)
    return after


def _because(event: TerritoryInbound) -> Because:
    if isinstance(event, LifeChanged) and event.life == "declined":
        return "declined"
    return BECAUSE.get(type(event), "changed")


def _told(state: TerritoryState, event: TerritoryInbound, planning: Planning) -> TerritoryState | Rejection:
    now_ms = state.clock_ms
    match event:
        case AppointmentRequested():
            return facts.requested(state, event, now_ms)
        case AppointmentCancelled():
            return facts.cancelled(state, event, now_ms, planning.params.facts)
        case ShiftPlanned():
            return facts.shift_planned(state, event, now_ms)
        case TechnicianLost():
            return facts.lost(state, event, now_ms)
        case RoutesPlanned():
            return facts.routes_planned(state, event, now_ms)
        case RiskChanged():
            return news.risk_changed(state, event, now_ms)
        case LifeChanged():
            return news.life_changed(state, event, now_ms)
        case TechnicianBack():
            return news.technician_back(state, event)
        case AcknowledgementChanged():
            return news.acknowledgement_changed(state, event, now_ms)
        case PinAppointment():
            return wanted.pinned(state, event)
        case RequestRebalance():
            return wanted.better_plan(state, event, now_ms)
    raise AssertionError(f"nothing is told by {type(event).__name__}")
