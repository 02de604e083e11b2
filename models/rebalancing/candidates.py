"""Plans to begin with: today's with whoever needs help put in one by one, and what VROOM makes of it."""

from collections.abc import Iterator

from models.rebalancing.insertion import as_today, freed, inserted, places, put, unserved, without
from models.rebalancing.moves import Looks, within_limits
from models.rebalancing.objective import NOTHING, Scorer
from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Hold, Plan, Problem, Route, first_place
from models.rebalancing.vroom_input import Solver, VroomRoutes, mean_work_s, p75_work_s, vroom_input

Candidate = tuple[str, Plan]
"""Where a plan comes from, and the plan."""


def by_insertion(looks: Looks) -> Iterator[Candidate]:
    """`insertion` takes all that are released out and puts each in anew; `stay` only serves who is not served."""
    problem = looks.first.problem
    yield "insertion", inserted(looks.first, freed(problem), problem.released)
    yield "stay", inserted(looks.first, problem.plan, unserved(problem, problem.plan))


def by_vroom(looks: Looks, solve: Solver, params: Params) -> Iterator[Candidate]:
    """Of mean and of p75 work, as far as there are answers."""
    problem = looks.first.problem
    if not problem.technicians or not problem.visits:
        return
    for source, work_s in (("vroom mean", mean_work_s(problem)), ("vroom p75", p75_work_s(problem))):
        for warm in (False, True):
            answer = solve(vroom_input(problem, params, work_s, warm))
            if answer is not None:
                yield f"{source} {'warm' if warm else 'cold'}", _plan(looks.first, answer)


def trimmed(scorer: Scorer, plan: Plan, params: Params) -> Plan:
    """A plan that breaks limits, with those changes taken back that cost least, until it breaks none."""
    problem = scorer.problem
    for _ in problem.visits:
        score = scorer.total(plan)
        if not score.breaches and within_limits(problem, score, NOTHING, params):
            return plan
        back = list(taken_back(problem, plan))
        if not back:
            return problem.plan
        plan = min(back, key=lambda other: scorer.total(other).total)
    return problem.plan


def taken_back(problem: Problem, plan: Plan) -> Iterator[Plan]:
    """Each plan in which one that changed technician is with today's, or a route in today's order."""
    for at, route in enumerate(plan):
        for visit in route:
            own = int(problem.own[visit])
            if own == at:
                continue
            left = put(plan, (at, without(route, visit)))
            yield left if own == NOBODY else put(left, (own, as_today(problem, own, left[own], visit)))
        own_visits = set(problem.technicians[at].route)
        if set(route) == own_visits and route != problem.technicians[at].route:
            yield put(plan, (at, problem.technicians[at].route))


def _plan(scorer: Scorer, answer: VroomRoutes) -> Plan:
    """VROOM's answer as a plan that keeps to what is frozen; where it does not, only its technicians count."""
    problem, count = scorer.problem, len(scorer.problem.visits)
    taken, asked = set[int](), list[Route]()
    for at in range(len(problem.technicians)):
        jobs = [job - 1 for job in dict.fromkeys(answer.routes.get(1 + count + at, ()))]
        jobs = [visit for visit in jobs if visit not in taken and _may(problem, at, visit)]
        asked.append(tuple(jobs[: problem.longest - problem.technicians[at].fixed]))
        taken.update(asked[-1])
    plan: Plan = tuple(_merged(problem, at, route) for at, route in enumerate(asked))
    missing = [v for v in unserved(problem, plan) if problem.own[v] != NOBODY]
    for visit in missing:
        own = int(problem.own[visit])
        plan = put(plan, (own, as_today(problem, own, plan[own], visit)))
    return inserted(scorer, plan, unserved(problem, plan))


def _may(problem: Problem, technician: int, visit: int) -> bool:
    """Whatever it says: an appointment of the problem, that may go to this technician."""
    if not 0 <= visit < len(problem.visits) or problem.visits[visit].hold is Hold.FIXED:
        return False
    free = problem.visits[visit].hold <= Hold.FREE or problem.own[visit] == technician
    return free and bool(problem.allowed[technician, visit])


def _merged(problem: Problem, technician: int, asked: Route) -> Route:
    """The fixed stops, then VROOM's order where that is allowed; else today's order with the new ones put
    where VROOM has them, or as soon after as they may stand."""
    held = problem.technicians[technician]
    route = (*held.route[: held.fixed], *asked)
    if _in_order(problem, technician, route):
        return route
    kept = tuple(v for v in held.route if v in route)
    for visit in asked:
        if visit not in kept:
            before = asked[: asked.index(visit)]
            at = max((place + 1 for place, other in enumerate(kept) if other in before), default=0)
            at = max(at, first_place(problem, kept, visit))
            kept = (*kept[:at], visit, *kept[at:])
    return kept


def _in_order(problem: Problem, technician: int, route: Route) -> bool:
    """Whether nothing stands where it may not: each, taken out, could be put back where it is."""
    current = problem.technicians[technician].route
    firm = [v for v in current if problem.visits[v].hold >= Hold.ORDER]
    if [v for v in route if problem.visits[v].hold >= Hold.ORDER] != firm:
        return False
    return all(
        route in tuple(places(problem, technician, without(route, visit), visit))
        for visit in route
        if problem.visits[visit].hold < Hold.ORDER
    )
