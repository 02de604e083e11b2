"""Check a plan before anybody sees it: against the problem alone, whoever made it and however.

- coverage: everybody served is served once, who is nobody's at most once; nothing unknown
- fixed work stays first; what is frozen keeps technician or order; nothing comes before a pin that was not
  before it; what is not released comes behind what is frozen in its order
- new work goes to somebody with the skills, who has not declined it and whose shift is not over, and who is
  done by the shift's end and the overtime allowed (or by when they would be done anyhow), breaks included:
  the roll-forward takes a break before the first leg after it is due
- windows: who is likely in time is not made likely to be late, and where an SLA is hard it stays unlikely.
  Who was late anyhow may stay so: what lateness costs is the objective's affair
- a plan changes so many technicians and disturbs so many appointments at most, and tells no customer another
  time who was told another one today already. A first technician, or one for somebody who is out, counts as
  neither: all that a lost technician leaves may be taken over by one plan
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.rebalancing.objective import ends_too_late, made_late, moved_times, scores
from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Hold, Plan, Problem, Route
from models.rebalancing.rolled import Key, chances, median_s, rolled


def violations(
    problem: Problem, routes: Mapping[str, Sequence[str]], params: Params | None = None
) -> list[str]:
    """All that is wrong with other routes for the technicians named, in words; nothing where all is well."""
    params = params or Params()
    numbers = {visit.name: at for at, visit in enumerate(problem.visits)}
    found = list(_unknown(problem, routes, numbers))
    if found:
        return found
    plan = tuple(
        tuple(numbers[name] for name in routes[one.name][len(one.over) :])
        if one.name in routes
        else one.route
        for one in problem.technicians
    )
    found = [*_coverage(problem, plan), *_holds(problem, plan), *_people(problem, plan)]
    return found or list(_times(problem, plan, params))


def _unknown(
    problem: Problem, routes: Mapping[str, Sequence[str]], numbers: Mapping[str, int]
) -> Iterator[str]:
    over = {one.name: one.over for one in problem.technicians}
    for technician, route in routes.items():
        if technician in problem.out:
            if not _is_part(route, problem.out[technician]):
                yield f"{technician} is out, and gets work"
            continue
        if technician not in over:
            yield f"{technician} is no technician of the problem"
            continue
        if tuple(route[: len(over[technician])]) != over[technician]:
            yield f"{technician} loses work that was begun"
        for name in route[len(over[technician]) :]:
            if name not in numbers:
                yield f"{name} is no appointment of the problem"


def _coverage(problem: Problem, plan: Plan) -> Iterator[str]:
    served = [visit for route in plan for visit in route]
    for at, visit in enumerate(problem.visits):
        times = served.count(at)
        if times > 1:
            yield f"{visit.name} is served {times} times"
        elif times == 0 and problem.own[at] != NOBODY:
            yield f"{visit.name} is no longer served"


def _holds(problem: Problem, plan: Plan) -> Iterator[str]:
    for technician, route in zip(problem.technicians, plan, strict=True):
        current = technician.route
        if route[: technician.fixed] != current[: technician.fixed]:
            yield f"{technician.name} is to leave work that is fixed"
        kept = [visit for visit in current if problem.visits[visit].hold >= Hold.TECHNICIAN]
        for visit in kept:
            if visit not in route:
                yield f"{problem.visits[visit].name} is frozen, and leaves {technician.name}"
        firm = [visit for visit in kept if problem.visits[visit].hold >= Hold.ORDER and visit in route]
        if not _is_part(firm, route):
            yield f"the frozen order of {technician.name} is changed"
        yield from _pins(problem, route, current)
        yield from _overtaking(problem, route, current)


def _pins(problem: Problem, route: Route, current: Route) -> Iterator[str]:
    for at, visit in enumerate(current):
        if problem.visits[visit].hold is Hold.PINNED and visit in route:
            ahead = route[: route.index(visit)]
            if not _is_part(ahead, current[:at]):
                yield f"something comes before {problem.visits[visit].name}, which is pinned"


def _overtaking(problem: Problem, route: Route, current: Route) -> Iterator[str]:
    """What is not released, and newly before what is frozen in its order."""
    holds = [problem.visits[visit].hold for visit in route]
    last = max((at for at, hold in enumerate(holds) if hold is Hold.ORDER), default=0)
    for at, visit in enumerate(route[:last]):
        before = current.index(visit) if visit in current else None
        if Hold.RELEASED < holds[at] < Hold.ORDER and (before is None or before > current.index(route[last])):
            yield f"{problem.visits[visit].name} overtakes what is frozen in its order"


def _people(problem: Problem, plan: Plan) -> Iterator[str]:
    for at, route in enumerate(plan):
        for visit in route:
            if not problem.allowed[at, visit]:
                yield f"{problem.technicians[at].name} may not serve {problem.visits[visit].name}"


def _times(problem: Problem, plan: Plan, params: Params) -> Iterator[str]:
    keys: list[Key] = [(at, route) for at, route in enumerate(plan) if route != problem.technicians[at].route]
    if not keys:
        return
    # The samples of the roll-forward that said what is expected of the current plan.
    here = rolled(problem, keys, chances(problem.seed, keys, params.search.fresh_samples))
    for row, stop in np.argwhere(made_late(problem, here, 0.0)):
        yield f"{problem.visits[here.stops[row, stop]].name} would be made late"
    for row in np.flatnonzero(ends_too_late(problem, here, 0.0)):
        yield f"{problem.technicians[here.who[row]].name} would work long after the shift"
    moved = moved_times(problem, here.stops, median_s(here.starts_s).T, params.time_change_s) & here.there
    for row, stop in np.argwhere(moved & problem.hours.keep[here.stops]):
        yield f"the customer of {problem.visits[here.stops[row, stop]].name} is told another time again"
    each = scores(problem, here, params)
    if sum(one.changes for one in each) > params.changes_max:
        yield "more technicians change than a plan may change"
    if sum(one.disturbed for one in each) > problem.disturbed_max:
        yield "more appointments are disturbed than a plan may disturb"


def _is_part(part: Sequence[object], whole: Sequence[object]) -> bool:
    """Whether all of `part` is in `whole`, in the same order."""
    rest = iter(whole)
    return all(any(one == other for other in rest) for one in part)
