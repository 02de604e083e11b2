"""Look among few technicians first; where they can't help, among more of them."""

from collections.abc import Callable

from msgspec.structs import replace

from features.plan_events import Proposal
from models.rebalancing.params import Params
from models.rebalancing.problem import Problem
from models.rebalancing.propose import NoBetter, propose
from models.rebalancing.vroom_input import Solver


def looked(frozen: Callable[[Params], Problem], solve: Solver, params: Params) -> Proposal | NoBetter:
    """The best plan, or why there is none. `frozen` makes the problem of one moment for some parameters.

    `solve` is asked by both looks: a limit that it keeps is one of both together.
    """
    near = frozen(params)
    found = propose(near, solve, params)
    if isinstance(found, Proposal) or not near.released:
        return found
    wider = replace(params, neighbours=params.wider_neighbours, technicians_max=params.wider_technicians_max)
    around = frozen(wider)
    if len(around.technicians) <= len(near.technicians):
        return found
    return propose(around, solve, wider)
