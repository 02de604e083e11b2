"""Get a plan out of a rut: take a few appointments that are near each other out, put them in anew, polish.

What moves of single appointments can't reach, because the way there leads uphill, a small ruin can.
"""

import numpy as np

from models.rebalancing.candidates import trimmed
from models.rebalancing.insertion import inserted, unserved
from models.rebalancing.moves import ENOUGH_MIN, Looks, polished, within_limits
from models.rebalancing.objective import NOTHING, Score
from models.rebalancing.params import Params
from models.rebalancing.problem import Hold, Plan, Problem, Route

_LEAST, _MOST = 2, 5
"""So many come out at a time."""


def shaken(looks: Looks, plan: Plan, score: Score, params: Params) -> tuple[Plan, Score]:
    """The best plan after `shakes` attempts, each from the best one until then."""
    problem = looks.full.problem
    chance = np.random.Generator(np.random.PCG64(problem.seed))
    for _ in range(params.search.shakes):
        gone = _some(problem, plan, chance)
        if not gone:
            break
        bare = tuple(tuple(visit for visit in route if visit not in gone) for route in plan)
        other = trimmed(looks.full, inserted(looks.first, bare, gone), params)
        if other == plan:
            continue
        other, found = polished(looks, other, params)
        if found.total < score.total - ENOUGH_MIN and within_limits(problem, found, NOTHING, params):
            plan, score = other, found
    return plan, score


def _some(problem: Problem, plan: Plan, chance: np.random.Generator) -> Route:
    """One that needs help, and its nearest among those that may change hands."""
    waiting = unserved(problem, plan)
    movable = [v for route in plan for v in route if problem.visits[v].hold <= Hold.FREE]
    needy = [v for v in movable if problem.visits[v].hold is Hold.RELEASED] + list(waiting)
    if not movable or not needy:
        return ()
    centre = needy[int(chance.integers(len(needy)))]
    count = int(chance.integers(_LEAST, _MOST + 1))
    # A little chance in what is near, or the same ones come out every time.
    far_s = problem.travel_s[centre, movable] * chance.uniform(0.5, 1.5, len(movable))
    near = [movable[at] for at in np.argsort(far_s, kind="stable")]
    return tuple(dict.fromkeys((centre, *near)))[:count]
