"""The schema of what comes in on `territories`, keyed by territory: all that changes the day's plan.

Facts come from an office's systems, conclusions from the risk and acknowledgement agents (these carry
their cause, by which a repetition is told), commands from people.
"""

from typing import Annotated, Literal, final

import msgspec
from msgspec import Meta

from features.events import Cause, Life, Tick
from features.plan import Job, Shift, Skills
from features.wire import Event, Id, Name, TimeMs


class TerritoryEvent(Event, frozen=True, kw_only=True):
    """What all of them say: whose plan it is about, and when it happened."""

    territory: Id
    time_ms: TimeMs


# Facts.


@final
class AppointmentRequested(TerritoryEvent, frozen=True, kw_only=True, tag="appointment_requested"):
    """An appointment of today, or another version of one that is known and has not begun."""

    job: Job


@final
class AppointmentCancelled(TerritoryEvent, frozen=True, kw_only=True, tag="appointment_cancelled"):
    appointment: Id


@final
class ShiftPlanned(TerritoryEvent, frozen=True, kw_only=True, tag="shift_planned"):
    """A technician works in this territory today. Said again, it changes the shift, or brings one back."""

    technician: Id
    shift: Shift
    name: Name = ""
    skills: Skills = ()


@final
class TechnicianLost(TerritoryEvent, frozen=True, kw_only=True, tag="technician_lost"):
    """Out for the rest of the day: what is still ahead on their route needs somebody else.

    An office says so, or, with a cause, our agent that saw them go off shift.
    """

    technician: Id
    reason: Name = ""
    cause: Cause | None = None


@final
class RoutesPlanned(TerritoryEvent, frozen=True, kw_only=True, tag="routes_planned"):
    """The plan that the day begins with: for each technician named, all appointments in their order."""

    routes: dict[Id, tuple[Id, ...]]


# Conclusions of our agents.

Level = Literal["WATCH", "AT_RISK", "CRITICAL", "LATE"]
LEVELS: tuple[Level, ...] = ("WATCH", "AT_RISK", "CRITICAL", "LATE")
"""From mild to worst."""
ReasonKind = Literal[
    "overrun",
    "travel",
    "not_departed",
    "not_acknowledged",
    "no_data",
    "technician_out",
    "nobody",
    "late_predecessor",
    "tight_plan",
]
"""Why an appointment is at risk. `nobody` serves it. `tight_plan` is what the plan itself left no room for."""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """A share of the risk, in minutes of lateness. `appointment` is the one upstream that causes it."""

    kind: ReasonKind
    minutes: float
    appointment: str | None = None


@final
class RiskChanged(TerritoryEvent, frozen=True, kw_only=True, tag="risk_changed"):
    """A risk was raised, changed its level, or was cleared (`level` None); or, at the same level, its figures moved.

    `probability` is that work starts after the window ends, `late_min` the median lateness (negative: slack).
    """

    cause: Cause
    technician: Id
    appointment: Id
    level: Level | None
    before: Level | None = None
    probability: float = 0.0
    late_min: float = 0.0
    reasons: tuple[Reason, ...] = ()


@final
class LifeChanged(TerritoryEvent, frozen=True, kw_only=True, tag="life_changed"):
    """An appointment has come further with its technician. `planned` lives are not told."""

    cause: Cause
    technician: Id
    appointment: Id
    life: Life


@final
class ArrivalPredicted(TerritoryEvent, frozen=True, kw_only=True, tag="arrival_predicted"):
    """When work is expected to start: for whoever tells dispatchers and customers. It changes no plan.

    Said where it has moved, so the last one holds. `for_customer` where it moved so far that they should hear it.
    """

    cause: Cause
    technician: Id
    appointment: Id
    p50_ms: TimeMs
    p80_ms: TimeMs
    p90_ms: TimeMs
    for_customer: bool = False


@final
class TechnicianBack(TerritoryEvent, frozen=True, kw_only=True, tag="technician_back"):
    """On shift again after they were lost."""

    cause: Cause
    technician: Id


Stage = Literal["delivered", "reminded", "acknowledged", "declined", "overdue", "unreachable"]


@final
class AcknowledgementChanged(TerritoryEvent, frozen=True, kw_only=True, tag="acknowledgement_changed"):
    """How an assignment was taken up. `declined`, `overdue` and `unreachable` are for the dispatcher."""

    cause: Cause
    technician: Id
    appointment: Id
    stage: Stage


# Commands of people. `by` is who.


class Command(TerritoryEvent, frozen=True, kw_only=True):
    by: Name = ""


@final
class AcceptProposal(Command, frozen=True, kw_only=True, tag="accept_proposal"):
    proposal: Id


@final
class RejectProposal(Command, frozen=True, kw_only=True, tag="reject_proposal"):
    proposal: Id
    why: Name = ""


@final
class PinAppointment(Command, frozen=True, kw_only=True, tag="pin_appointment"):
    """Keep an appointment with the technician and in the place that it has now; `pinned` false lets it go."""

    appointment: Id
    pinned: bool = True


@final
class RequestRebalance(Command, frozen=True, kw_only=True, tag="request_rebalance"):
    """Look for a better plan now. `appointments` are released from the freeze, where some are named."""

    appointments: Annotated[tuple[Id, ...], Meta(max_length=256)] = ()


TerritoryInbound = (
    AppointmentRequested
    | AppointmentCancelled
    | ShiftPlanned
    | TechnicianLost
    | TechnicianBack
    | RoutesPlanned
    | RiskChanged
    | ArrivalPredicted
    | LifeChanged
    | AcknowledgementChanged
    | AcceptProposal
    | RejectProposal
    | PinAppointment
    | RequestRebalance
    | Tick
)
