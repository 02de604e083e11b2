"""Which delays against the plan reach an appointment."""

import pytest

from features.route import RouteState
from features.territory_events import Reason
from models.reasons import Walk, reasons
from models.start import Params, start_of
from tests.support.day_plans import at
from tests.support.routes import route, stop


def walked(
    hour: float,
    state: RouteState,
    hours: list[tuple[float, float]],
    minutes: list[float | None],
    leg: float = 0.25,
) -> list[dict[str, tuple[float, str | None]]]:
    """Reasons by kind, where stops start and end in the median at these hours; legs take a quarter of an hour."""
    start = start_of(state, at(hour), Params())
    chain = start.stops if start.at_hand is None else (start.at_hand, *start.stops)
    starts, ends = [at(begin) for begin, _ in hours], [at(end) for _, end in hours]
    walk = Walk(state, start, at(hour), chain, starts, ends, leg * 3600, 0.2, 0.4)
    return [told(one) for one in reasons(walk, minutes)]


def told(why: tuple[Reason, ...]) -> dict[str, tuple[float, str | None]]:
    return {reason.kind: (reason.minutes, reason.appointment) for reason in why}


def test_an_overrun_reaches_what_comes_after_it() -> None:
    state = route(stop("a", planned=9, life="in_progress", since=9), stop("b", planned=10.25))
    _, b = walked(10.5, state, [(9, 11), (11.25, 12.25)], [None, 30.0])
    assert b == {"overrun": (30.0, "a")}


def test_slack_on_the_way_takes_a_delay_back() -> None:
    state = route(
        stop("a", planned=9, life="in_progress", since=9), stop("b", planned=12), stop("c", planned=13.5)
    )
    *_, c = walked(10.5, state, [(9, 11), (12, 13.2), (13.45, 14.45)], [None, None, 6.0])
    assert c == {"tight_plan": (6.0, None)}


def test_a_job_that_began_late_and_took_long_is_told_apart() -> None:
    state = route(stop("a", planned=9, life="in_progress", since=9.5), stop("b", planned=10.25))
    _, b = walked(10.5, state, [(9.5, 11), (11.25, 12)], [None, 60.0])
    assert b == {"overrun": (30.0, "a"), "late_predecessor": (30.0, "a")}


def test_a_leg_that_takes_longer_than_planned_is_travel() -> None:
    state = route(stop("a", planned=9, life="in_progress", since=9), stop("b", planned=10.25))
    _, b = walked(9.5, state, [(9, 10), (10.75, 11)], [None, 12.0])
    assert b == {"travel": (12.0, None)}


def test_the_plan_itself_takes_what_no_delay_explains() -> None:
    state = route(stop("a", planned=9, life="in_progress", since=9), stop("b", planned=10.25))
    _, b = walked(9.5, state, [(9, 10.1), (10.35, 11.35)], [None, 20.0])
    assert b["overrun"] == (6.0, "a")
    assert b["tight_plan"] == (14.0, None)


@pytest.mark.parametrize(("acknowledged", "kind"), [(True, "not_departed"), (False, "not_acknowledged")])
def test_waiting_beyond_the_planned_departure_counts_from_there(acknowledged: bool, kind: str) -> None:
    life = "acknowledged" if acknowledged else "delivered"
    state = route(stop("a", planned=9.25, life=life), stop("b", planned=10.5), seen=10)  # type: ignore[arg-type]
    a, b = walked(10, state, [(10.25, 11.25), (11.5, 12.5)], [20.0, 60.0])
    assert a == {kind: (20.0, None)}
    assert b == {kind: (60.0, "a")}


def test_the_worst_comes_first_and_specks_are_left_out() -> None:
    state = route(stop("a", planned=9, life="in_progress", since=9.005), stop("b", planned=10.25))
    _, b = walked(9.5, state, [(9.005, 10.5), (10.8, 11)], [None, 33.3])
    assert list(b) == ["overrun", "travel"]


def test_without_a_plan_only_work_can_be_too_long() -> None:
    state = route(stop("a", life="in_progress", since=9), stop("b"))
    _, b = walked(10.5, state, [(9, 11), (11.25, 12.25)], [None, 45.0])
    assert b == {"overrun": (45.0, "a")}
