"""What the demo learns of its day, in numbers and words."""

import pytest

from features.events import Assignment, AssignmentPassed, Cause, StatusChanged
from features.plan import Job
from features.plan_events import Outcome, Proposal, ProposalClosed, Proposed
from features.territory_events import AppointmentRequested, Level, Reason, RiskChanged, RoutesPlanned
from features.wire import Place
from streams.commands.watch import Watch
from streams.simulator.stream import Delivery

NOW_MS = 1_772_546_400_000


def watch() -> Watch:
    job = Job(
        appointment="a",
        place=Place(33.0, -112.0),
        window_start_ms=NOW_MS,
        window_end_ms=NOW_MS,
        title="Repair · Customer 12",
    )
    said = (
        AppointmentRequested(territory="north", time_ms=NOW_MS, job=job),
        RoutesPlanned(territory="north", time_ms=NOW_MS, routes={"ada": ("a", "b"), "bo": ("c",)}),
    )
    return Watch(
        "A demo", [], [Delivery(NOW_MS, "territories", "north", one) for one in said], "http://here/"
    )


def risk(level: Level | None, appointment: str = "a") -> RiskChanged:
    return RiskChanged(
        territory="north",
        time_ms=NOW_MS,
        cause=Cause("s", 0, 1, 0),
        technician="ada",
        appointment=appointment,
        level=level,
        reasons=(Reason("late_predecessor", 12.0),) if level else (),
    )


def proposed() -> Proposed:
    proposal = Proposal(
        proposal="p",
        territory="north",
        base_version=1,
        made_ms=NOW_MS,
        expires_ms=NOW_MS + 1,
        trigger="risk",
        about=("a",),
        summary="Give Repair · Customer 12 to Bo",
        routes={},
        moves=(),
        saves_min=1.0,
        price_min=0.0,
        driving_min=0.0,
        better_share=1.0,
        samples=1,
        source="moves",
    )
    return Proposed(id="i", territory="north", time_ms=NOW_MS, cause=Cause("t", 0, 1, 0), proposal=proposal)


def closed(outcome: Outcome, by: str = "") -> ProposalClosed:
    cause = Cause("t", 0, 2, 0)
    return ProposalClosed(
        id="c", territory="north", time_ms=NOW_MS, cause=cause, proposal="p", outcome=outcome, by=by
    )


def given(appointment: str, technician: str, *, withdrawn: bool = False) -> AssignmentPassed:
    assignment = Assignment(
        technician=technician, time_ms=NOW_MS, appointment=appointment, withdrawn=withdrawn
    )
    return AssignmentPassed(technician, NOW_MS, assignment)


def test_an_appointment_at_risk_is_told_by_its_name_and_with_the_first_reason() -> None:
    seen = watch()
    told = seen.hear_of_plans([], [risk("AT_RISK"), risk(None)])
    assert [said for _, said in told] == [
        "Repair · Customer 12 is at risk (late predecessor)",
        "Repair · Customer 12 is safe again",
    ]
    assert seen.at_risk == 0


def test_what_is_only_watched_is_not_told() -> None:
    seen = watch()
    assert seen.hear_of_plans([], [risk("WATCH"), risk(None)]) == []
    seen.hear_of_plans([], [risk("WATCH"), risk("LATE", "b")])
    assert seen.at_risk == 1


@pytest.mark.parametrize(("outcome", "accepted"), [("accepted", 1), ("rejected", 0), ("expired", 0)])
def test_a_proposal_waits_until_it_is_closed(outcome: Outcome, accepted: int) -> None:
    seen = watch()
    ((_, said),) = seen.hear_of_plans([proposed()], [])
    assert said == "proposed: Give Repair · Customer 12 to Bo"
    assert list(seen.waiting) == ["p"]
    ((_, said),) = seen.hear_of_plans([closed(outcome, "Kim")], [])
    assert said == f"a proposal was {outcome} by Kim"
    assert (len(seen.waiting), seen.accepted) == (0, accepted)


def test_appointments_count_for_whoever_has_them() -> None:
    seen = watch()
    assert seen.planned == {"ada": 2, "bo": 1}
    seen.hear([given("b", "ada", withdrawn=True), given("b", "bo"), given("new", "bo")])
    assert seen.planned == {"ada": 1, "bo": 3}
    seen.hear([StatusChanged("bo", NOW_MS, "in_progress", "completed", "b")])
    assert (seen.done["bo"], seen.done.total()) == (1, 1)
