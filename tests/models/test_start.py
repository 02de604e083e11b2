"""Where a technician's day goes on from."""

import pytest
from msgspec.structs import replace

from models.start import Params, Start, start_of
from tests.support.day_plans import HOME, at
from tests.support.routes import east, route, shift, stop

PARAMS = Params()


def begin(hour: float, *stops: object, **more: object) -> Start:
    return start_of(route(*stops, **more), at(hour), PARAMS)  # type: ignore[arg-type]


def test_at_work_it_goes_on_from_the_job_at_hand_for_what_remains_of_it() -> None:
    start = begin(10, stop("a", life="in_progress", since=9.5, km=4), stop("b"), seen=9.9)
    assert start.at_hand is not None
    assert (start.working, start.spent_s, start.place, start.free_ms) == (True, 1_800.0, east(4), at(10))
    assert [one.job.appointment for one in start.stops] == ["b"]


def test_on_site_work_has_not_begun_unless_they_have_been_there_for_long() -> None:
    here = stop("a", (9, 11), life="on_site", since=9.9)
    assert not begin(10, here, seen=10).working
    later = begin(10.25, here, seen=10.2)
    assert (later.working, later.spent_s) == (True, pytest.approx(0.35 * 3600))


def test_before_the_window_opens_nobody_has_begun() -> None:
    assert not begin(10, stop("a", (10.5, 11), life="on_site", since=9), seen=10).working


def test_on_the_way_the_leg_is_partly_behind_them() -> None:
    start = begin(10, stop("a", life="en_route", since=9.5), seen=9.95, km=3)
    assert (start.driving, start.driven_s, start.place) == (True, pytest.approx(180, abs=1), east(3))


def test_a_position_from_before_the_departure_is_where_they_departed() -> None:
    start = begin(10, stop("a", life="en_route", since=9.9), seen=9.0, km=3)
    assert start.driven_s == pytest.approx(360, abs=1)


def test_who_stands_on_the_way_does_not_come_nearer() -> None:
    start = begin(10, stop("a", life="en_route", since=9.5), seen=9.95, motion="STOPPED")
    assert (start.driving, start.driven_s) == (True, 0.0)


def test_who_moves_is_driving_though_nobody_said_so() -> None:
    assert begin(10, stop("a"), seen=10, motion="MOVING").driving
    assert not begin(10, stop("a"), seen=10, motion="STOPPED").driving


def test_who_drives_far_from_a_job_that_is_not_over_has_left_it() -> None:
    work, ahead = stop("a", life="in_progress", since=9, km=0), stop("b", km=8)
    gone = begin(10, work, ahead, seen=10, km=4, motion="MOVING")
    assert (gone.at_hand, gone.driving, gone.place) == (None, True, east(4))
    near = begin(10, work, ahead, seen=10, km=0.5, motion="MOVING")
    assert near.at_hand is not None


def test_before_the_shift_it_begins_with_the_shift_at_its_start() -> None:
    start = begin(6, stop("a"), duty=None, seen=5.9, km=9)
    assert (start.free_ms, start.place, start.stale, start.driving) == (at(8), HOME, False, False)


def test_who_is_on_shift_early_goes_on_from_now() -> None:
    start = begin(7.5, stop("a"), seen=7.5, km=1)
    assert (start.free_ms, start.place) == (at(7.5), east(1))


def test_who_forgot_to_say_that_they_are_on_shift_is_where_they_are_seen() -> None:
    seen = begin(9, stop("a"), duty=None, seen=9, km=5)
    unseen = begin(9, stop("a"), duty=None, seen=8, km=5)
    assert (seen.place, seen.free_ms, unseen.place) == (east(5), at(9), HOME)


def test_on_a_break_the_rest_of_it_is_left_and_no_other_comes() -> None:
    start = begin(
        12.1, stop("a"), duty="on_break", duty_ms=at(12), rested=True, shift=shift(break_from=11.5), seen=12.1
    )
    assert (start.free_ms, start.break_s) == (at(12.5), 0.0)


def test_a_break_that_lasts_too_long_ends_now() -> None:
    assert begin(14, stop("a"), duty="on_break", duty_ms=at(12), seen=14).free_ms == at(14)


def test_a_break_not_yet_taken_is_ahead() -> None:
    start = begin(10, stop("a"), shift=shift(break_from=11.5, break_h=0.75), seen=10)
    assert (start.break_from_ms, start.break_s) == (at(11.5), 2_700.0)


def test_who_is_already_on_the_way_rests_after_the_next_stop() -> None:
    start = begin(12, stop("a", life="en_route", since=11.9), shift=shift(break_from=11.5), seen=12)
    assert start.break_from_ms > start.free_ms


def test_a_position_is_stale_after_three_minutes_or_where_the_device_is_silent() -> None:
    assert not begin(10, stop("a"), seen=9.96).stale
    assert begin(10, stop("a"), seen=9.94).stale
    assert begin(10, stop("a"), seen=9.99, motion="OFFLINE").stale
    assert not begin(10, stop("a", life="in_progress", since=9), seen=9).stale


def test_without_any_position_it_is_the_last_work_or_the_start_of_the_shift_or_nowhere() -> None:
    done = stop("a", life="completed", since=9.5, km=6)
    assert begin(10, done, stop("b")).place == east(6)
    assert begin(10, stop("b")).place == HOME
    nowhere = start_of(replace(route(stop("b")), shift=None), at(10), PARAMS)
    assert (nowhere.place, nowhere.free_ms) == (None, at(10))


def test_who_has_ended_work_and_not_departed_is_idle() -> None:
    done = stop("a", life="completed", since=9.5)
    assert begin(10, done, stop("b"), seen=10).idle_s == 1_800.0
