"""What the report on a day says of its risks and decisions."""

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace

import pytest

from features.events import Cause
from features.plan_events import Move, Proposal, ProposalClosed, Proposed
from features.territory_events import Level, Reason, RiskChanged
from streams.day_report import Collected, report
from streams.simulator.lateness import lateness
from streams.simulator.unaided import lived
from streams.simulator.world import SimulatorParams, World, sized

MINUTE_MS = 60_000
LIVING = lived(World(7, sized(SimulatorParams(), 2)), date(2026, 3, 3), 60 * MINUTE_MS)
APPOINTMENT = next(iter(LIVING.today.planned.values())).appointment


class Stepped:
    """What a report asks of a day that went through a system."""

    living = LIVING
    pings = 10

    def counts(self) -> Mapping[str, int]:
        return {"kept": 8, "dropped.late": 2}

    def letters(self) -> list[SimpleNamespace]:
        return []


def risk(minutes_ahead: float, level: Level | None, offset: int) -> RiskChanged:
    return RiskChanged(
        territory=APPOINTMENT.territory,
        time_ms=APPOINTMENT.window_end_ms - round(minutes_ahead * MINUTE_MS),
        cause=Cause("s", 0, offset, 0),
        technician="tech-01",
        appointment=APPOINTMENT.appointment,
        level=level,
        reasons=(Reason("overrun", float(offset), "another"),),
    )


def proposal(name: str, *moves: tuple[str | None, str | None]) -> Proposed:
    made = Proposal(
        proposal=name,
        territory="north",
        base_version=1,
        made_ms=1,
        expires_ms=2,
        trigger="risk",
        about=(),
        summary="",
        routes={},
        moves=tuple(
            Move(appointment=f"{n}", before_technician=before, after_technician=after)
            for n, (before, after) in enumerate(moves)
        ),
        saves_min=1.0,
        price_min=0.0,
        driving_min=0.0,
        better_share=1.0,
        samples=1,
        source="moves",
    )
    return Proposed(id=name, territory="north", time_ms=1, cause=Cause("t", 0, 1, 0), proposal=made)


def said(collected: Collected) -> dict[str, object]:
    return report(Stepped(), collected, lateness(LIVING.today, LIVING.truth), 0.0)


def test_a_risk_is_told_at_its_worst_and_from_when_it_was_first_known() -> None:
    collected = Collected()
    collected.risks = [
        risk(200, "WATCH", 1),
        risk(90, "CRITICAL", 2),
        risk(30, "AT_RISK", 3),
        risk(5, None, 4),
    ]
    (told,) = said(collected)["risks"]
    assert (told["appointment"], told["level"]) == (APPOINTMENT.appointment, "CRITICAL")
    assert told["lead_min"] == pytest.approx(200, abs=0.1)
    assert told["reasons"] == [{"kind": "overrun", "minutes": 2.0, "appointment": "another"}]


def test_only_what_was_accepted_counts_as_a_change() -> None:
    collected = Collected()
    closed = ProposalClosed(
        id="c", territory="north", time_ms=2, cause=Cause("t", 0, 2, 0), proposal="p", outcome="accepted"
    )
    collected.plans = [
        proposal("p", ("ada", "bo"), ("ada", "ada"), (None, "bo")),
        proposal("q", ("ada", "bo")),
        closed,
    ]
    told = said(collected)
    assert (told["proposals"], told["accepted"], told["technician_changes_a_plan"]) == (2, 1, 1.0)


def test_a_day_on_which_nothing_is_decided_saves_nothing() -> None:
    told = said(Collected())
    assert told["late_minutes_accepting"] == told["late_minutes_ignoring"]
    assert told["unserved_accepting"] == told["unserved_ignoring"]
    assert told["on_time"] <= told["appointments"] == len(lateness(LIVING.today, LIVING.truth).minutes)
    assert (told["risks"], told["risk_lead_min"], told["technician_changes_a_plan"]) == ([], None, None)
    assert told["pings_in"] == told["pings_kept"] + sum(told["pings_dropped"].values())
