"""Until when a decision helps, with an open proposal and without."""

import pytest
from msgspec.structs import replace

from features.territory import TerritoryState
from streams.dashboard.day import Day
from streams.dashboard.way_out import decide_by_ms, drive_ms
from tests.support import board_day
from tests.support.board_day import NOW_MS, at, place

MINUTE_MS = 60_000
RELEASED = {"made_ms": at(13)}
"""Made when the freeze had hold of it already: that is not what ends it."""


def proposed(**more: object) -> Day:
    """A proposal that is made early and holds long, so that what else ends it can be seen."""
    said = {"made_ms": at(9), "expires_ms": at(20)} | more
    return board_day.day(board_day.territory(proposal=board_day.proposal(**said)))


def later(day: Day, minutes: float) -> Day:
    now_ms = day.now_ms + round(minutes * MINUTE_MS)
    return Day(day.territory, day.risks, day.technicians, now_ms, board_day.ZONE, board_day.REBALANCING)


def unproposed(**more: object) -> TerritoryState:
    return board_day.territory(proposal=None, **more)


def test_a_way_out_never_outlasts_its_proposal() -> None:
    assert decide_by_ms(board_day.day(), "A-214") == board_day.proposal().expires_ms


def test_it_ends_when_the_taker_sets_out_for_what_comes_next_in_the_present_order() -> None:
    """Haddad is done with A-120 at 11:51; then A-342 would be next, whose window opens at 13:00."""
    day = proposed(moves=(replace(board_day.proposal().moves[0], window_end_ms=at(17)),), **RELEASED)
    way_ms = drive_ms(day.job("A-120").place, day.job("A-342").place)
    assert decide_by_ms(day, "A-214") == at(13) - way_ms


def test_it_ends_when_the_taker_can_not_arrive_before_the_window_closes_any_more() -> None:
    day = proposed(**RELEASED)
    by_ms = decide_by_ms(day, "A-214")
    assert by_ms == at(13) - drive_ms(day.job("A-120").place, day.job("A-214").place)


def test_what_comes_first_in_the_proposed_order_takes_its_time() -> None:
    """With A-118b served before A-214, its work and the way to it come off."""
    routes = {
        **board_day.proposal().routes,
        "haddad": ("A-186", "A-120", "A-118b", "A-214", "A-342", "A-249"),
    }
    day = proposed(routes=routes, **RELEASED)
    there_ms = sum(
        drive_ms(day.job(one).place, day.job(other).place)
        for one, other in (("A-120", "A-118b"), ("A-118b", "A-214"))
    )
    # What can't be had before the taker is done with what they do anyway, waiting does not lose.
    expected = at(13) - there_ms - round(1000 * day.job("A-118b").expected_s)
    assert decide_by_ms(day, "A-214") == max(expected, at(11.85))


def test_the_freeze_ends_it_where_it_had_not_begun_when_the_proposal_was_made() -> None:
    """A-214 is to start at 12:04, so the freeze takes hold of it at 11:04."""
    assert decide_by_ms(proposed(), "A-214") == at(12.08) - 3_600_000
    released = proposed(made_ms=at(11.1))
    assert decide_by_ms(released, "A-214") != at(12.08) - 3_600_000


@pytest.mark.parametrize("appointment", ["A-214", "A-231", "A-342"])
def test_for_the_same_proposal_it_does_not_move_as_time_goes_by(appointment: str) -> None:
    day = proposed()
    said = {decide_by_ms(later(day, minutes), appointment) for minutes in range(0, 240, 5)}
    assert len(said) == 1


def test_after_the_proposal_has_expired_no_way_out_is_known() -> None:
    assert decide_by_ms(later(board_day.day(), 5), "A-214") is None


def test_without_a_proposal_somebody_has_to_be_free_and_near_enough() -> None:
    """Nobody who can install fibre is free between 11:49, when they would have to leave, and noon."""
    by_ms = decide_by_ms(board_day.day(unproposed()), "A-305")
    assert by_ms is not None
    assert NOW_MS + MINUTE_MS <= by_ms < at(12)


def test_who_is_predicted_to_be_busy_then_is_no_way_out() -> None:
    state = unproposed()
    skills = dict.fromkeys(state.roster, ()) | {"fischer": ("fibre",)}
    state = replace(
        state, roster={one: replace(who, skills=skills[one]) for one, who in state.roster.items()}
    )
    closes = state.appointments["A-305"]
    early = replace(closes, job=replace(closes.job, window_end_ms=at(11.25)))
    # Fischer works at A-267 until 11:33.
    day = board_day.day(replace(state, appointments={**state.appointments, "A-305": early}))
    assert decide_by_ms(day, "A-305") is None


def test_less_than_a_minute_is_no_way_out() -> None:
    state = unproposed()
    late = replace(
        state.appointments["A-305"], job=replace(state.appointments["A-305"].job, window_end_ms=NOW_MS)
    )
    assert (
        decide_by_ms(
            board_day.day(replace(state, appointments={**state.appointments, "A-305": late})), "A-305"
        )
        is None
    )


def test_without_anybody_who_has_the_skills_there_is_no_way_out() -> None:
    state = unproposed()
    unskilled = {one: replace(rostered, skills=()) for one, rostered in state.roster.items()}
    assert decide_by_ms(board_day.day(replace(state, roster=unskilled)), "A-305") is None


@pytest.mark.parametrize("change", [{"pinned": True}, {"life": "en_route"}, {"cancelled_ms": NOW_MS}])
def test_what_cannot_be_moved_has_no_way_out(change: dict[str, object]) -> None:
    state = unproposed()
    held = replace(state.appointments["A-118"], **change)
    day = board_day.day(replace(state, appointments={**state.appointments, "A-118": held}))
    assert decide_by_ms(day, "A-118") is None


def test_a_drive_of_nine_kilometres_takes_some_twenty_minutes() -> None:
    assert 20 <= drive_ms(place(0, 0), place(0, 9)) / MINUTE_MS <= 25
