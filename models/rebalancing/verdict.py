"""Judge a plan on samples that the search has not seen, beside the current plan on the same ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.rebalancing.objective import MINUTE_S, late_minutes, scores
from models.rebalancing.params import Params
from models.rebalancing.problem import Plan, Problem
from models.rebalancing.rolled import Rolled, chances, median_s, rolled
from models.rollforward import Array

_FRESH = 0x5EED


@dataclass(frozen=True, eq=False)
class Verdict:
    """Minutes less of late minutes, of all that the objective counts but the price; the price; more driving.

    `better_share` is of samples in which less late minutes come out. `start_s`, `end_s` and `late` (n) are
    the medians, and the probabilities, of the appointments on changed routes; NaN for others.
    """

    saves_min: float
    worth_min: float
    price_min: float
    driving_min: float
    better_share: float
    changes: int
    disturbed: int
    start_s: Array
    end_s: Array
    late: Array

    def gains(self, params: Params) -> bool:
        """Whether it gains enough beyond its price, in late minutes and in all."""
        return min(self.saves_min, self.worth_min) - self.price_min >= params.gain_min


def changed_routes(problem: Problem, plan: Plan) -> list[int]:
    return [at for at, route in enumerate(plan) if route != problem.technicians[at].route]


def judged(problem: Problem, plan: Plan, params: Params) -> Verdict:
    """Each technician meets chances of their own, the same before and after."""
    samples = params.search.fresh_samples
    late, other_min, driving_s = np.zeros((2, samples), dtype=np.float32), np.zeros(2), np.zeros(2)
    price, changes, disturbed = 0.0, 0, 0
    start_s, end_s, probability = (np.full(len(problem.visits), np.nan, dtype=np.float32) for _ in range(3))
    for at in changed_routes(problem, plan):
        routes = (problem.technicians[at].route, plan[at])
        keys = [(at, route) for route in routes]
        fresh = chances(problem.seed ^ (_FRESH + at), keys, samples)
        here = rolled(problem, keys, fresh)
        late += _late(problem, here, params)
        both = scores(problem, here, params)
        other_min += [params.overtime_weight * one.overtime_min for one in both]
        driving_s += [one.driving_s for one in both]
        price, changes = price + both[1].price_min, changes + both[1].changes
        disturbed += both[1].disturbed
        _note(problem, here, routes[1], start_s, end_s, probability)
    late[0] += params.late_cap_min * _newly_served(problem, plan)
    other_min += params.driving_weight * driving_s / MINUTE_S
    saves = float((late[0] - late[1]).mean())
    return Verdict(
        saves_min=saves,
        worth_min=saves + float(other_min[0] - other_min[1]),
        price_min=price,
        driving_min=float(driving_s[1] - driving_s[0]) / 60,
        better_share=float((late[1] < late[0]).mean()),
        changes=changes,
        disturbed=disturbed,
        start_s=start_s,
        end_s=end_s,
        late=probability,
    )


def _late(problem: Problem, here: Rolled, params: Params) -> Array:
    """(R, S) weighted late minutes."""
    minutes = late_minutes(problem, here, params.late_cap_min)
    total: Array = np.einsum("lrs,rl->rs", minutes, problem.weight[here.stops])
    return total


def _newly_served(problem: Problem, plan: Plan) -> float:
    """The weight of those that nobody serves today."""
    return sum(float(problem.weight[visit]) for route in plan for visit in route if problem.own[visit] < 0)


def _note(
    problem: Problem, here: Rolled, route: Sequence[int], start_s: Array, end_s: Array, late: Array
) -> None:
    """Write down medians and probabilities of the second row."""
    stops, count = list(route), len(route)
    if stops:
        start_s[stops] = median_s(here.starts_s[:count, 1])
        end_s[stops] = median_s(here.ends_s[:count, 1])
        late[stops] = (here.starts_s[:count, 1] > problem.hours.closes_s[stops][:, None]).mean(axis=1)
        doubt = problem.doubt[stops] * (problem.own[stops] == here.who[1])
        late[stops] += doubt * (1 - late[stops])
        # Of work that has begun nothing is at stake.
        late[stops] = np.where(problem.weight[stops] == 0, problem.before.late[stops], late[stops])
