"""Cards of what is at risk."""

from msgspec.structs import replace

from features.territory import Risk
from streams.dashboard.cards import cards
from streams.dashboard.selection import Selection
from tests.support import board_day


def test_the_worst_level_comes_first_and_within_it_what_waiting_costs() -> None:
    found = cards(board_day.day(), Selection())
    assert [card.appointment for card in found] == ["A-214", "A-231", "A-305", "A-118", "A-266"]
    assert [card.level for card in found] == ["critical", "at-risk", "at-risk", "watch", "watch"]


def test_a_higher_priority_counts_more_than_some_minutes() -> None:
    state = board_day.territory()
    urgent = state.appointments["A-305"]
    urgent = replace(urgent, job=replace(urgent.job, priority=1))
    day = board_day.day(replace(state, appointments={**state.appointments, "A-305": urgent}))
    assert [card.appointment for card in cards(day, Selection())][1:3] == ["A-305", "A-231"]


def test_a_card_says_what_where_when_why_and_until_when() -> None:
    card = cards(board_day.day(), Selection(appointment="A-214"))[0]
    assert card.word == "critical"
    assert card.probability == "86\u00a0%"
    assert card.title == "Boiler repair · Hillside Clinic"
    assert (card.short, card.technician, card.window) == ("A-214", "Becker, Tom", "12:00–13:00")  # noqa: RUF001
    assert card.reasons == "overrun at A-187 +22 · travel +6 · tight plan +3"
    assert card.late == "median +31 min"
    assert card.decide_by == "10:12"
    assert card.selected


def test_one_that_is_late_stands_above_all_others() -> None:
    state = board_day.territory()
    late = Risk("LATE", "ito", 0, 0, 1.0, 2.0)
    day = board_day.day(replace(state, risks={**state.risks, "A-118": late}))
    assert cards(day, Selection())[0].appointment == "A-118"


def test_what_nobody_serves_is_as_sure_to_fail_as_anything() -> None:
    state = board_day.territory()
    left = replace(state.appointments["A-118"], technician=None, life=None)
    day = board_day.day(replace(state, appointments={**state.appointments, "A-118": left}))
    (card,) = [card for card in cards(day, Selection()) if card.appointment == "A-118"]
    assert (card.level, card.technician, card.late) == ("critical", "nobody", "nobody goes")
    assert card.reasons.startswith("nobody serves it")
