"""Look among few technicians first; where they can't help everybody, among more of them."""

from collections.abc import Callable

from msgspec.structs import replace

from features.plan_events import Proposal
from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Problem
from models.rebalancing.propose import NoBetter, propose
from models.rebalancing.vroom_input import Solver


def looked(frozen: Callable[[Params], Problem], solve: Solver, params: Params) -> Proposal | NoBetter:
    """The best plan, or why there is none. `frozen` makes the problem of one moment for some parameters.

    `solve` is asked by both looks: a limit that it keeps is one of both together.
    """
    near = frozen(params)
    found = propose(near, solve, params)
    if not _leaves(near, found):
        return found
    wider = replace(params, neighbours=params.wider_neighbours, technicians_max=params.wider_technicians_max)
    around = frozen(wider)
    if len(around.technicians) <= len(near.technicians):
        return found
    more = propose(around, solve, wider)
    return more if _worth(more) >= _worth(found) else found


def _leaves(problem: Problem, found: Proposal | NoBetter) -> bool:
    """Whether somebody is left without help: all who need it, or one whom nobody serves."""
    if isinstance(found, NoBetter):
        return bool(problem.released)
    served = {name for route in found.routes.values() for name in route}
    alone = (problem.visits[visit].name for visit in problem.released if problem.own[visit] == NOBODY)
    return any(name not in served for name in alone)


def _worth(found: Proposal | NoBetter) -> float:
    return found.saves_min - found.price_min if isinstance(found, Proposal) else 0.0
