"""Put appointments into routes one by one: next the one that would lose most by waiting (regret)."""

from collections.abc import Iterable, Iterator

from models.rebalancing.objective import Scorer
from models.rebalancing.problem import NOBODY, Plan, Problem, Route, first_place
from models.rebalancing.rolled import Key


def without(route: Route, visit: int) -> Route:
    at = route.index(visit)
    return (*route[:at], *route[at + 1 :])


def put(plan: Plan, *keys: Key) -> Plan:
    """The plan with other routes for some technicians."""
    routes = list(plan)
    for technician, route in keys:
        routes[technician] = route
    return tuple(routes)


def unserved(problem: Problem, plan: Plan) -> Route:
    served = {visit for route in plan for visit in route}
    return tuple(visit for visit in range(len(problem.visits)) if visit not in served)


def places(problem: Problem, technician: int, route: Route, visit: int) -> Iterator[Route]:
    """The route with the appointment in each place where it may stand; none where it may not be served.

    Its own old place is one of them, also behind what is frozen.
    """
    if not problem.allowed[technician, visit] or len(route) >= problem.longest:
        return
    first = first_place(problem, route, visit)
    for at in range(first, len(route) + 1):
        yield (*route[:at], visit, *route[at:])
    if problem.own[visit] == technician:
        back = as_today(problem, technician, route, visit)
        if back.index(visit) < first:
            yield back


def as_today(problem: Problem, technician: int, route: Route, visit: int) -> Route:
    """The route with the appointment behind the last of those that it follows today."""
    current = problem.technicians[technician].route
    ahead = current[: current.index(visit)]
    at = max((place + 1 for place, other in enumerate(route) if other in ahead), default=0)
    return (*route[:at], visit, *route[at:])


def freed(problem: Problem) -> Plan:
    """The current plan without those that are released from it."""
    gone = set(problem.released)
    return tuple(tuple(visit for visit in route if visit not in gone) for route in problem.plan)


def inserted(scorer: Scorer, plan: Plan, wanted: Iterable[int]) -> Plan:
    """The plan with all of `wanted` that are better served than not. Who has a technician today keeps one."""
    problem, waiting = scorer.problem, list(wanted)
    while waiting:
        found = _options(scorer, plan, waiting)
        if not found:
            break
        visit, key = max(found, key=lambda option: option[2])[:2]
        plan = put(plan, key)
        waiting.remove(visit)
    for visit in waiting:
        own = int(problem.own[visit])
        if own != NOBODY:
            plan = put(plan, (own, as_today(problem, own, plan[own], visit)))
    return plan


def _options(scorer: Scorer, plan: Plan, waiting: Iterable[int]) -> list[tuple[int, Key, float]]:
    """For each that has a place: the best one, and how much worse the best with another technician is."""
    problem = scorer.problem
    keys = {
        visit: [
            (technician, route)
            for technician, held in enumerate(plan)
            for route in places(problem, technician, held, visit)
        ]
        for visit in waiting
    }
    scorer.look([key for some in keys.values() for key in some] + list(enumerate(plan)))
    return [option for visit, some in keys.items() if (option := _option(scorer, plan, visit, some))]


def _option(scorer: Scorer, plan: Plan, visit: int, keys: list[Key]) -> tuple[int, Key, float] | None:
    idle = float(scorer.problem.weight[visit]) * scorer.params.late_cap_min
    best: dict[int, tuple[float, Key]] = {NOBODY: (idle, (NOBODY, ()))}
    for key in keys:
        technician = key[0]
        costs = scorer.of(key).total - scorer.of((technician, plan[technician])).total
        if technician not in best or costs < best[technician][0]:
            best[technician] = (costs, key)
    first, second = (
        sorted(best.values(), key=lambda one: one[0])[:2] if len(best) > 1 else (best[NOBODY],) * 2
    )
    return None if first[1][0] == NOBODY else (visit, first[1], second[0] - first[0])
