"""Why an appointment could not be helped, so that a dispatcher knows what to do instead."""

from models.rebalancing.check import violations
from models.rebalancing.diff import routes_of
from models.rebalancing.insertion import places, put, unserved, without
from models.rebalancing.objective import Scorer
from models.rebalancing.params import Params
from models.rebalancing.problem import Plan, Problem
from models.rebalancing.rolled import Key, chances, median_s, rolled
from models.rebalancing.verdict import Verdict
from models.rebalancing.words import hour

_STILL_LATE = 0.5
_LITTLE_MIN = 1.0
_IN_TIME = "It is expected in time where it is."
_NOT_TAKEN_UP = "Its technician has not taken it up: call them. Nobody else could take it at a lower price."


def reasons(scorer: Scorer, plan: Plan, verdict: Verdict | None, params: Params) -> dict[str, str]:
    """For each released appointment that `plan` does not bring into its window, and for all that could not be
    moved at all. Where `plan` is the current one (`verdict` None), for all that were asked about."""
    problem = scorer.problem
    found = dict(problem.stuck)
    waiting = unserved(problem, plan)
    for visit in problem.released:
        late = problem.before.late[visit]
        if verdict is not None and verdict.late[visit] == verdict.late[visit]:
            late = verdict.late[visit]
        if visit in waiting or late >= _STILL_LATE:
            found[problem.visits[visit].name] = reason(scorer, plan, visit, params)
        elif verdict is None:
            found[problem.visits[visit].name] = _IN_TIME if not problem.doubt[visit] else _NOT_TAKEN_UP
    return found


def reason(scorer: Scorer, plan: Plan, visit: int, params: Params) -> str:
    """Why `plan` does no better by this one, the hardest obstacle first."""
    problem, seen = scorer.problem, scorer.problem.visits[visit]
    if not seen.able:
        what = f" has the skill {' and '.join(seen.skills)}" if seen.skills else " could take it"
        return f"No technician on shift{what}."
    bare = tuple(without(route, visit) if visit in route else route for route in plan)
    keys: list[Key] = [
        (at, route) for at, held in enumerate(bare) for route in places(problem, at, held, visit)
    ]
    if not keys:
        return "Nobody who may serve it has a place behind what is fixed and pinned."
    soonest_s, who = _soonest(problem, keys, visit, params)
    if soonest_s > problem.hours.closes_s[visit]:
        ends = hour(problem, float(problem.hours.closes_s[visit]))
        name = problem.technicians[who].label
        return f"Nobody can be there before {hour(problem, soonest_s)} ({name}); the window ends at {ends}."
    others = [key for key in keys if visit not in plan[key[0]]]
    if not others:
        return "Nobody else may serve it, and in another order others would be late."
    return _not_worth(scorer, plan, bare, others, params)


def _soonest(problem: Problem, keys: list[Key], visit: int, params: Params) -> tuple[float, int]:
    """The earliest median start in any place, and with whom."""
    few = chances(problem.seed, keys, params.search.first_samples)
    here = rolled(problem, keys, few)
    starts_s = median_s(here.starts_s)
    return min((float(starts_s[route.index(visit), row]), at) for row, (at, route) in enumerate(keys))


def _not_worth(scorer: Scorer, plan: Plan, bare: Plan, others: list[Key], params: Params) -> str:
    """Somebody else could be there in time: what stands against it."""
    problem = scorer.problem
    scorer.look(others)
    now = scorer.total(plan)
    best = min(others, key=lambda key: scorer.total(put(bare, key)).total)
    other, score = put(bare, best), scorer.total(put(bare, best))
    who, saves = problem.technicians[best[0]].label, now.late_min - score.late_min
    if score.changes > params.changes_max or score.disturbed > problem.disturbed_max:
        return f"{who} could take it, but the plan would change more than a plan may."
    wrong = violations(problem, routes_of(problem, other), params) if score.breaches else []
    if wrong:
        return f"{who} could be there in time, but then {wrong[0]}."
    if saves < _LITTLE_MIN:
        return f"{who} could be there in time, but others would be as much later."
    price = score.price_min - now.price_min
    if saves - price >= params.gain_min:
        return f"{who} could take it and save {saves:.0f} late minutes, but no whole plan kept to all limits."
    return (
        f"Giving it to {who} would save {saves:.0f} late minutes, less than its price of "
        f"{price:.0f} and the {params.gain_min:.0f} that a plan has to gain."
    )
