"""What a plan costs."""

import numpy as np
import pytest

from models.rebalancing.objective import Margin, Score, Scorer
from models.rebalancing.params import Params
from models.rebalancing.problem import Problem
from models.rebalancing.verdict import judged
from tests.support.noon import City, noon
from tests.support.rebalancing import frozen, job, morning

PARAMS = Params()


def scorer(problem: Problem) -> Scorer:
    return Scorer(problem, PARAMS, 1, 200, Margin())


def plan(problem: Problem, **routes: list[str]) -> tuple[tuple[int, ...], ...]:
    number = {visit.name: at for at, visit in enumerate(problem.visits)}
    return tuple(
        tuple(number[name] for name in routes[one.name]) if one.name in routes else one.route
        for one in problem.technicians
    )


def total(problem: Problem, **routes: list[str]) -> Score:
    return scorer(problem).total(plan(problem, **routes))


def test_who_is_not_served_counts_240_minutes_by_priority() -> None:
    for priority, weight in enumerate(PARAMS.priority_weights, 1):
        problem = frozen(morning({"ann": []}, [job("new", 13, priority=priority)]))
        assert total(problem, ann=[]).total == pytest.approx(240 * weight)
        assert total(problem, ann=["new"]).total < 30


def test_a_late_start_counts_no_more_than_240_minutes() -> None:
    problem = frozen(morning({"ann": []}, [job("new", 3, window_h=0.1)]))
    assert total(problem, ann=["new"]).late_min == pytest.approx(240)


def test_an_sla_counts_twice() -> None:
    late = [
        total(frozen(morning({"ann": []}, [job("new", 8, hard=hard)])), ann=["new"]) for hard in (False, True)
    ]
    assert late[1].late_min == pytest.approx(2 * late[0].late_min)


def test_another_technician_has_a_price() -> None:
    problem = frozen(morning({"ann": [job("a", 13)], "bob": []}), "a", trigger="request")
    score = total(problem, ann=[], bob=["a"])
    assert (score.price_min, score.changes, score.disturbed) == (10, 1, 1)


def test_a_first_technician_has_none() -> None:
    day = morning({"ann": [job("a", 13)], "bob": []}, [job("new", 13)], lost=["ann"])
    score = total(frozen(day), bob=["a", "new"])
    assert (score.price_min, score.changes, score.disturbed) == (0, 0, 0)


def test_another_time_for_the_customer_has_a_price() -> None:
    held = [job("a", 12.5, window_h=4), job("b", 14, window_h=4)]
    problem = frozen(morning({"ann": held}), "a", trigger="request")
    score = total(problem, ann=["b", "a"])
    assert (score.price_min, score.changes, score.disturbed) == (6, 0, 1)
    assert total(problem).price_min == 0


def test_coming_back_to_the_time_that_was_told_has_none() -> None:
    held = [job("long", 11, minutes=150), job("told", 12.2, window_h=5, minutes=15)]
    problem = frozen(morning({"ann": held, "bob": []}, starts={"told": 12.2}), "told", trigger="request")
    score = total(problem, ann=["long"], bob=["told"])
    assert score.price_min == 10


def test_overtime_and_driving_count_a_little() -> None:
    day = morning({"ann": []}, [job("new", 15, minutes=180, km=20)])
    score = total(frozen(day), ann=["new"])
    expected = score.late_min + 0.2 * score.overtime_min + 0.05 * score.driving_s / 60
    assert 55 < score.overtime_min < 75
    assert score.total == pytest.approx(expected + 10_000)


def test_a_plan_is_the_sum_of_its_routes() -> None:
    problem = frozen(noon(1, City(technicians=10, per_technician=6)))
    one = scorer(problem)
    whole = one.total(problem.plan)
    assert whole.total == pytest.approx(
        sum(one.of(key).total for key in enumerate(problem.plan)) + one.unserved_min(problem.plan)
    )


def test_routes_score_alike_alone_and_among_others() -> None:
    problem = frozen(noon(2, City(technicians=10, per_technician=6)))
    together, alone = scorer(problem), scorer(problem)
    keys = list(enumerate(problem.plan))
    together.look(keys)
    for key in keys:
        alone.look([key])
        assert np.allclose(alone.of(key), together.of(key), rtol=1e-4, atol=1e-3)


def test_a_plan_that_changes_nothing_saves_nothing() -> None:
    problem = frozen(noon(3, City(technicians=10, per_technician=6)))
    verdict = judged(problem, problem.plan, PARAMS)
    assert (verdict.saves_min, verdict.price_min, verdict.driving_min) == (0, 0, 0)
    assert not verdict.gains(PARAMS)
