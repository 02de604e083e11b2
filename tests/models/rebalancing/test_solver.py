"""VROOM, asked as it likes to be asked."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from models.rebalancing import solver
from models.rebalancing.params import Params
from models.rebalancing.problem import Problem
from models.rebalancing.solver import solve
from models.rebalancing.vroom_input import (
    UNREACHABLE_S,
    VroomInput,
    VroomRoutes,
    mean_work_s,
    p75_work_s,
    vroom_input,
    whole_s,
)
from tests.support.noon import City, noon
from tests.support.rebalancing import frozen, job, morning, spot

PARAMS = Params()


def asked(problem: Problem, *, warm: bool = False) -> VroomInput:
    return vroom_input(problem, PARAMS, mean_work_s(problem), warm)


def by_name(problem: Problem, answer: VroomRoutes | None) -> dict[str, list[str]]:
    assert answer is not None
    count = len(problem.visits)
    return {
        problem.technicians[vehicle - 1 - count].name: [problem.visits[one - 1].name for one in route]
        for vehicle, route in answer.routes.items()
    }


def city(seed: int) -> Problem:
    return frozen(noon(seed, City(technicians=20, per_technician=7, late=2, lost=seed % 2, emergencies=1)))


def test_the_nearer_technician_gets_the_new_one() -> None:
    held = {"ann": [job("a", 13, km=0)], "bob": [job("b", 13, km=20)]}
    problem = frozen(morning(held, [job("new", 14.5, km=20)]))
    assert by_name(problem, solve(asked(problem))) == {"ann": ["a"], "bob": ["b", "new"]}


def test_names_that_are_no_ascii_come_back_whole() -> None:
    problem = frozen(morning({"Zoë\U0001f527": []}, [job("Größe", 13)]))
    assert by_name(problem, solve(asked(problem))) == {"Zoë\U0001f527": ["Größe"]}


def test_what_is_frozen_keeps_its_technician() -> None:
    held = {"ann": [job("soon", 10.7, km=20), job("later", 11.9, km=20)], "bob": [job("his", 11.5, km=20)]}
    problem = frozen(morning(held, [job("new", 14)]))
    routes = by_name(problem, solve(asked(problem)))
    assert set(routes["ann"]) >= {"soon", "later"}


def test_a_bonus_keeps_ones_own() -> None:
    """Bob passes by anyhow; but Ann has it."""
    held = {"ann": [job("a", 13, km=6)], "bob": [job("b", 14, km=7)]}
    problem = frozen(morning(held), "a", trigger="request")
    free, dear = (replace(asked(problem), bonus_s=bonus_s) for bonus_s in (0, 5_000))
    assert by_name(problem, solve(free)) == {"ann": [], "bob": ["a", "b"]}
    assert by_name(problem, solve(dear)) == {"ann": ["a"], "bob": ["b"]}


def test_work_at_hand_is_where_the_way_begins() -> None:
    day = morning(
        {"ann": [job("here", 9.5, km=10), job("next", 12)]}, [job("new", 14)], lives={"here": "on_site"}
    )
    problem = frozen(day)
    vehicle = asked(problem).vehicles[0]
    here = [visit.name for visit in problem.visits].index("here")
    assert vehicle.start == here
    assert vehicle.free_s > 1_000
    assert here + 1 not in {one.id for one in asked(problem).jobs}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("warm", [False, True])
def test_every_answer_is_the_same_again_and_knows_each_job_once(seed: int, warm: bool) -> None:
    question = asked(city(seed), warm=warm)
    answer = solve(question)
    assert answer is not None
    assert solve(question) == answer
    served = [one for route in answer.routes.values() for one in route]
    assert len(served) == len(set(served))
    assert set(served) <= {one.id for one in question.jobs}


@pytest.mark.parametrize("seed", range(6))
def test_few_are_left_unserved(seed: int) -> None:
    question = asked(city(seed))
    answer = solve(question)
    assert answer is not None
    assert len(question.jobs) - sum(len(route) for route in answer.routes.values()) <= 4


def test_a_question_and_its_answer_can_be_sent() -> None:
    question = asked(city(1), warm=True)
    again = pickle.loads(pickle.dumps(question))
    assert again.jobs == question.jobs
    assert again.travel_s.flags.c_contiguous
    assert again.travel_s.dtype == np.uint32
    answer = solve(again)
    assert answer == solve(question)
    assert pickle.loads(pickle.dumps(answer)) == answer


def test_a_warm_start_that_is_refused_is_tried_cold() -> None:
    question = asked(city(1), warm=True)
    first = question.vehicles[0]
    wrong = first._replace(steps=(question.jobs[0].id,) * 2)
    answer = solve(replace(question, vehicles=(wrong, *question.vehicles[1:])))
    assert answer == solve(replace(question, warm=False))


def test_what_vroom_refuses_has_no_answer() -> None:
    question = asked(city(1))
    assert solve(replace(question, jobs=())) is None
    assert solve(replace(question, vehicles=())) is None
    late = question.vehicles[0]._replace(free_s=100, latest_end_s=50)
    assert solve(replace(question, vehicles=(late,))) is None


def test_matrices_are_made_whole() -> None:
    odd = np.array([[0.4, np.nan], [-5.0, np.inf]], dtype=np.float32)
    assert whole_s(odd).tolist() == [[0, UNREACHABLE_S], [0, UNREACHABLE_S]]
    assert whole_s(odd.T).flags.c_contiguous
    assert whole_s(np.full((1, 1), 1e30, dtype=np.float32)).item() == UNREACHABLE_S


def test_without_the_private_solve_the_public_one_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    question = asked(city(2))
    private = vars(solver._vroom.Input)["_solve"]

    def only_public(self: object, **given: object) -> object:
        if "nb_searches" in given:
            raise TypeError("no such argument")
        return private(self, **given)

    monkeypatch.setattr(solver.vroom.Input, "_solve", only_public)
    answer = solve(question)
    assert answer is not None
    assert sum(len(route) for route in answer.routes.values()) >= len(question.jobs) - 4


def test_this_pyvroom_has_the_private_names() -> None:
    assert solver.usable()
    assert hasattr(solver._vroom.Input, "_solve")
    assert "nb_searches" in solver._vroom.Input._solve.__doc__


def test_the_cautious_candidate_reckons_with_longer_work() -> None:
    problem = city(1)
    some = problem.work_s.any(axis=2)
    assert (p75_work_s(problem)[some] > 1.05 * mean_work_s(problem)[some]).mean() > 0.9


def test_far_apart_is_no_trouble() -> None:
    one = job("antipode", 13)
    far = type(one)(
        appointment="far",
        place=type(spot(0))(-33.45, 67.93),
        window_start_ms=one.window_start_ms,
        window_end_ms=one.window_end_ms,
    )
    problem = frozen(morning({"ann": []}, [one, far]))
    assert solve(asked(problem)) is not None
