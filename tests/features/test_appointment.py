"""The lives of appointments: what may follow what."""

from itertools import product
from typing import get_args

import pytest

from features import appointment
from features.appointment import ENDS, Agenda, Params
from features.events import AssignmentPassed, Life, StatusChanged
from features.rejection import Rejection
from tests.support.days import assignment, at_ms, status

LIVES = get_args(Life)
PARAMS = Params()
Made = list[StatusChanged | AssignmentPassed | Rejection]


def work(*said: tuple[object, ...], params: Params = PARAMS) -> tuple[Agenda, Made]:
    """Statuses as (second, life, appointment), assignments as (second, appointment, options)."""
    agenda, made = {}, []
    for one in said:
        if one[1] in LIVES:
            word = status(*one)
            agenda, more = appointment.tell(agenda, word, word.status, word.time_ms, params)
        else:
            given = assignment(one[0], one[1], **(one[2] if len(one) > 2 else {}))
            agenda, more = appointment.assign(agenda, given, given.time_ms, params)
        made += more
    return agenda, made


def lives(made: Made) -> list[str]:
    return [one.after if isinstance(one, StatusChanged) else type(one).__name__ for one in made]


def test_the_table_names_every_life() -> None:
    assert set(appointment.NEXT) == {*LIVES, None}


def test_a_whole_life_with_every_tap() -> None:
    taps = ["delivered", "acknowledged", "en_route", "on_site", "in_progress", "completed"]
    agenda, made = work((0, "job"), *[(10 + n, life, "job") for n, life in enumerate(taps)])
    assert lives(made) == ["AssignmentPassed", *taps]
    assert not agenda["job"].open


@pytest.mark.parametrize(("first", "second"), [("acknowledged", "in_progress"), ("en_route", "no_access")])
def test_people_forget_to_tap(first: str, second: str) -> None:
    assert lives(work((0, "job"), (1, first, "job"), (2, second, "job"))[1])[1:] == [first, second]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *product(["dispatched", "acknowledged", "en_route"], ["completed", "incomplete"]),
        ("in_progress", "on_site"),
        ("on_site", "en_route"),
        ("en_route", "acknowledged"),
        ("acknowledged", "delivered"),
        *product(["en_route", "on_site", "in_progress"], ["delivered", "declined"]),
        ("in_progress", "no_access"),
    ],
)
def test_back_or_done_before_it_began_is_impossible(before: str, after: str) -> None:
    agenda, made = work((0, before, "job"), (1, after, "job"))
    assert agenda["job"].life == before
    assert made[-1] == Rejection("impossible_transition", f"{before} -> {after} of appointment 'job'")


@pytest.mark.parametrize(("end", "after"), list(product(sorted(ENDS), sorted(LIVES))))
def test_nothing_follows_an_end(end: str, after: str) -> None:
    start = "dispatched" if end in ("cancelled", "declined") else "on_site"
    agenda, made = work((0, start, "job"), (1, end, "job"), (2, after, "job"))
    assert agenda["job"].life == end
    assert lives(made)[2:] == ([] if after == end else ["Rejection"])


@pytest.mark.parametrize("before", ["dispatched", "delivered", "acknowledged"])
def test_what_is_declined_may_be_assigned_again(before: str) -> None:
    agenda, made = work((0, before, "job"), (1, "declined", "job"))
    assert (agenda["job"].open, lives(made)[-1]) == (False, "declined")
    agenda, made = work((0, before, "job"), (1, "declined", "job"), (2, "job"), (3, "delivered", "job"))
    assert (agenda["job"].open, agenda["job"].life) == (True, "delivered")
    assert lives(made)[1:] == ["declined", "AssignmentPassed", "delivered"]


def test_the_same_assignment_again_leaves_declined_what_was() -> None:
    agenda, made = work((0, "job"), (1, "declined", "job"), (0, "job"))
    assert (agenda["job"].open, lives(made)) == (False, ["AssignmentPassed", "declined"])


def test_nobody_declines_what_they_were_not_given() -> None:
    _, made = work((0, "declined", "job"))
    assert made == [Rejection("impossible_transition", "nothing known -> declined of appointment 'job'")]


def test_what_was_delivered_has_still_to_be_departed_for() -> None:
    agenda, _ = work((0, "job", {"depart_by_s": 60}), (1, "delivered", "job"))
    assert appointment.depart_by_ms(agenda) == at_ms(60)


def test_work_that_nobody_assigned_begins_with_its_first_status() -> None:
    agenda, made = work((0, "en_route", "job"))
    assert (made[0].before, made[0].after, agenda["job"].assigned_ms) == (None, "en_route", None)


def test_work_that_nobody_knows_cannot_be_completed() -> None:
    _, made = work((0, "completed", "job"))
    assert made == [Rejection("impossible_transition", "nothing known -> completed of appointment 'job'")]


def test_a_repeated_status_says_nothing_and_an_older_one_is_outdated() -> None:
    said = [(5, "on_site", "job"), (5, "on_site", "job"), (9, "on_site", "job"), (4, "en_route", "job")]
    assert lives(work(*said)[1]) == ["on_site", "Outdated"]


def test_a_repetition_of_an_earlier_tap_at_the_same_time_is_no_error() -> None:
    said = [(5, "en_route", "job"), (5, "on_site", "job"), (5, "en_route", "job")]
    assert lives(work(*said)[1]) == ["en_route", "on_site", "Outdated"]


def test_what_can_never_follow_is_impossible_at_the_same_time_too() -> None:
    assert lives(work((5, "en_route", "job"), (5, "completed", "job"))[1]) == ["en_route", "Rejection"]


def test_work_without_an_appointment_begins_anew_after_its_end() -> None:
    _, made = work((0, "in_progress"), (9, "completed"), (20, "en_route"), (30, "completed"))
    assert lives(made) == ["in_progress", "completed", "en_route", "Rejection"]
    assert made[-1].detail == "en_route -> completed of work without an appointment"
    assert made[0].appointment is None


def test_an_assignment_changed_keeps_the_life() -> None:
    agenda, made = work((0, "job"), (1, "en_route", "job"), (2, "job", {"fence": "site"}))
    assert (agenda["job"].life, agenda["job"].fence) == ("en_route", "site")
    assert lives(made) == ["AssignmentPassed", "en_route", "AssignmentPassed"]


def test_an_assignment_repeated_or_outdated_says_nothing() -> None:
    agenda, made = work((5, "job", {"fence": "b"}), (5, "job", {"fence": "b"}), (4, "job", {"fence": "a"}))
    assert agenda["job"].fence == "b"
    assert len(made) == 1


def test_an_appointment_taken_away_and_given_again_is_dispatched_again() -> None:
    agenda, made = work((0, "job"), (1, "en_route", "job"), (2, "job", {"withdrawn": True}))
    assert not agenda["job"].open
    assert made[-1].assignment.withdrawn
    agenda, _ = work((0, "job"), (1, "en_route", "job"), (2, "job", {"withdrawn": True}), (3, "job"))
    assert (agenda["job"].open, agenda["job"].life) == (True, "dispatched")


def test_a_cancelled_appointment_can_be_assigned_again() -> None:
    agenda, _ = work((0, "job"), (1, "cancelled", "job"), (2, "job"))
    assert agenda["job"].life == "dispatched"


def test_only_the_last_ends_are_remembered() -> None:
    params = Params(remembered_ends=2)
    taps = [(n, life, f"job-{n // 2}") for n, life in enumerate(["on_site", "completed"] * 4)]
    agenda, _ = work((0, "open"), *taps, params=params)
    assert list(agenda) == ["open", "job-2", "job-3"]


def test_an_agenda_never_grows_beyond_its_limit() -> None:
    agenda, _ = work(*[(n, f"job-{n}") for n in range(9)], params=Params(max_appointments=4))
    assert list(agenda) == ["job-5", "job-6", "job-7", "job-8"]


def test_the_next_departure_is_of_who_has_not_arrived() -> None:
    agenda, _ = work(
        (0, "a", {"depart_by_s": 10}),
        (0, "b", {"depart_by_s": 30}),
        (0, "c", {"depart_by_s": 20}),
        (0, "d"),
        (1, "on_site", "a"),
        (2, "c", {"depart_by_s": 20, "withdrawn": True}),
    )
    assert appointment.depart_by_ms(agenda) == at_ms(30)
    assert appointment.depart_by_ms({}) is None


ANSWERED = ((0, "job"), (10, "delivered", "job"), (20, "acknowledged", "job"))


def test_what_is_assigned_once_more_may_be_answered_once_more() -> None:
    again = [(30, "job"), (31, "delivered", "job"), (32, "acknowledged", "job")]
    agenda, made = work(*ANSWERED, *again)
    assert lives(made)[3:] == ["AssignmentPassed", "delivered", "acknowledged"]
    assert (agenda["job"].life, agenda["job"].life_ms) == ("acknowledged", at_ms(32))


@pytest.mark.parametrize("life", ["acknowledged", "declined"])
def test_it_may_be_answered_without_another_delivery(life: str) -> None:
    assert lives(work(*ANSWERED, (30, "job"), (31, life, "job"))[1])[4:] == [life]


def test_each_answer_is_told_once() -> None:
    repeated = [(31, "acknowledged", "job"), (31, "acknowledged", "job"), (33, "acknowledged", "job")]
    assert lives(work(*ANSWERED, (30, "job"), *repeated)[1])[4:] == ["acknowledged"]


def test_a_late_word_about_the_assignment_before_is_judged_by_what_was_known_then() -> None:
    _, made = work(*ANSWERED, (30, "job"), (25, "acknowledged", "job"), (15, "delivered", "job"))
    assert lives(made)[4:] == ["Outdated"]


def test_what_was_taken_away_is_not_answered_once_more() -> None:
    _, made = work(*ANSWERED, (30, "job", {"withdrawn": True}), (31, "acknowledged", "job"))
    assert lives(made)[4:] == []
