"""When a route is looked at anew."""

from models.cadence import Params, due
from models.forecast import Expected, RiskState, Standing
from tests.support.day_plans import at
from tests.support.routes import route, stop, watched

PARAMS = Params()
NOON = at(12)


def looked_at(*, arrival_h: float = 14.0, **more: object) -> RiskState:
    """Evaluated at noon, with one stop ahead."""
    ms = at(arrival_h)
    said = {
        "evaluated_ms": NOON,
        "stale": False,
        "expected": {"a": Expected(ms, ms, ms, ms, ms, ms, ms)},
    }
    return watched(route(stop("a")), **(said | more))


def after(state: RiskState, seconds: float) -> bool:
    return due(state, NOON + round(seconds * 1000), PARAMS)


def test_every_three_minutes() -> None:
    assert not after(looked_at(), 179)
    assert after(looked_at(), 180)


def test_every_minute_while_an_arrival_is_near() -> None:
    assert not after(looked_at(arrival_h=12.4), 59)
    assert after(looked_at(arrival_h=12.4), 60)
    assert not after(looked_at(arrival_h=12.6), 60)


def test_every_minute_while_a_job_overruns() -> None:
    normal = route(stop("a", life="in_progress", since=11.5))
    overrun = route(stop("a", life="in_progress", since=10.5))
    assert not after(_with(normal), 60)
    assert after(_with(overrun), 60)


def _with(of: object) -> RiskState:
    base = looked_at()
    return RiskState(of, base.evaluated_ms, base.stale, base.expected)  # type: ignore[arg-type]


def test_every_minute_while_a_level_is_about_to_rise() -> None:
    assert after(looked_at(standings={"a": Standing(rising="WATCH", evaluations=1)}), 60)


def test_at_once_when_something_happened_but_never_twice_at_a_time() -> None:
    assert after(looked_at(stale=True), 1)
    assert not after(looked_at(stale=True), 0)


def test_never_where_nothing_is_ahead() -> None:
    assert not after(looked_at(expected={}), 3_600)
