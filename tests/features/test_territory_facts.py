"""What an office says of a day: what follows from it, and what is refused with which words."""

import pytest

from features.territory_events import TerritoryInbound
from models.planning.params import Params
from tests.support.territories import (
    NORTH,
    Day,
    at,
    cancelled,
    job,
    life,
    lost,
    morning,
    pin,
    planned,
    requested,
    shift,
    stage,
    tick,
)


def test_a_new_appointment_waits_for_somebody() -> None:
    day = morning()
    day.told(requested("n1", 3, minutes=5))
    assert day.technician("n1") is None
    assert day.triggers() == [("new_appointment", ("n1",))]


def test_an_emergency_waits_as_one() -> None:
    day = morning()
    day.told(requested("e1", 1, minutes=5, emergency=True))
    assert day.triggers() == [("emergency", ("e1",))]


def test_the_same_request_again_changes_nothing() -> None:
    day = morning()
    before = day.state
    assert day.told(requested("a1", 1)) == []
    assert day.state == before


def test_another_version_is_told_to_whoever_has_it() -> None:
    day = morning()
    (changed,) = day.told(requested("a2", 2, minutes=5, title="Bring the long ladder"))
    assert [(one.appointment, one.title, one.withdrawn) for one in changed.assignments] == [
        ("a2", "Bring the long ladder", False)
    ]
    assert changed.because == "changed"
    assert day.triggers() == [("new_appointment", ("a2",))]


def test_another_window_is_another_promise_within_it() -> None:
    day = morning()
    (changed,) = day.told(requested("a2", 4, minutes=5))
    assert [one.planned_start_ms for one in changed.assignments] == [at(240)]
    assert (day.state.appointments["a2"].planned_start_ms, day.state.appointments["a2"].promises) == (
        at(240),
        0,
    )


def test_another_version_that_its_technician_cannot_do_waits_for_somebody_else() -> None:
    day = morning()
    (changed,) = day.told(requested("a2", 2, minutes=5, skills=("gas",)))
    assert [(one.technician, one.appointment, one.withdrawn) for one in changed.assignments] == [
        ("ana", "a2", True)
    ]
    assert day.technician("a2") is None
    assert day.state.routes["ana"] == ("a1", "a3")


def test_a_cancelled_appointment_leaves_the_route_and_is_withdrawn() -> None:
    day = morning()
    (changed,) = day.told(cancelled("a2", 5))
    assert (changed.because, changed.version) == ("cancelled", 2)
    assert [(one.technician, one.appointment, one.withdrawn) for one in changed.assignments] == [
        ("ana", "a2", True)
    ]
    assert [(one.technician, one.stops) for one in changed.routes] == [("ana", ("a1", "a3"))]


@pytest.mark.parametrize(("work_min", "wishes"), [(29.0, []), (30.0, [("gap", ("ana",))])])
def test_half_an_hour_that_is_free_is_worth_a_look(work_min: float, wishes: list[object]) -> None:
    day = Day(Params())
    day.told(shift("ana"), requested("a1", work_min=work_min), planned(ana=["a1"]), cancelled("a1", 5))
    assert day.triggers() == wishes


def test_cancelled_twice_is_cancelled_once() -> None:
    day = morning()
    day.told(cancelled("a1", 5))
    before = day.state
    assert day.told(cancelled("a1", 5)) == []
    assert day.state == before


def test_what_was_cancelled_can_be_asked_for_again() -> None:
    day = morning()
    day.told(cancelled("a2", 5), requested("a2", 2, minutes=10))
    assert ("new_appointment", ("a2",)) in day.triggers()
    assert day.state.appointments["a2"].cancelled_ms is None


def test_whoever_is_lost_has_all_that_is_open_withdrawn_also_what_they_are_at() -> None:
    day = morning()
    day.told(life("a1", "ana", "completed", 60), life("a2", "ana", "in_progress", 70))
    (changed,) = day.told(lost("ana", 80))
    assert changed.because == "lost"
    assert [(one.appointment, one.withdrawn) for one in changed.assignments] == [("a2", True), ("a3", True)]
    assert [(one.technician, one.stops) for one in changed.routes] == [("ana", ())]
    assert day.triggers() == [("technician_lost", ("a2",)), ("technician_lost", ("a3",))]


def test_whoever_is_lost_twice_is_lost_once() -> None:
    day = morning()
    day.told(lost("ana", 5))
    assert day.told(lost("ana", 6)) == []
    assert day.state.roster["ana"].lost_ms is not None


def test_a_shift_said_again_brings_somebody_back() -> None:
    day = morning()
    day.told(lost("ana", 5), shift("ana", minutes=30))
    assert day.state.roster["ana"].lost_ms is None


def test_another_shift_is_told_with_the_route() -> None:
    day = morning()
    (changed,) = day.told(shift("ana", minutes=5, hours=7))
    assert [(one.technician, one.stops) for one in changed.routes] == [("ana", ("a1", "a2", "a3"))]
    assert changed.assignments == ()


def test_the_plan_of_the_day_tells_everybody_in_it() -> None:
    day = morning()
    (changed,) = day.made
    assert (changed.because, changed.version) == ("planned", 1)
    assert [one.appointment for one in changed.assignments] == ["a1", "a2", "a3", "b1", "b2"]
    assert [(one.technician, one.stops) for one in changed.routes] == [
        ("ana", ("a1", "a2", "a3")),
        ("ben", ("b1", "b2")),
        ("cy", ()),
    ]
    assert day.triggers() == []


def test_a_plan_said_again_makes_no_new_version() -> None:
    day = morning()
    assert day.told(planned(5, ana=["a1", "a2", "a3"], ben=["b1", "b2"])) == []
    assert day.state.version == 1


def test_what_a_new_plan_leaves_out_waits_for_somebody() -> None:
    day = morning()
    (changed,) = day.told(planned(5, ben=["b1", "a3", "b2"], ana=["a1"]))
    assert day.state.routes == {"ana": ("a1",), "ben": ("b1", "a3", "b2"), "cy": ()}
    assert day.triggers() == [("new_appointment", ("a2",))]
    assert {(one.technician, one.appointment) for one in changed.assignments if one.withdrawn} == {
        ("ana", "a2"),
        ("ana", "a3"),
    }


def test_a_long_plan_is_told_in_parts_of_one_version() -> None:
    day = Day(Params(assignments_max=3))
    day.told(*(shift(who) for who in ("ana", "ben", "cy")))
    day.told(*(requested(f"j{n}", 1 + n / 10) for n in range(7)))
    parts = day.told(planned(ana=["j0", "j1"], ben=["j2", "j3", "j4", "j5"], cy=["j6"]))
    assert [[one.technician for one in part.routes] for part in parts] == [["ana"], ["ben"], ["cy"]]
    assert {part.version for part in parts} == {1}
    assert [part.cause.index for part in parts] == [0, 1, 2]
    assert len({part.id for part in parts}) == 3


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (cancelled("x9"), "nothing known -> cancelled of appointment 'x9'"),
        (cancelled("a1"), "appointment 'a1' has ended (completed)"),
        (requested("a1", 1, title="another"), "appointment 'a1' is completed and can't be changed"),
        (requested("a2", 2, title="another"), "appointment 'a2' is in_progress and can't be changed"),
        (requested("a3", 3, minutes=5), "appointment 'a3' was cancelled since"),
        (lost("zoe"), "technician 'zoe' does not work in 'north' today, but ana, ben, cy"),
        (planned(ana=["a2", "b1", "b1"]), "appointment 'b1' is 2 times in the plan"),
        (planned(ana=["a2", "b1"], ben=["b1"]), "appointment 'b1' is 2 times in the plan"),
        (planned(zoe=["b1"]), "technician 'zoe' does not work in 'north'"),
        (planned(cy=["x9"]), "nothing known -> planned of appointment 'x9'"),
        (planned(cy=["a1"]), "appointment 'a1' has ended (completed)"),
        (planned(cy=["g1"]), "technician 'cy' has no skill gas for appointment 'g1'"),
        (planned(cy=["a2"]), "appointment 'a2' is in_progress with 'ana': leave it on their route"),
        (planned(ana=[]), "appointment 'a2' is in_progress with 'ana': leave it on their route"),
        (planned(cy=["b1"]), "appointment 'b1' is pinned with 'ben': leave it on their route"),
        (planned(ben=["b2"]), "appointment 'b1' is pinned with 'ben': leave it on their route"),
        (life("x9", "ana", "on_site"), "nothing known -> on_site of appointment 'x9'"),
        (stage("x9", "ana", "overdue"), "nothing known -> overdue of appointment 'x9'"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(said: TerritoryInbound, why: str) -> None:
    day = morning()
    day.told(
        life("a1", "ana", "completed", 60),
        life("a2", "ana", "in_progress", 70),
        cancelled("a3", 71),
        requested("g1", 3, minutes=72, skills=("gas",)),
        pin("b1", 72),
    )
    before = day.state
    (refused,) = day.told(said)
    assert why in refused.detail
    assert day.state == before


def test_a_technician_who_is_out_cannot_be_planned() -> None:
    day = morning()
    day.told(lost("ben", 5))
    (refused,) = day.told(planned(6, ben=["b1"]))
    assert "technician 'ben' is out today" in refused.detail


def test_a_window_or_a_shift_that_ends_before_it_begins_is_refused() -> None:
    day = morning()
    odd = requested("n1", 2)
    wrong = job("n1", 2)
    backwards = type(wrong)(
        appointment="n1",
        place=wrong.place,
        window_start_ms=wrong.window_end_ms,
        window_end_ms=wrong.window_start_ms,
    )
    day.told(type(odd)(territory=NORTH, time_ms=odd.time_ms, job=backwards), shift("dan", hours=-1))
    assert [one.detail.split(":")[0] for one in day.refused] == [
        "the window of appointment 'n1' ends before it begins",
        "the shift of technician 'dan' ends before it begins",
    ]


def test_what_was_overtaken_on_its_way_changes_nothing() -> None:
    day = morning()
    day.told(requested("a2", 2, minutes=9, title="Second"), shift("ana", minutes=9, hours=10))
    before = day.state
    day.told(requested("a2", 2, minutes=5, title="First"), shift("ana", minutes=5, hours=11))
    assert day.state == before
    assert day.refused == []


def test_what_was_said_once_more_overtakes_what_was_said_in_between() -> None:
    day = morning()
    day.told(requested("a2", 2, minutes=3), requested("a2", 2, minutes=9), shift("ana", minutes=9))
    day.told(requested("a2", 2, minutes=5, title="Between"), shift("ana", minutes=5, hours=11))
    assert day.state.appointments["a2"].job.title == ""
    assert day.state.roster["ana"].shift == shift("ana").shift


def test_a_cancellation_from_before_it_was_asked_for_again_is_over() -> None:
    day = morning()
    day.told(requested("a1", 1, minutes=9, title="After all"), cancelled("a1", 5))
    assert day.technician("a1") == "ana"


def test_a_loss_from_before_they_were_brought_back_is_over() -> None:
    day = morning()
    day.told(lost("ana", 5), shift("ana", minutes=8), planned(9, ana=("a1",)), lost("ana", 5))
    assert day.state.roster["ana"].lost_ms is None
    assert day.technician("a1") == "ana"


def test_a_cancellation_counts_from_when_it_was_said() -> None:
    day = morning()
    day.told(tick(20), cancelled("a1", 5), requested("a1", 1, minutes=10))
    assert day.refused == []
    assert day.state.appointments["a1"].unserved
