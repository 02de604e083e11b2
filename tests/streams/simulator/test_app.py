"""A technician's app: what is shown, in which order, and what is answered when."""

from collections.abc import Callable

import msgspec
import pytest

from features.events import Assignment, Reminder, Route
from features.plan import Shift
from features.wire import Place
from streams.simulator.app import App, AppParams
from streams.simulator.seeds import generator

START_MS = 1_000_000_000
MINUTE_MS = 60_000
HERE = Place(33.0, -112.0)
ALWAYS = AppParams(reminded_share=0.0, never_share=0.0, declined_share=0.0)


def always(ms: int) -> int:
    return ms


def app(params: AppParams = ALWAYS, online: Callable[[int], int] = always) -> App:
    return App("ada", START_MS, lambda name: generator(1, name), online, params)


def given(name: str, minute: float = 0, *, planned: float = 0, withdrawn: bool = False) -> Assignment:
    return Assignment(
        technician="ada",
        time_ms=START_MS + round(minute * MINUTE_MS),
        appointment=name,
        planned_start_ms=START_MS + round(planned * MINUTE_MS),
        withdrawn=withdrawn,
    )


def route(version: int, *stops: str) -> Route:
    shift = Shift(start_ms=START_MS, end_ms=START_MS + 1, start=HERE, end=HERE)
    return Route(
        technician="ada",
        time_ms=START_MS,
        territory="north",
        plan_version=version,
        stops=stops,
        shift=shift,
    )


def hears(app: App, *events: Assignment | Route | Reminder) -> App:
    for event in events:
        app.hear(event, event.time_ms)
    return app


def at(minute: float) -> int:
    return START_MS + round(minute * MINUTE_MS)


def names(app: App, minute: float) -> list[str]:
    return [one.appointment for one in app.ahead(at(minute))]


def said(app: App, minute: float) -> list[tuple[str, str | None]]:
    return [(act.status, act.appointment) for act in app.acts(at(minute))]


def test_it_shows_what_is_given_as_the_latest_route_has_it_and_the_rest_by_its_time() -> None:
    seen = hears(app(), given("a", planned=30), given("b", planned=10), given("c", planned=20))
    assert names(seen, 1) == ["b", "c", "a"]
    hears(seen, route(2, "c", "a"))
    assert names(seen, 1) == ["c", "a", "b"]
    hears(seen, route(1, "a", "b", "c"))
    assert names(seen, 1) == ["c", "a", "b"]


def test_what_is_withdrawn_or_done_is_shown_no_more_and_may_come_back() -> None:
    seen = hears(app(), given("a"), given("b"), given("a", 1, withdrawn=True))
    assert names(seen, 0.5) == ["a", "b"]
    assert names(seen, 2) == ["b"]
    assert not seen.holds("a", at(2))
    hears(seen, given("a", 3))
    assert seen.holds("a", at(4))
    seen.done("b")
    assert names(seen, 4) == ["a"]


def test_an_older_word_changes_nothing() -> None:
    seen = hears(app(), given("a", 5), given("a", 1, withdrawn=True))
    assert names(seen, 6) == ["a"]


def test_each_assignment_is_delivered_and_acknowledged_once() -> None:
    seen = hears(app(), given("a", 1), given("b", 1))
    told = said(seen, 60)
    assert sorted(told) == sorted([(what, name) for name in "ab" for what in ("delivered", "acknowledged")])
    assert told.index(("delivered", "a")) < told.index(("acknowledged", "a"))
    hears(seen, msgspec.structs.replace(given("a", 1), time_ms=at(61)))
    assert said(seen, 120) == []


def test_what_came_before_the_shift_is_acknowledged_when_it_has_begun() -> None:
    seen = hears(app(), given("a", -30), given("b", -30))
    assert {status for status, _ in said(seen, 0)} == {"delivered"}
    assert {status for status, _ in said(seen, 60)} == {"acknowledged"}


def test_a_device_without_a_network_hears_later() -> None:
    seen = hears(app(online=lambda ms: max(ms, at(10))), given("a", 1))
    assert names(seen, 9) == []
    assert said(seen, 9) == []
    assert names(seen, 11) == ["a"]
    assert ("delivered", "a") in said(seen, 60)


def test_who_sets_out_acknowledges_at_once() -> None:
    slow = msgspec.structs.replace(ALWAYS, acknowledge_median_s=3_600.0, acknowledge_sigma=0.0)
    seen = hears(app(slow), given("a", 1))
    assert said(seen, 2) == [("delivered", "a")]
    seen.takes("a", at(3))
    assert said(seen, 4) == [("acknowledged", "a")]
    assert said(seen, 200) == []


@pytest.mark.parametrize(("share", "answered"), [("reminded_share", True), ("never_share", False)])
def test_some_answer_only_when_reminded_and_some_never(share: str, answered: bool) -> None:
    seen = hears(app(msgspec.structs.replace(ALWAYS, **{share: 1.0})), given("a", 1))
    assert said(seen, 60) == [("delivered", "a")]
    reminder = Reminder(technician="ada", time_ms=at(61), appointment="a")
    hears(seen, reminder, reminder)
    assert said(seen, 120) == ([("acknowledged", "a")] if answered else [])
    assert names(seen, 120) == ["a"]


def test_what_is_declined_is_not_served() -> None:
    seen = hears(app(msgspec.structs.replace(ALWAYS, declined_share=1.0)), given("a", 1))
    assert said(seen, 60) == [("delivered", "a"), ("declined", "a")]
    assert names(seen, 60) == []


def test_a_start_that_moves_much_is_answered_once_more() -> None:
    seen = hears(app(), given("a", 1, planned=60))
    said(seen, 60)
    hears(seen, given("a", 61, planned=70))
    assert said(seen, 120) == []
    hears(seen, given("a", 121, planned=180))
    assert said(seen, 180) == [("delivered", "a"), ("acknowledged", "a")]
