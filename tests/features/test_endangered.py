"""What is going to fail: at risk, or served by nobody."""

from features.endangered import endangered
from tests.support.territories import (
    Day,
    at,
    cancelled,
    life,
    lost,
    morning,
    planned,
    requested,
    risk,
    shift,
    tick,
)


def test_what_was_found_at_risk_is_as_it_was_found() -> None:
    day = morning()
    day.told(risk("a2", "ana", "WATCH", 10))
    assert endangered(day.state) == day.state.risks


def test_what_nobody_serves_is_critical_and_late_once_its_window_has_closed() -> None:
    day = morning()
    day.told(requested("n1", 2, minutes=5))
    found = endangered(day.state)["n1"]
    assert (found.level, found.probability, found.technician) == ("CRITICAL", 1.0, "")
    assert [one.kind for one in found.reasons] == ["nobody"]
    day.told(tick(180))
    assert endangered(day.state)["n1"].level == "CRITICAL"
    day.told(tick(181))
    assert endangered(day.state)["n1"].level == "LATE"


def test_also_what_a_lost_technician_leaves_until_somebody_takes_it() -> None:
    day = morning()
    day.told(lost("ana", 5))
    assert set(endangered(day.state)) == {"a1", "a2", "a3"}
    day.told(planned(6, cy=("a1", "a2")))
    assert set(endangered(day.state)) == {"a3"}


def test_what_is_over_is_no_risk() -> None:
    day = morning()
    day.told(requested("n1", 2, minutes=5), cancelled("n1", 6), life("a1", "ana", "completed", 70))
    assert endangered(day.state) == {}


def test_before_the_first_plan_only_what_has_to_be_served_soon_is_missed() -> None:
    day = Day()
    day.told(shift("ana"), requested("n1", 0.9), requested("n2", 1.1))
    assert set(endangered(day.state)) == {"n1"}
    day.told(tick(15))
    assert set(endangered(day.state)) == {"n1", "n2"}


def test_it_is_known_since_when_nobody_serves_it() -> None:
    day = morning()
    day.told(lost("ana", 30), requested("n1", 2, minutes=5))
    found = endangered(day.state)
    assert (found["a1"].raised_ms, found["n1"].raised_ms) == (at(30), at(5))
