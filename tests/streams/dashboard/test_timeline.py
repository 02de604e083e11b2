"""Rows and bars of the timeline, in percentages of the day's width."""

from msgspec.structs import replace

from features.territory import Planned
from models.rebalancing.params import Params
from streams.dashboard.bars import Bar
from streams.dashboard.selection import Selection
from streams.dashboard.timeline import Row, timeline
from tests.support import board_day
from tests.support.board_day import at

BEGIN, HOURS = 8, 10


def x(hour: float) -> float:
    return round(100 * (hour - BEGIN) / HOURS, 3)


def row(name: str, **more: str) -> Row:
    found = timeline(board_day.day(), Selection(**more))
    return next(one for one in found.rows if one.technician == name)


def bar(technician: str, appointment: str) -> Bar:
    return next(one for one in row(technician).bars if one.appointment == appointment)


def test_rows_stand_by_worst_risk_or_by_name() -> None:
    by_risk = [one.technician for one in timeline(board_day.day(), Selection()).rows]
    by_name = [one.technician for one in timeline(board_day.day(), Selection(sort="name")).rows]
    assert by_risk[:4] == ["becker", "garcia", "eze", "ito"]
    assert by_name == sorted(by_name)
    assert set(by_risk) == set(by_name)


def test_the_day_is_as_wide_as_the_shifts_in_whole_hours() -> None:
    hours = timeline(board_day.day(), Selection()).hours
    assert [hour.word for hour in hours] == [f"{hour:02d}" for hour in range(8, 19)]
    assert (hours[0].x, hours[-1].x) == (0.0, 100.0)


def test_past_now_and_ahead_are_told_apart() -> None:
    assert [one.kind for one in row("becker").bars] == ["past", "now", "ahead", "ahead", "ahead", "ahead"]


def test_a_bar_is_the_median_and_below_it_the_interval_of_the_end() -> None:
    found = bar("becker", "A-214")
    assert (found.x, found.width) == (x(13.52), round(x(14.3) - x(13.52), 3))
    assert found.interval is not None
    begin, width = found.interval
    assert begin < x(14.3) < begin + width


def test_the_plan_is_drawn_where_it_differs() -> None:
    assert bar("becker", "A-248").plan == (x(10.55), bar("becker", "A-248").width)
    assert bar("alvarez", "A-130").plan is None


def test_only_what_is_at_risk_shows_when_its_window_closes() -> None:
    assert bar("becker", "A-214").closes_x == x(13)
    assert bar("becker", "A-227").closes_x is None


def test_driving_lies_between_what_ended_and_what_begins() -> None:
    found = bar("becker", "A-248")
    assert found.drive is not None
    assert found.drive[0] == x(10.6)
    assert round(sum(found.drive), 3) == found.x


def test_a_row_says_how_its_technician_is() -> None:
    assert (row("dubois").presence, row("kaya").presence, row("chen").presence) == ("offline", "away", "ok")
    assert row("dubois").says == "offline, last seen 09:56"


def test_what_nobody_serves_has_a_row_of_its_own_on_top() -> None:
    state = board_day.territory()
    job = replace(state.appointments["A-342"].job, appointment="A-999", window_start_ms=at(12))
    day = board_day.day(replace(state, appointments={**state.appointments, "A-999": Planned(job)}))
    first = timeline(day, Selection()).rows[0]
    assert (first.name, first.says) == ("Nobody yet", "1 appointment without a technician")
    assert [(one.appointment, one.x) for one in first.bars] == [("A-999", x(12))]


def test_without_any_prediction_the_plan_is_the_prediction() -> None:
    state = board_day.territory()
    day = board_day.day(state)
    day = type(day)(state, {}, {}, state.clock_ms, board_day.ZONE, board_day.REBALANCING)
    found = {one.appointment: one for one in timeline(day, Selection()).rows[0].bars}
    assert found["A-214"].x == x(13.12)
    assert found["A-214"].interval is None


def test_what_is_frozen_is_as_wide_as_the_settings_say() -> None:
    day = board_day.day()
    assert timeline(day, Selection()).frozen_width == x(9)
    half = type(day)(day.territory, {}, {}, day.now_ms, board_day.ZONE, Params(order_frozen_s=1_800.0))
    assert timeline(half, Selection()).frozen_width == x(8.5)


def test_a_moment_outside_the_day_has_no_now_line() -> None:
    state = board_day.territory(clock_ms=at(30))
    assert timeline(board_day.day(state), Selection()).now_x is None
