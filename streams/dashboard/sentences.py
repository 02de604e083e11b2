"""What happened, in a person's words: signals, risks, acknowledgements, proposals and plans for the feed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from features.events import Conclusion, FenceEvent, MotionChanged, Signal, StatusChanged
from features.plan_events import NoBetterPlan, PlanChanged, PlanOutbound, ProposalClosed, Proposed
from features.territory_events import (
    LEVELS,
    AcceptProposal,
    AcknowledgementChanged,
    AppointmentCancelled,
    AppointmentRequested,
    Level,
    PinAppointment,
    RejectProposal,
    RequestRebalance,
    RiskChanged,
    TechnicianBack,
    TechnicianLost,
    TerritoryInbound,
)
from streams.commands import words
from streams.dashboard.words import LEVEL_WORDS, count, minutes, percent, reason, short_id

Told = Signal | TerritoryInbound | PlanOutbound
"""What the follower hands on: of the territories' log everything but ticks."""

LIVES = {
    "en_route": "is on the way to",
    "on_site": "arrived at",
    "in_progress": "began work at",
    "completed": "finished",
    "incomplete": "left unfinished",
    "no_access": "found nobody at",
    "declined": "declined",
    "off_shift": "ended the shift",
    "on_shift": "began the shift",
    "on_break": "is on a break",
}
STAGES = {
    "reminded": "has not acknowledged {}; reminder sent",
    "declined": "declined {}",
    "overdue": "has not acknowledged {} in time",
    "unreachable": "cannot be reached about {}",
}
TRIGGERS = {
    "risk": "what is at risk",
    "technician_lost": "the lost technician",
    "gap": "the gap",
    "emergency": "the emergency",
    "new_appointment": "the new appointment",
    "acknowledgement": "the missing acknowledgement",
    "request": "the request",
    "outdated": "the changed plan",
}
BECAUSE = {
    "planned": "The day's plan stands",
    "proposal": "The proposal is applied",
    "cancelled": "The plan goes on without what was cancelled",
    "lost": "The plan goes on without who was lost",
    "pinned": "The plan takes up a pin",
    "declined": "The plan goes on without what was declined",
    "changed": "The plan takes up a changed appointment",
}


class Sentence(msgspec.Struct, frozen=True):
    """`technician` and `appointment` are what it links to; `level` colours it where a risk is told."""

    time_ms: int
    text: str
    technician: str | None = None
    appointment: str | None = None
    level: str = ""


Names = Mapping[str, str]


def sentence(told: Told, names: Names, planned_ms: Mapping[str, int | None]) -> Sentence | None:
    """None for what nobody watches. `names` of technicians and fences, `planned_ms` starts by appointment."""
    if isinstance(told, Signal):
        return _signal(told, names, planned_ms)
    said = _plan(told) if isinstance(told, PLANS) else _territory(told, names)
    if said is None:
        return None
    return Sentence(time_ms=told.time_ms, text=said, **_links(told))


PLANS = (Proposed, NoBetterPlan, ProposalClosed, PlanChanged)


def _signal(signal: Signal, names: Names, planned_ms: Mapping[str, int | None]) -> Sentence | None:
    event = signal.event
    if signal.retracts is not None:
        return None
    if isinstance(event, StatusChanged):
        said = _status(event, names, planned_ms)
        return None if said is None else Sentence(event.time_ms, said, event.technician, event.appointment)
    if _known_otherwise(event):
        return None
    said = words.tell(event, names)
    return None if said is None else Sentence(event.time_ms, said, event.technician)


def _known_otherwise(event: Conclusion) -> bool:
    """Arrivals at a customer's are told by the appointment's life; a short silence is nothing to act on."""
    if isinstance(event, FenceEvent):
        return event.kind == "customer_site" and event.event in ("entered", "exited")
    return isinstance(event, MotionChanged) and event.motion == "NO_DATA"


def _status(event: StatusChanged, names: Names, planned_ms: Mapping[str, int | None]) -> str | None:
    said = LIVES.get(event.after)
    if said is None or (
        event.appointment is None and event.after not in ("off_shift", "on_shift", "on_break")
    ):
        return None
    who = names.get(event.technician) or event.technician
    if event.appointment is None:
        return f"{who} {said}"
    about = f"{who} {said} {short_id(event.appointment)}"
    if event.after in ("on_site", "in_progress"):
        about += _against_plan(event.time_ms, planned_ms.get(event.appointment))
    return about + (" (as telemetry sees it)" if event.inferred else "")


def _against_plan(time_ms: int, planned: int | None) -> str:
    if planned is None:
        return ""
    apart = round((time_ms - planned) / 60_000)
    if abs(apart) < 2:
        return ", on time"
    return f", {abs(apart)} min {'late' if apart > 0 else 'early'}"


def _plan(told: PlanOutbound) -> str | None:
    match told:
        case Proposed(proposal=proposal):
            return f"Proposal: {proposal.summary}"
        case NoBetterPlan(trigger=trigger):
            return f"No better plan for {TRIGGERS[trigger]}"
        case ProposalClosed(outcome="accepted" | "rejected" as outcome, by=by, why=why):
            return f"Proposal {outcome}" + (f" by {by}" if by else "") + (f": {why}" if why else "")
        case ProposalClosed(outcome=outcome):
            return f"The proposal {'expired' if outcome == 'expired' else 'is outdated'}"
        case PlanChanged():
            changed = count(len(told.routes), "route")
            return f"{BECAUSE[told.because]}: version {told.version}, {changed} changed"
    return None


def _territory(told: TerritoryInbound, names: Names) -> str | None:
    match told:
        case RiskChanged():
            return _risk(told, names)
        case AcknowledgementChanged(stage=stage) if stage in STAGES:
            return f"{_who(told, names)} {STAGES[stage].format(short_id(told.appointment))}"
        case AppointmentRequested(job=job) if job.emergency:
            return f"Emergency: {job.title or short_id(job.appointment)}"
        case AppointmentCancelled():
            return f"{short_id(told.appointment)} was cancelled"
        case TechnicianLost():
            return f"{_who(told, names)} is out for the day" + (f": {told.reason}" if told.reason else "")
        case TechnicianBack():
            return f"{_who(told, names)} is back on shift"
        case AcceptProposal(by=by):
            return f"{_by(by)} accepted the proposal"
        case RejectProposal(by=by, why=why):
            return f"{_by(by)} rejected the proposal" + (f": {why}" if why else "")
        case PinAppointment(by=by, pinned=pinned):
            return f"{_by(by)} {'pinned' if pinned else 'let go of'} {short_id(told.appointment)}"
        case RequestRebalance(by=by):
            return f"{_by(by)} asked for a better plan"
    return None


def _risk(told: RiskChanged, names: Names) -> str | None:
    """Nothing of what is only watched, or of figures that moved: there the list is enough."""
    now, before = _rank(told.level), _rank(told.before)
    if now == before or max(now, before) < _rank("AT_RISK"):
        return None
    short, who = short_id(told.appointment), _who(told, names)
    if told.level is None:
        return f"{short} with {who} is on time again"
    if before > now:
        return f"{short} with {who} is only {LEVEL_WORDS[told.level]} now, {percent(told.probability)}"
    if told.level == "LATE":
        return f"{short} is late: its window has closed and {who} is not there"
    because = f": {reason(told.reasons[0])}" if told.reasons else f", median {minutes(told.late_min)}"
    return f"{short} with {who} is {LEVEL_WORDS[told.level]}, {percent(told.probability)}{because}"


def _rank(level: Level | None) -> int:
    return -1 if level is None else LEVELS.index(level)


def _who(told: Any, names: Names) -> str:
    return names.get(told.technician) or str(told.technician)


def _by(name: str) -> str:
    return name[:1].upper() + name[1:] if name else "Somebody"


def _links(told: TerritoryInbound | PlanOutbound) -> dict[str, Any]:
    """What a sentence is about."""
    links: dict[str, Any] = {
        "technician": getattr(told, "technician", None),
        "appointment": getattr(told, "appointment", None),
    }
    if isinstance(told, AppointmentRequested):
        links["appointment"] = told.job.appointment
    if isinstance(told, Proposed) and told.proposal.about:
        links["appointment"] = told.proposal.about[0]
    if isinstance(told, RiskChanged) and told.level is not None:
        links["level"] = told.level.lower().replace("_", "-")
    return links
