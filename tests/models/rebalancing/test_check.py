"""Each rule, broken on purpose."""

from collections.abc import Sequence

import pytest

from models.rebalancing.check import violations
from models.rebalancing.params import Params
from models.rebalancing.problem import Problem
from tests.support.rebalancing import frozen, job, morning

STREET = {
    "ann": [job("here", 9.5), job("soon", 10.8), job("later", 11.8), job("far", 14)],
    "bob": [job("his", 11.2), job("late", 13)],
}


def street(**more: object) -> Problem:
    return frozen(morning(STREET, [job("new", 15)], lives={"here": "on_site"}, **more))


def wrong(routes: dict[str, Sequence[str]], problem: Problem | None = None, **params: object) -> list[str]:
    return violations(problem or street(), routes, Params(**params))


def test_the_current_plan_breaks_nothing() -> None:
    assert wrong({"ann": ("here", "soon", "later", "far"), "bob": ("his", "late")}) == []
    assert wrong({}) == []


def test_a_better_place_for_the_new_one_breaks_nothing() -> None:
    assert wrong({"ann": ("here", "soon", "later", "far", "new")}) == []


def test_nobody_is_left_out_or_served_twice() -> None:
    assert wrong({"ann": ("here", "soon", "later")}) == ["far is no longer served"]
    assert wrong({"bob": ("his", "late", "far")}) == ["far is served 2 times"]


def test_nothing_unknown_comes_in() -> None:
    assert wrong({"ann": ("here", "soon", "later", "far", "?")}) == ["? is no appointment of the problem"]
    assert wrong({"eve": ("new",)}) == ["eve is no technician of the problem"]


def test_what_is_fixed_stays_first() -> None:
    found = wrong({"ann": ("soon", "here", "later", "far")})
    assert "ann is to leave work that is fixed" in found


def test_what_is_frozen_keeps_the_technician() -> None:
    found = wrong({"ann": ("here", "soon", "far"), "bob": ("his", "later", "late")})
    assert found == ["later is frozen, and leaves ann"]


def test_what_is_frozen_in_its_order_keeps_it() -> None:
    held = [job("first", 10.2, minutes=10), job("second", 10.7, minutes=10), job("free", 14)]
    problem = frozen(morning({"ann": held}, [job("new", 15)]))
    assert wrong({"ann": ("second", "first", "free")}, problem) == ["the frozen order of ann is changed"]


def test_what_is_free_does_not_overtake_what_is_frozen() -> None:
    held = [job("first", 10.2, minutes=10), job("second", 10.7, minutes=10), job("free", 14)]
    problem = frozen(morning({"ann": held}, [job("new", 15)]))
    assert wrong({"ann": ("first", "free", "second")}, problem) == [
        "free overtakes what is frozen in its order"
    ]


def test_what_is_released_may_go_between_what_is_frozen() -> None:
    held = [job("first", 10.2, minutes=10, window_h=5), job("second", 10.7, minutes=10, window_h=5)]
    problem = frozen(morning({"ann": held}, [job("new", 10, minutes=5, window_h=5)]))
    assert wrong({"ann": ("first", "new", "second")}, problem) == []


def test_nothing_comes_before_a_pin() -> None:
    problem = street(pinned=["far"])
    assert wrong({"ann": ("here", "soon", "later", "new", "far")}, problem) == [
        "something comes before far, which is pinned"
    ]
    assert wrong({"ann": ("here", "soon", "later", "far", "new")}, problem) == []


def test_a_pin_keeps_the_technician() -> None:
    found = wrong({"ann": ("here", "soon", "later"), "bob": ("his", "late", "far")}, street(pinned=["far"]))
    assert found == ["far is frozen, and leaves ann"]


def test_skills_are_needed() -> None:
    routes = {"ann": [job("gas", 14, skills=("gas",))], "bob": []}
    problem = frozen(morning(routes, [job("new", 15)], skills={"ann": ["gas"]}))
    assert wrong({"ann": (), "bob": ("gas",)}, problem) == ["bob may not serve gas"]


def test_new_work_ends_with_the_shift_and_the_overtime_allowed() -> None:
    problem = frozen(morning({"ann": []}, [job("new", 15.5, minutes=110)]))
    assert wrong({"ann": ("new",)}, problem, overtime_max_s=1_800.0) == []
    problem = frozen(morning({"ann": []}, [job("new", 15.5, minutes=180)]))
    assert wrong({"ann": ("new",)}, problem) == ["ann would work long after the shift"]


def test_nobody_in_time_is_made_late() -> None:
    found = wrong({"bob": ("his", "new", "late")})
    assert found == ["late would be made late"]


def test_an_sla_may_not_even_well_be_late() -> None:
    def problem(hard: bool) -> Problem:
        return frozen(morning({"ann": [job("sla", 13, hard=hard)]}, [job("new", 12.5, minutes=85)]))

    assert wrong({"ann": ("new", "sla")}, problem(hard=False)) == []
    assert wrong({"ann": ("new", "sla")}, problem(hard=True)) == ["sla would be made late"]


def test_who_was_late_anyhow_may_stay_so() -> None:
    held = [job("past", 9, window_h=0.5, minutes=10)]
    problem = frozen(morning({"ann": held, "bob": []}, at_risk=["past"]))
    assert wrong({"ann": (), "bob": ("past",)}, problem) == []


def test_a_customer_is_not_told_another_time_again() -> None:
    held = {"ann": [job("a", 12.5, window_h=4), job("b", 14, window_h=4)]}
    assert wrong({"ann": ("b", "a")}, frozen(morning(held, [job("new", 15)]))) == []
    found = wrong({"ann": ("b", "a")}, frozen(morning(held, [job("new", 15)], promises=1)))
    assert "the customer of a is told another time again" in found


def test_a_plan_changes_few() -> None:
    routes = {"ann": [job(f"a{n}", 13 + n / 2, minutes=10) for n in range(6)], "bob": []}
    problem = frozen(morning(routes), "a0", trigger="request")
    moved = {"ann": ("a1", "a2", "a3", "a4"), "bob": ("a0", "a5")}
    assert wrong(moved, problem, changes_max=1) == [
        "more technicians change than a plan may change",
        "more appointments are disturbed than a plan may disturb",
    ]


@pytest.mark.parametrize("lost", [["ann"], ["ann", "bob"]])
def test_who_is_out_gets_nothing(lost: list[str]) -> None:
    problem = frozen(morning({"ann": [job("a", 12)], "bob": []}, [job("new", 13)], lost=lost))
    assert wrong({"ann": ("a", "new")}, problem) == ["ann is out, and gets work"]
    assert wrong({"ann": ()}, problem) == []
