"""A better plan as data: what changes, what it saves and costs, and how long it can wait for a decision."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from features.ids import event_id
from features.plan_events import Alternative, Move, Proposal
from features.units import ms
from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Plan, Problem, Route
from models.rebalancing.verdict import Verdict, changed_routes
from models.rebalancing.words import summary

_SHOWN_S = 300.0
"""A start that moves by less is not worth a line, unless the probability of being late moves by `_SHOWN_P`."""
_SHOWN_P = 0.05


def proposal_of(
    problem: Problem,
    plan: Plan,
    verdict: Verdict,
    params: Params,
    *,
    source: str,
    alternatives: Sequence[Alternative],
    unhelped: Mapping[str, str],
) -> Proposal:
    routes = routes_of(problem, plan)
    decide_s = _decide_by_s(problem, plan, verdict)
    return Proposal(
        proposal=event_id("proposal", problem.territory, problem.version, problem.now_ms, *_parts(routes)),
        territory=problem.territory,
        base_version=problem.version,
        made_ms=problem.now_ms,
        expires_ms=problem.now_ms + ms(_held_s(decide_s, params)),
        trigger=problem.trigger,
        about=problem.about,
        summary=summary(problem, plan, verdict),
        routes={who: _ours(problem, route) for who, route in routes.items()},
        moves=tuple(_moves(problem, plan, verdict)),
        saves_min=round(verdict.saves_min, 1),
        price_min=round(verdict.price_min, 1),
        driving_min=round(verdict.driving_min, 1),
        better_share=round(verdict.better_share, 3),
        samples=params.search.fresh_samples,
        source=source,
        alternatives=tuple(alternatives),
        unhelped=dict(unhelped),
    )


def routes_of(problem: Problem, plan: Plan) -> dict[str, tuple[str, ...]]:
    """The whole order of each technician whose route changes, by names; also of those who are out."""
    routes = {}
    for at in changed_routes(problem, plan):
        technician = problem.technicians[at]
        routes[technician.name] = (*technician.over, *(problem.visits[visit].name for visit in plan[at]))
    served = {name for route in routes.values() for name in route}
    for name, route in problem.out.items():
        if served.intersection(route):
            routes[name] = tuple(one for one in route if one not in served)
    return routes


def _ours(problem: Problem, route: tuple[str, ...]) -> tuple[str, ...]:
    """What of a route this territory says the order of."""
    return tuple(name for name in route if name not in problem.elsewhere)


def decide_by_ms(problem: Problem, proposal: Proposal) -> int:
    """The first departure that a proposal changes: later it can't be carried out as it stands.

    By the medians of the current plan, so it holds for a proposal of this problem alone.
    """
    numbers = {visit.name: at for at, visit in enumerate(problem.visits)}
    plan = tuple(
        tuple(numbers[name] for name in proposal.routes[one.name][len(one.over) :])
        if one.name in proposal.routes
        else one.route
        for one in problem.technicians
    )
    departures = [_departure_s(problem, at, plan[at]) for at in changed_routes(problem, plan)]
    return problem.now_ms + ms(min(departures, default=0.0))


def _held_s(decide_s: float, params: Params) -> float:
    at_most = min(decide_s - params.expiry_margin_s, params.proposal_expires_s)
    return max(at_most, min(params.proposal_held_s, params.proposal_expires_s))


def _decide_by_s(problem: Problem, plan: Plan, verdict: Verdict) -> float:
    return min(_departure_s(problem, at, plan[at]) for at in changed_routes(problem, plan))


def _departure_s(problem: Problem, technician: int, route: Route) -> float:
    """When it is too late for one technician's part: they have to set out for the first stop that is another
    now, or it gets late for the one that is to be instead. Nobody sets out only to wait for a window.
    """
    current = problem.technicians[technician].route
    same = next(
        (at for at, (one, other) in enumerate(zip(current, route, strict=False)) if one != other), None
    )
    same = min(len(current), len(route)) if same is None else same
    here = current[same - 1] if same else problem.start_of(technician)
    leaves_s = max(0.0, _leaves_s(problem, technician, current, same))
    hours, way_s = problem.hours, problem.travel_s[here]
    limits_s = [hours.opens_s[visit] - way_s[visit] for visit in current[same : same + 1]]
    limits_s += [hours.closes_s[visit] - way_s[visit] for visit in route[same : same + 1]]
    return max(leaves_s, float(min(limits_s)))


def _leaves_s(problem: Problem, technician: int, current: Route, place: int) -> float:
    """The median end of the stop before that place of the current route; where it is the first, now."""
    free_s = float(problem.shifts.free_s[technician])
    if not place:
        return free_s
    before = current[place - 1]
    work_s = float(np.median(problem.work_s[technician, before]))
    return max(free_s, float(problem.before.start_s[before]) + work_s)


def _moves(problem: Problem, plan: Plan, verdict: Verdict) -> Iterator[Move]:
    """Who changes hands, and whose start moves; the released first, then as they come."""
    lines = [
        (visit not in problem.released, float(verdict.start_s[visit]), visit, at)
        for at in changed_routes(problem, plan)
        for visit in plan[at]
        if problem.own[visit] != at or _is_shown(problem, verdict, visit)
        if problem.visits[visit].name not in problem.elsewhere
    ]
    for _, _, visit, at in sorted(lines):
        yield _move(problem, verdict, visit, at)


def _is_shown(problem: Problem, verdict: Verdict, visit: int) -> bool:
    moved_s = abs(float(verdict.start_s[visit] - problem.before.start_s[visit]))
    riskier = float(verdict.late[visit] - problem.before.late[visit])
    return moved_s >= _SHOWN_S or abs(riskier) >= _SHOWN_P


def _move(problem: Problem, verdict: Verdict, visit: int, technician: int) -> Move:
    seen, own = problem.visits[visit], int(problem.own[visit])
    before_s = float(problem.before.start_s[visit])
    return Move(
        appointment=seen.name,
        title=seen.title,
        before_technician=None if own == NOBODY else problem.technicians[own].name,
        after_technician=problem.technicians[technician].name,
        before_start_ms=None if own == NOBODY else problem.now_ms + ms(before_s),
        after_start_ms=problem.now_ms + ms(float(verdict.start_s[visit])),
        before_probability=round(float(problem.before.late[visit]), 3),
        after_probability=round(float(verdict.late[visit]), 3),
        window_end_ms=seen.window_end_ms,
    )


def _parts(routes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, route in sorted(routes.items()):
        yield from (name, *route)
