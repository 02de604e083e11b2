"""What signals make of a technician's route."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from features import route_fold
from features.route import RouteState, Worked
from features.route_assigned import NEVER_MS
from features.route_fold import Params
from features.route_told import territory_of
from tests.support.day_plans import at
from tests.support.routes import (
    assigned,
    drive,
    dwelt,
    east,
    located,
    moved,
    routed,
    said,
    shift,
    stood,
    ticked,
)

PARAMS = Params()


def test_an_assignment_says_what_is_to_be_done_and_when() -> None:
    state, _ = drive(
        assigned(
            7, "a", (9, 11), km=2, job_type="repair", expected_s=1_800.0, hard=True, planned_start_ms=at(9.5)
        )
    )
    job = state.stops["a"].job
    assert (job.job_type, job.expected_s, job.hard, job.place) == ("repair", 1_800.0, True, east(2))
    assert (job.window_start_ms, job.window_end_ms) == (at(9), at(11))
    assert (state.order, state.territory, state.stops["a"].planned_start_ms) == (("a",), "north", at(9.5))


def test_an_assignment_that_says_little_opens_when_it_came_and_never_closes() -> None:
    state, _ = drive(assigned(7, "a", window_start_ms=None, window_end_ms=None))
    assert (state.stops["a"].job.window_start_ms, state.stops["a"].job.window_end_ms) == (at(7), NEVER_MS)


def test_without_a_place_nothing_is_rolled_but_its_lives_are_told() -> None:
    state, told = drive(assigned(7, "a", lat=None, lon=None), said(8, "en_route", "a"))
    assert state.stops == {}
    assert told == [("a", "en_route")]


def test_another_version_of_an_assignment_keeps_its_life_and_a_place_that_it_does_not_repeat() -> None:
    state, _ = drive(
        assigned(7, "a", (9, 11), km=2), said(8, "en_route", "a"), assigned(8.5, "a", (10, 12), lat=None)
    )
    assert (state.stops["a"].life, state.stops["a"].job.place) == ("en_route", east(2))
    assert state.stops["a"].job.window_end_ms == at(12)


def test_what_is_taken_away_is_gone() -> None:
    state, _ = drive(assigned(7, "a"), assigned(7, "b"), assigned(8, "a", withdrawn=True))
    assert (state.order, list(state.stops)) == (("b",), ["b"])


def test_without_a_plan_the_order_is_that_of_planned_starts_and_then_of_windows() -> None:
    state, _ = drive(
        assigned(7, "late", (15, 17)),
        assigned(7, "early", (9, 17), planned_start_ms=at(9)),
        assigned(7, "wide", (12, 16)),
        assigned(7, "narrow", (12, 13)),
    )
    assert state.order == ("early", "narrow", "wide", "late")


def test_what_has_begun_stays_in_front_of_what_comes_in_later() -> None:
    state, _ = drive(assigned(7, "a", (12, 13)), said(8, "in_progress", "a"), assigned(8.1, "b", (9, 10)))
    assert state.order == ("a", "b")


def test_a_plan_says_the_order_also_of_what_is_assigned_after_it() -> None:
    state, _ = drive(assigned(7, "a", (9, 10)), routed(7, "b", "a"), assigned(7.1, "b", (15, 16)))
    assert state.order == ("b", "a")
    assert state.plan_version == 1


def test_an_older_plan_is_ignored_but_that_of_another_day_is_not() -> None:
    state, _ = drive(assigned(7, "a"), assigned(7, "b"), routed(8, "a", "b", version=5))
    assert drive(routed(9, "b", "a", version=4), state=state)[0] is state
    worked = replace(state, worked=Worked(3, 0.5), rested=True, lost=True)
    tomorrow, _ = drive(routed(30, "b", version=1, shift=shift(32, 41)), state=worked)
    assert (tomorrow.order, tomorrow.worked, tomorrow.rested, tomorrow.lost) == (
        ("b",),
        Worked(),
        False,
        False,
    )


def two_territories() -> RouteState:
    """Ana has a and c of the north from 8 to 12, and s of the south from 13 to 17."""
    state, _ = drive(
        assigned(7, "a", (8, 9), planned_start_ms=at(8.5)),
        assigned(7, "c", (11, 12), planned_start_ms=at(11.5)),
        routed(7, "a", "c", shift=shift(8, 12)),
        assigned(7, "s", (10, 11), planned_start_ms=at(10), territory="south"),
        routed(7.1, "s", version=4, territory="south", shift=shift(13, 17)),
    )
    return state


def test_the_plans_of_two_territories_make_one_route_and_one_shift() -> None:
    state = two_territories()
    assert state.order == ("a", "s", "c")
    assert (state.shift.start_ms, state.shift.end_ms) == (at(8), at(17))
    assert state.plan_version == 5
    assert [territory_of(state, name) for name in state.order] == ["north", "south", "north"]


def test_the_plan_of_one_territory_changes_nothing_of_the_others() -> None:
    state = two_territories()
    after, _ = drive(routed(8, version=2), state=state)
    assert after.order == ("s",)
    older, _ = drive(routed(8, version=3, territory="south"), state=state)
    assert older is state
    reordered, _ = drive(routed(8, "c", "a", version=2), state=state)
    assert set(reordered.order) == {"a", "c", "s"}
    assert reordered.order.index("c") < reordered.order.index("a")


def test_what_one_territory_takes_away_after_another_gave_it_stays() -> None:
    state = two_territories()
    handed, _ = drive(assigned(8, "c", (11, 12), territory="south"), state=state)
    assert territory_of(handed, "c") == "south"
    late, _ = drive(assigned(8.1, "c", withdrawn=True), state=handed)
    assert late is handed
    gone, _ = drive(assigned(8.2, "c", withdrawn=True, territory="south"), state=handed)
    assert "c" not in gone.order


def test_another_day_forgets_the_plans_of_all() -> None:
    tomorrow, _ = drive(
        routed(30, version=1, territory="south", shift=shift(32, 41)), state=two_territories()
    )
    assert (tomorrow.order, set(tomorrow.plans)) == ((), {"south"})


def test_a_plan_forgets_neither_what_is_served_nor_what_is_over() -> None:
    state, _ = drive(
        assigned(7, "a"),
        assigned(7, "b"),
        assigned(7, "c"),
        said(8, "in_progress", "a"),
        said(8.5, "completed", "a"),
        said(8.6, "en_route", "b"),
        routed(8.7, "a", "c"),
    )
    assert state.order == ("b", "c")


def test_a_whole_life_is_told_and_says_how_slow_the_day_is() -> None:
    state, told = drive(
        assigned(7, "a", expected_s=3_600.0),
        *[said(8 + n / 4, life, "a") for n, life in enumerate(["delivered", "acknowledged", "en_route"])],
        said(9, "on_site", "a"),
        said(9.1, "in_progress", "a"),
        said(11.1, "completed", "a"),
    )
    assert [life for _, life in told] == [
        "delivered",
        "acknowledged",
        "en_route",
        "on_site",
        "in_progress",
        "completed",
    ]
    done = state.stops["a"]
    assert (state.order, done.departed_ms, done.began_ms, done.ended_ms) == ((), at(8.5), at(9.1), at(11.1))
    assert state.worked.jobs == 1
    assert state.worked.log_ratio == pytest.approx(math.log(2), abs=1e-6)


@pytest.mark.parametrize("life", ["incomplete", "cancelled", "no_access", "declined"])
def test_only_completed_work_says_how_slow_the_day_is(life: str) -> None:
    state, _ = drive(assigned(7, "a"), said(8, "on_site", "a"), said(9, life, "a"))
    assert (state.worked, state.order) == (Worked(), ())


def test_work_that_nobody_saw_begin_counts_from_the_arrival() -> None:
    state, _ = drive(
        assigned(7, "a", expected_s=1_800.0), said(8, "on_site", "a"), said(8.5, "completed", "a")
    )
    assert state.worked == Worked(1, 0.0)


def test_a_forgotten_tap_counts_as_ten_times_as_long_at_most() -> None:
    state, _ = drive(
        assigned(7, "a", expected_s=60.0), said(8, "in_progress", "a"), said(18, "completed", "a")
    )
    assert state.worked.log_ratio == pytest.approx(math.log(10))


def test_who_stands_or_dwells_on_the_site_has_arrived() -> None:
    for evidence in (stood(9, "a"), dwelt(9, "site-a")):
        state, told = drive(assigned(7, "a", fence="site-a"), evidence)
        assert (state.stops["a"].life, state.stops["a"].inferred, told) == (
            "on_site",
            True,
            [("a", "on_site")],
        )


@pytest.mark.parametrize(
    "evidence",
    [
        dwelt(9, "site-a", "entered"),
        dwelt(9, "elsewhere"),
        stood(9, None),
        stood(9, "a", kind="PARKED"),
        stood(9, "a", change="ended"),
        stood(6, "a"),
    ],
)
def test_other_stops_and_fences_are_no_arrival(evidence: object) -> None:
    state, _ = drive(assigned(7, "a", fence="site-a"))
    assert drive(evidence, state=state) == (state, [])  # type: ignore[arg-type]


def test_a_late_word_does_not_undo_an_arrival_but_driving_on_does() -> None:
    state, _ = drive(assigned(7, "a"), stood(9, "a"))
    late, told = drive(said(8.9, "en_route", "a"), said(9.1, "acknowledged", "a"), state=state)
    assert (late.stops["a"].life, late.stops["a"].departed_ms, told) == ("on_site", at(8.9), [])
    confirmed, told = drive(said(9.1, "on_site", "a"), state=state)
    assert (confirmed.stops["a"].inferred, confirmed.stops["a"].life_ms, told) == (False, at(9), [])
    assert drive(said(9.2, "en_route", "a"), state=state)[0].stops["a"].life == "en_route"


def test_an_end_may_be_followed_by_another_life() -> None:
    state, _ = drive(assigned(7, "a"), said(8, "no_access", "a"), assigned(9, "a", (14, 15)))
    assert (state.stops["a"].life, state.stops["a"].ended_ms, state.order) == ("dispatched", None, ("a",))


def test_who_goes_home_with_work_ahead_is_lost_until_they_are_back() -> None:
    state, _ = drive(assigned(7, "a"), routed(7, "a"), said(8, "on_shift"), said(11, "off_shift"))
    assert state.lost
    assert not drive(said(12, "on_shift"), state=state)[0].lost


def test_who_has_nothing_ahead_or_has_not_begun_is_not_lost() -> None:
    assert not drive(said(8, "on_shift"), said(11, "off_shift"))[0].lost
    assert not drive(assigned(6, "a"), routed(6, "a"), said(7, "off_shift"))[0].lost


def test_a_break_is_taken_once() -> None:
    state, _ = drive(said(8, "on_shift"))
    assert not state.rested
    assert drive(said(12, "on_break"), said(12.5, "on_shift"), state=state)[0].rested


def noon(*signals: object) -> RouteState:
    """On shift, with a break of half an hour from twelve o'clock on."""
    state, _ = drive(routed(7, shift=shift(break_from=12)), said(8, "on_shift"))
    return drive(*signals, state=state)[0]  # type: ignore[arg-type]


def test_at_a_break_place_they_rest_though_they_do_not_say_so() -> None:
    state = noon(stood(12.1, None, kind="BREAK"))
    assert (state.rested, state.duty, state.duty_ms) == (True, "on_break", at(12.1))
    ended = drive(stood(12.6, None, kind="BREAK", change="ended", since=12.1), state=state)[0]
    assert (ended.rested, ended.duty) == (True, "on_shift")


def test_who_has_stood_for_half_of_a_break_has_had_it() -> None:
    assert noon(stood(12.3, None, kind="PARKED", change="ended", since=12)).rested
    assert not noon(stood(12.2, None, kind="PARKED", change="ended", since=12)).rested
    assert not noon(stood(12.3, None, kind="PARKED")).rested


def test_a_coffee_in_the_morning_is_no_break() -> None:
    state = noon(stood(9, None, kind="BREAK"), stood(9.5, None, kind="BREAK", change="ended", since=9))
    assert (state.rested, state.duty) == (False, "on_shift")


def test_positions_come_in_order_and_silence_has_none() -> None:
    state, _ = drive(located(9, 1.0, motion="MOVING"), located(8.9, 5.0), moved(9.1, "NO_DATA", 7.0))
    assert (state.place, state.place_ms, state.motion) == (east(1.0), at(9), "NO_DATA")


def test_few_ends_are_remembered() -> None:
    signals = []
    for number in range(12):
        signals += [assigned(7, f"a{number}"), said(8 + number / 10, "cancelled", f"a{number}")]
    state, _ = drive(*signals)
    assert list(state.stops) == [f"a{number}" for number in range(4, 12)]


def test_too_many_stops_are_not_kept() -> None:
    params = Params(max_stops=3)
    state = RouteState("ana")
    for number in range(6):
        state, _ = route_fold.advance(state, assigned(7 + number / 10, f"a{number}"), params)
    assert set(state.stops) == set(state.order) == {"a3", "a4", "a5"}


WORDS = [
    "delivered",
    "acknowledged",
    "declined",
    "en_route",
    "on_site",
    "in_progress",
    "completed",
    "cancelled",
]
NAMES = st.sampled_from(["a", "b", "c"])
HOURS = st.floats(6, 20)
SIGNALS = st.one_of(
    st.builds(
        lambda h, n, w, gone: assigned(h, n, (w, w + 1), withdrawn=gone), HOURS, NAMES, HOURS, st.booleans()
    ),
    st.builds(
        lambda h, names, v: routed(h, *names, version=v),
        HOURS,
        st.permutations(["a", "b", "c"]),
        st.integers(0, 4),
    ),
    st.builds(said, HOURS, st.sampled_from(WORDS), NAMES),
    st.builds(said, HOURS, st.sampled_from(["on_shift", "off_shift", "on_break"])),
    st.builds(located, HOURS, st.floats(0, 9)),
    st.builds(stood, HOURS, NAMES),
    st.builds(moved, HOURS, st.sampled_from(["MOVING", "STOPPED", "NO_DATA", "OFFLINE"])),
    st.builds(ticked, HOURS),
)


@given(st.lists(SIGNALS, max_size=25))
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_the_order_is_of_open_stops_each_once(signals: list) -> None:
    state, _ = drive(*signals)
    assert len(set(state.order)) == len(state.order)
    assert all(state.stops[name].ended_ms is None for name in state.order if name in state.stops)
    if not any(type(one).__name__ == "RoutePassed" for one in signals):
        assert set(state.order) == {name for name, stop in state.stops.items() if stop.ended_ms is None}


@given(st.lists(SIGNALS, max_size=15), SIGNALS.filter(lambda one: type(one).__name__ != "StatusChanged"))
@settings(max_examples=200, deadline=None)
def test_what_is_said_again_changes_nothing(signals: list, again: object) -> None:
    state, _ = drive(*signals, again)  # type: ignore[arg-type]
    repeated, told = drive(again, state=state)  # type: ignore[arg-type]
    assert repeated is state
    assert told == []
