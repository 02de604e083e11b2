"""How assignments are taken up: every limit as a small scene. Minutes of one day."""

import pytest

from features.acknowledgement import AcknowledgementState, Params, advance
from features.events import Located
from tests.support.asking import PARAMS, after, at, duty, said, sent, shift, ticks, told

EVERY_MINUTE = ticks(*range(1, 60))


def test_an_assignment_is_delivered_and_acknowledged() -> None:
    state, heard = after(sent(0), said(1, "delivered"), said(3, "acknowledged"), *ticks(10, 20, 500))
    assert heard == [(1, "delivered", "job"), (3, "acknowledged", "job")]
    assert state.due_ms is None


def test_it_may_be_declined_also_after_it_was_acknowledged() -> None:
    heard = told(sent(0), said(1, "delivered"), said(2, "acknowledged"), said(9, "declined"), *ticks(60))
    assert heard[-1] == (9, "declined", "job")


def test_there_is_a_reminder_at_half_of_the_limit_and_then_the_dispatcher_hears_of_it_once() -> None:
    assert told(sent(0), said(1, "delivered"), *EVERY_MINUTE) == [
        (1, "delivered", "job"),
        (9, "asks", "job"),
        (9, "reminded", "job"),
        (16, "overdue", "job"),
    ]


def test_what_starts_within_the_hour_is_asked_for_within_5_minutes() -> None:
    heard = told(sent(0, start=60), said(0, "delivered"), *ticks(2, 3, 4, 5))
    assert [(minute, stage) for minute, stage, _ in heard] == [
        (0, "delivered"),
        (3, "asks"),
        (3, "reminded"),
        (5, "overdue"),
    ]


def test_an_emergency_is_asked_for_within_2_minutes_whenever_it_starts() -> None:
    heard = told(sent(0, start=300, emergency=True), said(0, "delivered"), *ticks(0.9, 1, 1.9, 2))
    assert [(minute, stage) for minute, stage, _ in heard] == [
        (0, "delivered"),
        (1, "asks"),
        (1, "reminded"),
        (2, "overdue"),
    ]


def test_the_limit_is_that_of_the_delivery_not_of_the_sending() -> None:
    # Sent 65 minutes before its start, delivered 60 minutes before.
    heard = told(sent(0, start=65), said(5, "delivered"), *ticks(7, 8, 9, 10))
    assert heard[-1] == (10, "overdue", "job")


@pytest.mark.parametrize(("emergency", "minutes"), [(False, 10), (True, 2)])
def test_what_is_not_delivered_is_unreachable(emergency: bool, minutes: float) -> None:
    heard = told(sent(0, emergency=emergency), *ticks(minutes - 0.1, minutes, minutes + 20))
    assert heard == [(minutes, "unreachable", "job")]


def test_who_is_reached_after_all_has_the_whole_limit() -> None:
    heard = told(sent(0), *ticks(10), said(30, "delivered"), *ticks(37, 38, 44, 45))
    assert heard == [
        (10, "unreachable", "job"),
        (30, "delivered", "job"),
        (38, "asks", "job"),
        (38, "reminded", "job"),
        (45, "overdue", "job"),
    ]


def test_an_answer_that_comes_too_late_is_told_all_the_same() -> None:
    heard = told(sent(0), said(1, "delivered"), *EVERY_MINUTE, said(70, "acknowledged"))
    assert heard[-2:] == [(16, "overdue", "job"), (70, "acknowledged", "job")]


@pytest.mark.parametrize("life", ["en_route", "on_site", "in_progress"])
def test_who_is_at_it_knows_of_it(life: str) -> None:
    heard = told(sent(0), said(4, life), *EVERY_MINUTE)
    assert heard == [(4, "acknowledged", "job")]


@pytest.mark.parametrize("life", ["en_route", "on_site"])
def test_nothing_is_acknowledged_on_somebody_s_behalf(life: str) -> None:
    # What was inferred ends the asking, and no more.
    assert told(sent(0), said(4, life, inferred=True), *EVERY_MINUTE) == []
    heard = told(sent(0), said(1, "delivered"), said(4, "acknowledged", inferred=True), *EVERY_MINUTE)
    assert "acknowledged" not in [stage for _, stage, _ in heard]
    assert heard[-1] == (16, "overdue", "job")


@pytest.mark.parametrize("life", ["cancelled", "completed", "no_access"])
def test_what_has_ended_is_not_asked_for(life: str) -> None:
    assert told(sent(0), said(4, life), *EVERY_MINUTE) == []


def test_what_is_withdrawn_is_not_asked_for() -> None:
    state, heard = after(sent(0), said(1, "delivered"), sent(2, withdrawn=True), *EVERY_MINUTE)
    assert heard == [(1, "delivered", "job")]
    assert state == AcknowledgementState("ana")


def test_a_withdrawal_of_what_nobody_knows_changes_nothing() -> None:
    state = AcknowledgementState("ana")
    assert advance(state, sent(0, withdrawn=True), PARAMS) == (state, ())


def test_what_comes_back_is_asked_for_anew() -> None:
    answered = [sent(0), said(1, "delivered"), said(2, "acknowledged"), sent(3, withdrawn=True)]
    heard = told(*answered, sent(20), said(21, "delivered"), *ticks(40))
    assert heard[2:] == [
        (21, "delivered", "job"),
        (40, "asks", "job"),
        (40, "reminded", "job"),
        (40, "overdue", "job"),
    ]


def test_what_was_declined_and_is_sent_again_is_asked_for_anew() -> None:
    heard = told(sent(0), said(2, "declined"), sent(20), *ticks(30))
    assert heard == [(2, "declined", "job"), (30, "unreachable", "job")]


# Sent again.

ANSWERED = (sent(0, start=400), said(1, "delivered"), said(2, "acknowledged"))


@pytest.mark.parametrize("start", [370, 400, 430])
def test_a_start_that_moved_a_little_needs_no_new_answer(start: float) -> None:
    assert len(told(*ANSWERED, sent(5, start=start), *EVERY_MINUTE)) == 2


@pytest.mark.parametrize("start", [369, 431])
def test_a_start_that_moved_by_more_than_half_an_hour_does(start: float) -> None:
    assert told(*ANSWERED, sent(5, start=start), *EVERY_MINUTE)[2:] == [(15, "unreachable", "job")]


def test_a_start_that_moves_bit_by_bit_has_moved_in_the_end() -> None:
    assert told(*ANSWERED, sent(5, start=425), sent(6, start=450), *EVERY_MINUTE)[2:] == [
        (16, "unreachable", "job")
    ]


@pytest.mark.parametrize(
    "other", [{"lat": 33.5}, {"title": "Replace the boiler"}, {"window_end_ms": at(500)}]
)
def test_another_work_needs_another_answer(other: dict[str, object]) -> None:
    assert told(*ANSWERED, sent(5, start=400, **other), *EVERY_MINUTE)[2:] == [(15, "unreachable", "job")]


def test_what_only_planning_cares_for_needs_none() -> None:
    again = sent(5, start=400, plan_version=7, depart_by_ms=at(380), priority=1, expected_s=900.0)
    assert len(told(*ANSWERED, again, *EVERY_MINUTE)) == 2


def test_a_start_that_moved_a_little_leaves_the_clock_running() -> None:
    heard = told(sent(0, start=400), said(1, "delivered"), sent(5, start=410), *EVERY_MINUTE)
    assert heard[-1] == (16, "overdue", "job")


def test_a_late_answer_to_the_first_question_is_none_to_the_second() -> None:
    heard = told(sent(0, start=400), sent(10, start=500), said(9, "acknowledged"), *ticks(20))
    assert heard == [(20, "unreachable", "job")]


def test_who_is_on_the_way_is_not_asked_again() -> None:
    assert len(told(*ANSWERED, said(3, "en_route"), sent(5, start=500), *EVERY_MINUTE)) == 2


def test_the_territory_that_sent_it_last_hears_of_it() -> None:
    state, _ = after(sent(0), sent(1, territory="south"))
    _, made = advance(state, said(2, "delivered"), PARAMS)
    assert [one.territory for one in made] == ["south"]  # type: ignore[union-attr]


def test_without_a_territory_only_the_technician_hears_of_it() -> None:
    assert told(sent(0, territory=None), said(1, "delivered"), *EVERY_MINUTE) == [(9, "asks", "job")]


# Before the shift.


def test_no_clock_runs_before_the_shift_begins() -> None:
    heard = told(sent(0), shift(0, begin=60), said(1, "delivered"), *ticks(*range(2, 90)))
    assert heard[1:] == [(68, "asks", "job"), (68, "reminded", "job"), (75, "overdue", "job")]


def test_nor_that_of_what_is_not_delivered() -> None:
    assert told(sent(0), shift(0, begin=60), *ticks(*range(1, 90))) == [(70, "unreachable", "job")]


def test_who_comes_early_is_on_shift_early() -> None:
    begun = [sent(0), shift(0, begin=60), said(1, "delivered"), duty(50, "on_shift")]
    assert told(*begun, *ticks(57, 58, 64, 65))[1:] == [
        (58, "asks", "job"),
        (58, "reminded", "job"),
        (65, "overdue", "job"),
    ]


def test_who_comes_late_has_the_whole_limit() -> None:
    begun = [sent(0), shift(0, begin=60), said(1, "delivered"), duty(64, "on_shift")]
    assert told(*begun, *ticks(71, 72, 78, 79))[-1] == (79, "overdue", "job")


def test_who_never_comes_is_escalated() -> None:
    assert told(sent(0), shift(0, begin=60), said(1, "delivered"), *ticks(80))[-1] == (80, "overdue", "job")


def test_a_break_leaves_the_clock_running() -> None:
    begun = [duty(0, "on_shift"), sent(10), said(10, "delivered")]
    resting = [duty(12, "on_break"), duty(24, "on_shift")]
    assert told(*begun, *resting, *ticks(24, 25))[-1] == (25, "overdue", "job")


def test_who_is_off_shift_and_nobody_knows_until_when_is_left_alone() -> None:
    resting = [duty(0, "off_shift"), sent(1, start=2_000), said(1, "delivered"), *ticks(60, 600)]
    assert told(*resting) == [(1, "delivered", "job")]
    assert told(*resting, duty(700, "on_shift"), *ticks(708))[-1] == (708, "reminded", "job")


def test_yesterday_s_duty_is_not_today_s() -> None:
    day = 1_440
    yesterday = [shift(0, begin=60), duty(60, "on_shift")]
    today = [sent(day - 30), said(day - 29, "delivered"), shift(day - 28, begin=day + 60)]
    heard = told(*yesterday, *today, *ticks(day, day + 67, day + 68))
    assert heard[1:] == [(day + 68, "asks", "job"), (day + 68, "reminded", "job")]


def test_an_older_route_does_not_change_the_shift() -> None:
    heard = told(sent(0), shift(5, begin=60), shift(3, begin=20), *ticks(30, 69, 70))
    assert heard == [(70, "unreachable", "job")]


# Bounds and parameters.


def test_after_a_long_silence_all_that_was_due_is_said_in_its_order() -> None:
    heard = told(sent(0, "a"), said(0, "delivered", "a"), sent(5, "b", emergency=True), *ticks(100))
    assert [(stage, name) for _, stage, name in heard[1:]] == [
        ("unreachable", "b"),
        ("asks", "a"),
        ("reminded", "a"),
        ("overdue", "a"),
    ]


def test_time_that_says_nothing_new_gives_the_same_object() -> None:
    state, _ = after(sent(0))
    assert advance(state, *ticks(5), PARAMS) == (state, ())
    assert advance(state, *ticks(5), PARAMS)[0] is state
    assert advance(state, Located("ana", at(3), 33.4, -112.0), PARAMS)[0] is state
    assert advance(state, said(3, "delivered", "another"), PARAMS)[0] is state


def test_of_too_many_those_that_were_answered_are_forgotten_first() -> None:
    params = Params(max_assignments=2)
    answered = [sent(0, "a"), sent(1, "b"), said(2, "acknowledged", "b")]
    assert list(after(*answered, sent(3, "c"), params=params)[0].asked) == ["a", "c"]
    assert list(after(*answered, sent(3, "c"), sent(4, "d"), params=params)[0].asked) == ["c", "d"]


def test_every_limit_is_a_parameter() -> None:
    params = Params(limit_s=60.0, reminder_share=0.25, unreachable_after_s=30.0)
    assert told(sent(0), *ticks(0.5), params=params) == [(0.5, "unreachable", "job")]
    heard = told(sent(0), said(0, "delivered"), *ticks(0.25, 1), params=params)
    assert [minute for minute, _, _ in heard] == [0, 0.25, 0.25, 1]
