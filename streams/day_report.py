"""The report on a day that was decided: what was detected of what was true, what was at risk, what it saved."""

import time
from collections.abc import Iterable
from statistics import mean, median
from typing import Any

from features.events import Signal
from features.plan_events import NoBetterPlan, PlanOutbound, ProposalClosed, Proposed
from features.territory_events import LEVELS, RiskChanged
from streams.day_news import News
from streams.lockstep import Lockstep
from streams.replay import dropped
from streams.simulator.lateness import Lateness, lateness
from streams.simulator.score import score

OF_STATUSES = "impossible_transition"
"""Why a status is refused; all other reasons are pings'."""


class Collected:
    """Everything that came back during a day."""

    def __init__(self) -> None:
        self.signals: list[Signal] = []
        self.plans: list[PlanOutbound] = []
        self.risks: list[RiskChanged] = []

    def hear(self, news: News) -> None:
        self.signals += news.signals
        self.plans += news.plans
        self.risks += news.risks


def report(stepped: Lockstep, collected: Collected, ignoring: Lateness, started: float) -> dict[str, Any]:
    """Figures for a person and for checks. `started` is of `time.perf_counter`, `ignoring` of the same day
    without decisions."""
    living, counts = stepped.living, stepped.counts()
    accepting, lost = lateness(living.today, living.truth), dropped(counts)
    ends = {name: one.appointment.window_end_ms for name, one in living.today.planned.items()}
    risks = [_risk(name, events, ends[name]) for name, events in _by_appointment(collected.risks).items()]
    closed = [one.outcome for one in collected.plans if isinstance(one, ProposalClosed)]
    return {
        "seed": living.world.seed,
        "technicians": len(living.world.fleet),
        "pings_in": stepped.pings,
        "pings_kept": counts.get("kept", 0),
        "pings_dropped": {why: count for why, count in lost.items() if why != OF_STATUSES},
        "statuses_refused": lost.get(OF_STATUSES, 0),
        "dead_letters": len(stepped.letters()),
        **score(living.truth, collected.signals).report(),
        "appointments": len(accepting.minutes),
        "on_time": accepting.on_time,
        "risks": risks,
        "risk_lead_min": round(median(one["lead_min"] for one in risks), 1) if risks else None,
        "proposals": sum(isinstance(one, Proposed) for one in collected.plans),
        "accepted": closed.count("accepted"),
        "expired": closed.count("expired"),
        "no_better_plan": sum(isinstance(one, NoBetterPlan) for one in collected.plans),
        "technician_changes_a_plan": _changes(collected.plans),
        "late_minutes_accepting": round(accepting.total_min, 1),
        "late_minutes_ignoring": round(ignoring.total_min, 1),
        "unserved_accepting": len(accepting.unserved),
        "unserved_ignoring": len(ignoring.unserved),
        "wall_s": round(time.perf_counter() - started, 1),
    }


def _changes(plans: Iterable[PlanOutbound]) -> float | None:
    """How many appointments that were somebody's get another technician, in the mean over what was accepted."""
    accepted = {
        one.proposal for one in plans if isinstance(one, ProposalClosed) and one.outcome == "accepted"
    }
    made = [one.proposal for one in plans if isinstance(one, Proposed)]
    changes = [
        sum(
            move.before_technician is not None and move.before_technician != move.after_technician
            for move in proposal.moves
        )
        for proposal in made
        if proposal.proposal in accepted
    ]
    return round(mean(changes), 2) if changes else None


def _by_appointment(risks: Iterable[RiskChanged]) -> dict[str, list[RiskChanged]]:
    """In order of their time, those that were ever at some level."""
    found: dict[str, list[RiskChanged]] = {}
    for one in sorted(risks, key=lambda one: (one.time_ms, one.cause)):
        if one.level is not None:
            found.setdefault(one.appointment, []).append(one)
    return found


def _risk(appointment: str, events: list[RiskChanged], window_end_ms: int) -> dict[str, Any]:
    """Its worst level with the reasons given then; `lead_min` from when it was first raised to the window's end."""
    worst = max(events, key=lambda one: LEVELS.index(one.level or "WATCH"))
    return {
        "appointment": appointment,
        "technician": worst.technician,
        "level": worst.level,
        "raised_ms": events[0].time_ms,
        "lead_min": round((window_end_ms - events[0].time_ms) / 60_000, 1),
        "probability": round(worst.probability, 3),
        "reasons": [
            {"kind": one.kind, "minutes": round(one.minutes, 1), "appointment": one.appointment}
            for one in worst.reasons
        ],
    }
