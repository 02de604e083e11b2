"""How a proposal is told to a dispatcher."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.rebalancing.problem import NOBODY, Plan, Problem
from models.rebalancing.verdict import Verdict, changed_routes

_MOST_NAMED = 3


def hour(problem: Problem, since_s: float) -> str:
    """The local time so many seconds from now, like 12:50."""
    at = datetime.fromtimestamp(problem.now_ms / 1000 + since_s, UTC)
    return at.astimezone(ZoneInfo(problem.zone)).strftime("%H:%M")


def summary(problem: Problem, plan: Plan, verdict: Verdict) -> str:
    """One sentence: who gets what."""
    given = [
        (visit, at) for at in changed_routes(problem, plan) for visit in plan[at] if problem.own[visit] != at
    ]
    # Those that it is about first, then as they come.
    given.sort(key=lambda one: (one[0] not in problem.released, float(verdict.start_s[one[0]])))
    if not given:
        return _orders(problem, plan)
    if len(given) == 1:
        return _one(problem, plan, verdict, *given[0])
    named = [f"{problem.visits[visit].name} to {problem.technicians[at].label}" for visit, at in given]
    if len(named) <= _MOST_NAMED:
        return f"Give {', '.join(named[:-1])} and {named[-1]}."
    first = ", ".join(named[: _MOST_NAMED - 1])
    crew = len({at for _, at in given})
    return f"Give {first} and {len(named) - _MOST_NAMED + 1} more: {len(given)} appointments to {crew} technicians."


def _one(problem: Problem, plan: Plan, verdict: Verdict, visit: int, technician: int) -> str:
    route, who = plan[technician], problem.technicians[technician].label
    at = route.index(visit)
    name, here = problem.visits[visit].name, route[at - 1] if at else len(problem.visits) + technician
    minutes = round(float(problem.travel_s[here, visit]) / 60)
    away = f"{minutes} minute{'s' if minutes != 1 else ''} away"
    free_s = float(verdict.end_s[route[at - 1]] if at else problem.shifts.free_s[technician])
    free = "free now" if free_s < 60 else f"free at {hour(problem, free_s)}"
    others = [v for v in _reordered(problem, plan) if v != visit]
    rest = f"; {len(others)} other{'s' if len(others) != 1 else ''} in another order" if others else ""
    instead = (
        f" instead of {problem.technicians[problem.own[visit]].label}" if problem.own[visit] != NOBODY else ""
    )
    return f"Give {name} to {who}{instead}, who is {away} and {free}{rest}."


def _orders(problem: Problem, plan: Plan) -> str:
    """Nobody changes hands: what comes earlier in whose route."""
    parts = []
    for at in changed_routes(problem, plan):
        before, after = problem.technicians[at].route, plan[at]
        first = next(place for place in range(len(after)) if after[place] != before[place])
        one, other = (problem.visits[visit].name for visit in (after[first], before[first]))
        parts.append(f"{problem.technicians[at].label} serve {one} before {other}")
    return f"Let {' and '.join(parts)}."


def _reordered(problem: Problem, plan: Plan) -> list[int]:
    """Who stays with the technician, and comes before somebody who came first until now."""
    found = []
    for at in changed_routes(problem, plan):
        before = problem.technicians[at].route
        kept = [visit for visit in plan[at] if visit in before]
        held = [visit for visit in before if visit in kept]
        found += [one for one, other in zip(kept, held, strict=True) if one != other]
    return found
