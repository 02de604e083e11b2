"""A plan that changed: who is told what, in which order, and what is never told twice."""

from msgspec.structs import replace

from features.dispatching import DispatchState, Told, advance
from features.events import Cause, Route
from features.plan_events import NoBetterPlan, PlanChanged
from features.rejection import Rejection
from tests.support.plans import changed, given, route

NORTH = DispatchState("north")


def told(*events: PlanChanged, state: DispatchState = NORTH) -> list[Told | Rejection]:
    made: list[Told | Rejection] = []
    for event in events:
        state, more = advance(state, event)
        made += more
    return made


def in_words(made: list[Told | Rejection]) -> list[str]:
    words = []
    for one in made:
        if isinstance(one, Rejection):
            words.append(one.reason)
        elif isinstance(one, Route):
            words.append(f"{one.technician}: {' '.join(one.stops)}")
        else:
            words.append(f"{one.technician} {'-' if one.withdrawn else '+'}{one.appointment}")
    return words


def test_what_is_taken_away_goes_first_and_routes_last() -> None:
    moved = changed(
        4,
        given("bo", "a-1", 4),
        given("ana", "a-1", 4, withdrawn=True),
        routes=[route("ana", 4), route("bo", 4, "a-1")],
    )
    assert in_words(told(moved)) == ["ana -a-1", "bo +a-1", "ana: ", "bo: a-1"]


def test_a_plan_that_is_heard_twice_is_told_once() -> None:
    plan = changed(4, given("bo", "a-1", 4), routes=[route("bo", 4, "a-1")])
    state, _ = advance(NORTH, plan)
    assert advance(state, plan) == (state, ())
    assert advance(state, plan)[0] is state


def test_a_version_may_come_in_parts() -> None:
    parts = [changed(4, given(who, "a-1", 4), routes=[route(who, 4, "a-1")]) for who in ("ana", "bo")]
    assert in_words(told(*parts, *parts)) == ["ana +a-1", "ana: a-1", "bo +a-1", "bo: a-1"]


def test_an_older_version_is_outdated() -> None:
    assert told(changed(5, given("bo", "a-1", 5)), changed(4, given("bo", "a-2", 4)))[1:] == []


def test_another_version_says_it_anew() -> None:
    # The technician may have declined in between, or have been told something else by hand.
    plans = [changed(version, given("bo", "a-1", version)) for version in (4, 5)]
    assert in_words(told(*plans)) == ["bo +a-1", "bo +a-1"]


def test_no_version_is_told_with_two_contents() -> None:
    first = given("bo", "a-1", 4)
    second = replace(first, planned_start_ms=first.time_ms + 60_000)
    made = told(changed(4, first), changed(4, second, given("bo", "a-2", 4)))
    assert in_words(made) == ["bo +a-1", "malformed", "bo +a-2"]
    assert isinstance(made[1], Rejection)
    assert made[1].detail == (
        "version 4 of the plan of 'north' tells 'bo' of the appointment 'a-1' something else than before; "
        "the first stands"
    )


def test_nor_with_two_orders() -> None:
    plans = [changed(4, routes=[route("bo", 4, *stops)]) for stops in ("ab", "ba")]
    made = told(*plans)
    assert in_words(made) == ["bo: a b", "malformed"]


def test_a_technician_is_not_mistaken_for_another() -> None:
    plan = changed(4, given("bo", "a", 4), given("b", "oa", 4), routes=[route("bo", 4)])
    assert len(told(plan)) == 3


def test_what_changes_no_plan_is_told_nobody() -> None:
    answer = NoBetterPlan(
        id="n",
        territory="north",
        time_ms=0,
        cause=Cause("x.territories", 0, 1, 0),
        trigger="risk",
        base_version=9,
        reasons={},
    )
    assert advance(NORTH, answer) == (NORTH, ())


def test_only_the_latest_version_is_remembered() -> None:
    state, _ = advance(NORTH, changed(4, *(given("bo", f"a-{n}", 4) for n in range(50))))
    state, _ = advance(state, changed(5, given("bo", "a-1", 5)))
    assert (state.version, len(state.told)) == (5, 1)
