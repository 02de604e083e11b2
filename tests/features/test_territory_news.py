"""Risks, lives and acknowledgements as they reach the plan."""

from tests.support.territories import (
    at,
    back,
    cancelled,
    life,
    lost,
    morning,
    pin,
    planned,
    request,
    requested,
    risk,
    stage,
    tick,
)


def test_a_risk_is_kept_and_asks_for_a_better_plan_from_at_risk_on() -> None:
    day = morning()
    day.told(risk("a2", "ana", "WATCH", 10))
    assert day.triggers() == []
    day.told(risk("a2", "ana", "AT_RISK", 11), risk("a2", "ana", "CRITICAL", 12))
    assert day.triggers() == [("risk", ("a2",))]
    known = day.state.risks["a2"]
    assert (known.level, known.raised_ms, known.since_ms) == ("CRITICAL", at(10), at(12))


def test_a_cleared_risk_asks_for_nothing_more() -> None:
    day = morning()
    day.told(risk("a2", "ana", "AT_RISK", 11), risk("a2", "ana", None, 15))
    assert (day.state.risks, day.triggers()) == ({}, [])


def test_a_risk_of_a_technician_who_has_it_no_more_changes_nothing() -> None:
    day = morning()
    day.told(risk("a2", "ben", "LATE", 10))
    assert day.state.risks == {}


def test_an_appointment_that_ends_leaves_route_risks_and_wishes_without_a_new_plan() -> None:
    day = morning()
    day.told(risk("a1", "ana", "AT_RISK", 50), life("a1", "ana", "in_progress", 60))
    assert day.told(life("a1", "ana", "completed", 100)) == []
    assert day.state.routes["ana"] == ("a2", "a3")
    assert (day.state.risks, day.triggers(), day.state.version) == ({}, [], 1)


def test_a_declined_appointment_is_nobodys_and_asks_for_somebody_else() -> None:
    day = morning()
    (changed,) = day.told(life("a2", "ana", "declined", 10))
    assert changed.because == "declined"
    assert [(one.appointment, one.withdrawn) for one in changed.assignments] == [("a2", True)]
    assert day.triggers() == [("acknowledgement", ("a2",))]
    assert day.state.appointments["a2"].declined == ("ana",)
    # The acknowledgement agent says it too.
    assert day.told(stage("a2", "ana", "declined", 11)) == []


def test_an_acknowledgement_that_ran_out_asks_until_it_comes() -> None:
    day = morning()
    day.told(stage("a2", "ana", "overdue", 10), stage("a3", "ana", "unreachable", 10))
    assert day.triggers() == [("acknowledgement", ("a2",)), ("acknowledgement", ("a3",))]
    day.told(stage("a2", "ana", "acknowledged", 12))
    assert day.triggers() == [("acknowledgement", ("a3",))]
    assert day.technician("a3") == "ana"


def test_work_that_somebody_lost_completed_all_the_same_is_done() -> None:
    day = morning()
    day.told(life("a1", "ana", "in_progress", 60), lost("ana", 61), life("a1", "ana", "completed", 62))
    assert day.state.appointments["a1"].life == "completed"
    assert ("technician_lost", ("a1",)) not in day.triggers()


def test_a_word_about_what_has_ended_changes_nothing() -> None:
    day = morning()
    day.told(cancelled("a1", 5))
    before = day.state
    day.told(risk("a1", "ana", "LATE", 5), life("a1", "ana", "en_route", 5), stage("a1", "ana", "overdue", 5))
    assert day.state == before


def test_a_pin_makes_a_version_of_the_plan_and_a_second_one_does_not() -> None:
    day = morning()
    (changed,) = day.told(pin("a2", 5))
    assert (changed.because, changed.version, changed.assignments, changed.routes) == ("pinned", 2, (), ())
    assert day.told(pin("a2", 6)) == []
    assert day.state.appointments["a2"].pinned
    day.told(pin("a2", 7, pinned=False))
    assert (day.state.appointments["a2"].pinned, day.state.version) == (False, 3)


def test_pins_and_requests_of_what_is_not_there_are_refused() -> None:
    day = morning()
    day.told(
        lost("ben", 1), cancelled("a3", 1), pin("x9"), pin("a3"), pin("b1"), request("x9"), request("a3")
    )
    assert [one.detail.split(":")[0] for one in day.refused] == [
        "nothing known -> pinned of appointment 'x9'",
        "appointment 'a3' has ended and can't be pinned",
        "nobody serves appointment 'b1'",
        "nothing known -> released of appointment 'x9'",
        "appointment 'a3' has ended and can't be released",
    ]


def test_yesterday_is_forgotten() -> None:
    day = morning()
    day.told(cancelled("a1", 5), life("a2", "ana", "completed", 100))
    day.told(tick(10 * 60))
    assert sorted(day.state.appointments) == ["a1", "a2", "a3", "b1", "b2"]
    day.told(tick(48 * 60))
    assert (day.state.appointments, day.state.roster, day.state.wishes) == ({}, {}, ())


def test_what_nobody_ended_yesterday_is_in_nobodys_way_today() -> None:
    day = morning()
    day.told(life("a3", "ana", "in_progress", 8 * 60))
    day.told(tick(24 * 60))
    assert day.state.appointments == {}
    assert not any(day.state.routes.values())


def test_an_emergency_that_is_declined_is_an_emergency_still() -> None:
    day = morning()
    day.told(requested("e1", 3, emergency=True))
    day.told(planned(ana=("a1", "a2", "a3", "e1"), ben=("b1", "b2"), cy=()))
    day.told(life("e1", "ana", "declined", 10))
    assert [wish.trigger for wish in day.state.wishes if "e1" in wish.about] == ["emergency"]


def test_whoever_has_set_out_has_taken_it_up() -> None:
    day = morning()
    day.told(stage("a1", "ana", "overdue", 10), life("a1", "ana", "en_route", 12))
    assert (day.state.appointments["a1"].stage, day.triggers()) == ("acknowledged", [])
    day.told(stage("a1", "ana", "unreachable", 13))
    assert (day.state.appointments["a1"].stage, day.triggers()) == ("acknowledged", [])


def test_a_refusal_from_before_it_was_given_once_more_is_about_the_time_before() -> None:
    day = morning()
    day.told(life("a1", "ana", "declined", 10), planned(20, ana=("a1", "a2", "a3")))
    day.told(stage("a1", "ana", "declined", 10))
    assert day.technician("a1") == "ana"


def test_whoever_comes_back_can_be_planned_again() -> None:
    day = morning()
    day.told(lost("ana", 10), back("ana", 15))
    assert day.state.roster["ana"].lost_ms is None
    assert {day.technician(name) for name in ("a1", "a2", "a3")} == {None}
    day.told(planned(20, ana=("a1",)))
    assert (day.refused, day.technician("a1")) == ([], "ana")


def test_a_return_from_before_they_were_lost_is_over() -> None:
    day = morning()
    day.told(lost("ana", 10), back("ana", 9), back("zoe", 9))
    assert day.state.roster["ana"].lost_ms == at(10)
    assert day.refused == []
