"""What becomes of a proposal, and of the plan with it."""

import pytest
from msgspec.structs import replace

from features.territory_events import TerritoryInbound
from models.rebalancing.policy import Look
from tests.support.territories import (
    Day,
    accept,
    at,
    cancelled,
    life,
    lost,
    morning,
    pin,
    proposal,
    reject,
    requested,
    risk,
    shift,
    tick,
)


def proposed(**more: object) -> Day:
    """a3 is at risk with Ana at 8:10, and at 8:11 it is proposed that Cy goes, whose day is empty."""
    day = morning()
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    routes = {"ana": ["a1", "a2"], "cy": ["a3"]}
    day.answered(proposal(day.state, routes, about=["a3"], **more))
    return day


def test_an_accepted_proposal_becomes_the_plan() -> None:
    day = proposed()
    closed, changed = day.told(accept(minutes=12))
    assert (closed.proposal, closed.outcome, closed.by) == ("p1", "accepted", "dora")
    assert (changed.because, changed.proposal, changed.version) == ("proposal", "p1", 2)
    assert [(one.technician, one.appointment, one.withdrawn) for one in changed.assignments] == [
        ("ana", "a3", True),
        ("cy", "a3", False),
    ]
    assert {one.technician: one.stops for one in changed.routes} == {"ana": ("a1", "a2"), "cy": ("a3",)}
    assert day.state.routes == {"ana": ("a1", "a2"), "ben": ("b1", "b2"), "cy": ("a3",)}
    assert (day.state.proposal, day.state.risks, day.triggers()) == (None, {}, [])


def test_the_new_assignment_has_the_median_start_and_a_departure_within_the_window() -> None:
    day = proposed(start_min=185)
    _, changed = day.told(accept(minutes=12))
    given = changed.assignments[-1]
    assert given.planned_start_ms == at(185)
    assert at(0) < given.depart_by_ms < given.window_end_ms
    assert given.window_end_ms - given.depart_by_ms == pytest.approx(624_000, abs=30_000)


@pytest.mark.parametrize(("start_min", "promises"), [(205, 0), (211, 1)])
def test_a_start_that_moves_by_more_than_half_an_hour_is_another_promise(
    start_min: float, promises: int
) -> None:
    day = proposed(start_min=start_min)
    day.told(accept(minutes=12))
    assert day.state.appointments["a3"].promises == promises


def test_a_technician_hears_of_another_start_from_ten_minutes_on() -> None:
    day = morning()
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    starts = {"a2": 120 + 11, "a3": 180 + 9}
    day.answered(proposal(day.state, {"ana": ["a1", "a3", "a2"]}, about=["a3"], starts=starts))
    _, changed = day.told(accept(minutes=12))
    assert [(one.appointment, one.planned_start_ms) for one in changed.assignments] == [("a2", at(131))]
    assert [one.stops for one in changed.routes] == [("a1", "a3", "a2")]
    assert day.state.appointments["a3"].planned_start_ms == at(189)


def test_accepted_twice_is_refused_the_second_time() -> None:
    day = proposed()
    day.told(accept(minutes=12))
    before = day.state
    (refused,) = day.told(accept(minutes=12))
    assert "proposal 'p1' is accepted already in 'north' and can't be accepted" in refused.detail
    assert day.state == before


def test_a_proposal_that_nobody_made_is_refused() -> None:
    day = proposed()
    day.told(accept("p9", 12), reject("p9", 12))
    assert [one.detail for one in day.refused] == [
        "proposal 'p9' is not known in 'north' and can't be accepted; 'p1' is open",
        "proposal 'p9' is not known in 'north' and can't be rejected; 'p1' is open",
    ]


def test_a_rejected_proposal_is_closed_and_its_risk_is_asked_about_later() -> None:
    day = proposed()
    (closed,) = day.told(reject(minutes=12, why="Cy is in training"))
    assert (closed.outcome, closed.why) == ("rejected", "Cy is in training")
    assert day.state.version == 1
    day.told(tick(25))
    assert day.look() is None
    day.told(tick(26))
    assert day.look() == Look("risk", ("a3",))


def test_what_was_rejected_is_not_proposed_again_within_the_hour() -> None:
    day = proposed()
    day.told(reject(minutes=12, why="Cy is in training"), tick(30))
    again = {"ana": ["a1", "a2"], "cy": ["a3"]}
    (none,) = day.answered(proposal(day.state, again, "p2", about=["a3"], saves_min=69))
    assert none.reasons == {"a3": "the same change was rejected within the hour: Cy is in training"}
    assert day.state.proposal is None


@pytest.mark.parametrize(("minutes", "saves_min"), [(30, 70), (72.5, 40)])
def test_unless_it_gains_much_more_or_the_hour_is_over(minutes: float, saves_min: float) -> None:
    day = proposed()
    day.told(reject(minutes=12), tick(minutes))
    again = {"ana": ["a1", "a2"], "cy": ["a3"]}
    day.answered(proposal(day.state, again, "p2", about=["a3"], saves_min=saves_min))
    assert day.state.proposal is not None


def test_a_proposal_expires_by_the_clock() -> None:
    day = proposed(holds_min=15)
    assert day.told(tick(25.9)) == []
    (closed,) = day.told(tick(26))
    assert closed.outcome == "expired"


def test_whoever_accepts_too_late_is_told_so() -> None:
    day = proposed(holds_min=15)
    closed, refused = day.told(accept(minutes=26))
    assert closed.outcome == "expired"
    assert "proposal 'p1' is expired already" in refused.detail


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (cancelled("a3", 12), "a3 was cancelled"),
        (cancelled("a1", 12), "a1 was cancelled"),
        (lost("cy", 12), "cy is out or works another shift"),
        (shift("cy", minutes=12, hours=5), "cy is out or works another shift"),
        (pin("a3", 12), "a3 was pinned"),
        (pin("a1", 12), "a1 was pinned"),
        (life("a3", "ana", "en_route", 12), "a3 is en_route already"),
        (life("a3", "ana", "declined", 12), "the route of ana was changed"),
        (requested("a1", 1, minutes=12, title="another"), "a1 was changed"),
    ],
)
def test_whatever_touches_it_closes_it_and_a_better_plan_is_looked_for(
    said: TerritoryInbound, why: str
) -> None:
    day = proposed()
    made = day.told(said)
    assert (made[0].outcome, made[0].why) == ("outdated", why)
    (refused,) = day.told(accept(minutes=12))
    assert "proposal 'p1' is outdated already" in refused.detail
    assert ("outdated", ("a3",)) in day.triggers() or ("outdated", ()) in day.triggers()
    day.told(tick(13))
    look = day.look()
    assert look is not None


@pytest.mark.parametrize(
    "said",
    [
        cancelled("b1", 12),
        lost("ben", 12),
        pin("b2", 12),
        life("a1", "ana", "en_route", 12),
        life("a1", "ana", "in_progress", 12),
        life("a1", "ana", "completed", 12),
        life("a3", "ana", "acknowledged", 12),
        requested("n1", 3, minutes=12),
    ],
)
def test_what_does_not_touch_it_leaves_it_open_and_it_can_be_applied(said: TerritoryInbound) -> None:
    day = proposed()
    day.told(said)
    assert day.state.proposal is not None
    day.told(accept(minutes=12))
    assert day.technician("a3") == "cy"
    ahead = [one for one in ("a1", "a2") if not day.state.appointments[one].ended]
    assert list(day.state.routes["ana"]) == ahead


def test_a_new_order_is_outdated_by_whatever_begins_first() -> None:
    day = morning()
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    day.answered(proposal(day.state, {"ana": ["a2", "a1", "a3"]}, about=["a3"]))
    (closed,) = day.told(life("a1", "ana", "en_route", 12))
    assert (closed.outcome, closed.why) == ("outdated", "ana has begun something else first")


def test_what_a_proposal_leaves_out_waits_for_somebody() -> None:
    day = morning()
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    day.answered(proposal(day.state, {"ana": ["a1", "a2"]}, about=["a3"]))
    day.told(accept(minutes=12))
    assert day.technician("a3") is None
    assert day.triggers() == [("new_appointment", ("a3",))]


def test_a_plan_that_is_newer_than_the_one_it_was_made_for_is_never_overwritten() -> None:
    day = proposed()
    day.state = replace(day.state, route_versions={**day.state.route_versions, "cy": day.state.version + 1})
    before = day.state.routes
    (closed,) = day.told(accept(minutes=12))
    assert (closed.outcome, closed.why) == (
        "outdated",
        "the plan of cy is newer than the one that it was made for",
    )
    assert day.state.routes == before
    assert ("outdated", ("a3",)) in day.triggers()
