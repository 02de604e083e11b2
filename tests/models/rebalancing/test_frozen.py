"""What stays as it is, what is let go, and who is asked."""

import msgspec
import numpy as np
import pytest

from features.route import RouteState, Stop
from features.wire import Place
from models.forecast import RiskState
from models.rebalancing.frozen import seed_of
from tests.support.noon import City, Noon, at, noon
from tests.support.rebalancing import frozen, held, job, morning, names, spot


def test_the_nearer_the_start_the_firmer_an_appointment_sits() -> None:
    day = morning({"ann": [job("soon", 10.7), job("later", 11.7), job("far", 14)], "bob": []})
    assert held(frozen(day, "far", trigger="request")) == {
        "soon": "ORDER",
        "later": "TECHNICIAN",
        "far": "RELEASED",
    }


@pytest.mark.parametrize(
    ("hour", "hold"), [(11.2, "ORDER"), (11.3, "TECHNICIAN"), (12.2, "TECHNICIAN"), (12.3, "FREE")]
)
def test_what_freezes_before_a_proposal_expires_is_frozen_for_it(hour: float, hold: str) -> None:
    """It is ten: an hour, or two, and the quarter of an hour that somebody has to decide."""
    day = morning({"ann": [job("late", 10.8), job("then", hour)], "bob": []}, at_risk=["late"])
    assert held(frozen(day))["then"] == hold


def test_what_is_planned_far_ahead_is_free() -> None:
    day = morning({"ann": [job("late", 11), job("far", 14)], "bob": []}, at_risk=["late"])
    assert held(frozen(day))["far"] == "FREE"


def test_at_risk_is_released_though_it_starts_soon() -> None:
    day = morning({"ann": [job("late", 10.2), job("next", 10.6)], "bob": []}, at_risk=["late"])
    assert held(frozen(day)) == {"late": "RELEASED", "next": "ORDER"}


@pytest.mark.parametrize("life", ["en_route", "on_site", "in_progress"])
def test_what_is_under_way_is_fixed_and_comes_first(life: str) -> None:
    day = morning({"ann": [job("a", 11), job("b", 10)], "bob": []}, at_risk=["a", "b"], lives={"b": life})
    problem = frozen(day)
    assert held(problem) == {"b": "FIXED", "a": "RELEASED"}
    assert names(problem, "ann") == ("b", "a")
    assert problem.technicians[0].fixed == 1


def test_a_pin_wins_over_a_risk() -> None:
    day = morning({"ann": [job("late", 10.2)], "bob": []}, at_risk=["late"], pinned=["late"])
    problem = frozen(day, "late")
    assert problem.released == ()
    assert problem.stuck == {"late": "It is pinned."}


def test_all_of_who_is_out_and_all_that_is_new_are_released() -> None:
    day = morning({"ann": [job("a", 10.5), job("b", 12)], "bob": []}, [job("new", 13)], lost=["ann"])
    problem = frozen(day, trigger="technician_lost")
    assert held(problem) == {"new": "RELEASED", "a": "RELEASED", "b": "RELEASED"}
    assert [one.name for one in problem.technicians] == ["bob"]
    assert (problem.own == -1).all()


def test_whoever_works_elsewhere_is_not_known() -> None:
    day = morning({"ann": [job("a", 12)], "bob": []})
    routes = {**day.territory.routes, "eve": ("a",)}
    day = Noon(msgspec.structs.replace(day.territory, routes=routes), {}, day.now_ms)
    assert {one.name for one in frozen(day, "a").technicians} == {"ann", "bob"}


def test_the_planned_start_freezes_as_much_as_the_expected_one() -> None:
    """Planned for soon, but expected late: told for 10:30, they stay the next."""
    before = job("before", 10, minutes=150)
    day = morning({"ann": [before, job("a", 10.5, window_h=4)], "bob": []})
    assert held(frozen(day, "before"))["a"] == "ORDER"


def test_the_nearest_of_those_who_may_are_asked() -> None:
    routes = {f"t{km}": [job(f"a{km}", 14, km=km)] for km in range(0, 40, 2)}
    skills = {who: ["gas"] for who in routes if who != "t10"}
    day = morning(routes, [job("new", 14.5, km=10, skills=("gas",))], skills=skills)
    asked = {one.name for one in frozen(day, trigger="new_appointment").technicians}
    assert len(asked) == 5
    assert "t10" not in asked
    assert asked <= {"t4", "t6", "t8", "t12", "t14", "t16"}


def test_who_declined_is_not_asked_again() -> None:
    day = morning({"ann": [], "bob": []}, [job("new", 13)], declined=("ann",))
    assert [one.name for one in frozen(day).technicians] == ["bob"]


def test_no_more_technicians_are_touched_than_a_plan_may_touch() -> None:
    problem = frozen(noon(3, City(late=10)))
    assert len(problem.technicians) == 12
    assert len(problem.stuck) > 0
    assert any("more urgent" in why for why in problem.stuck.values())


def test_the_same_moment_has_the_same_seed_and_another_another() -> None:
    assert seed_of("north", 3, at(12)) == seed_of("north", 3, at(12))
    assert len({seed_of("north", 3, at(12)), seed_of("north", 4, at(12)), seed_of("north", 3, at(13))}) == 3


def test_work_at_hand_is_remaining_work_where_it_is_done() -> None:
    one = job("a", 9, km=10, minutes=60)
    state = RouteState(
        "ann",
        order=("a",),
        stops={"a": Stop(one, life="in_progress", life_ms=at(9.5), began_ms=at(9.5))},
        duty="on_shift",
        place=spot(10),
        place_ms=at(10),
    )
    day = morning({"ann": [one, job("b", 12)], "bob": []}, lives={"a": "in_progress"})
    problem = frozen(Noon(day.territory, {"ann": RiskState(state)}, day.now_ms), "b")
    number = [visit.name for visit in problem.visits].index("a")
    ann = [one.name for one in problem.technicians].index("ann")
    assert problem.travel_s[problem.start_of(ann), number] == 0
    assert problem.slow[number] == 0
    assert problem.weight[number] == 0
    assert 0 < np.median(problem.work_s[ann, number]) < 3_600 - 1_000
    assert problem.hours.opens_s[number] == 0


def test_of_a_way_under_way_only_the_rest_is_ahead() -> None:
    one = job("a", 10, km=20)
    state = RouteState(
        "ann",
        order=("a",),
        stops={"a": Stop(one, life="en_route", life_ms=at(9.9), departed_ms=at(9.9))},
        duty="on_shift",
        place=Place(spot(10).lat, spot(10).lon),
        place_ms=at(10) - 60_000,
        motion="MOVING",
    )
    day = morning({"ann": [one, job("b", 12)], "bob": []}, lives={"a": "en_route"})
    problem = frozen(Noon(day.territory, {"ann": RiskState(state)}, day.now_ms), "b")
    number = [visit.name for visit in problem.visits].index("a")
    whole = frozen(day, "b").travel_s
    assert problem.travel_s[problem.start_of(0), number] < whole[problem.start_of(0), number]


def test_a_break_that_was_taken_is_not_due_again() -> None:
    day = noon(1, City(technicians=3, per_technician=5))
    due = frozen(day).shifts.break_s
    rested = {
        who: msgspec.structs.replace(risk, route=msgspec.structs.replace(risk.route, rested=True))
        for who, risk in day.risks.items()
    }
    assert due.max() == 1_800
    assert frozen(Noon(day.territory, rested, day.now_ms)).shifts.break_s.max() == 0


@pytest.mark.parametrize(("hour", "asked"), [(9.5, False), (7.5, True)])
def test_who_has_gone_home_is_not_asked_and_who_has_not_come_yet_is(hour: float, asked: bool) -> None:
    """The shift is from eight on, and it is ten."""
    day = morning({"ann": [job("late", 10.2)], "bob": []}, [job("new", 13)])
    state = RouteState("bob", duty="off_shift", duty_ms=at(hour))
    problem = frozen(Noon(day.territory, {**day.risks, "bob": RiskState(state)}, day.now_ms))
    assert ("bob" in {one.name for one in problem.technicians}) == asked
