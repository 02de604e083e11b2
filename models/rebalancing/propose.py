"""Look for a better plan of a frozen problem: candidates, polished by moves, checked, judged on fresh samples.

The same problem and the same answers of the solver give the same proposal.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from features.plan_events import Alternative, Proposal
from models.rebalancing.candidates import Candidate, by_insertion, by_vroom, taken_back, trimmed
from models.rebalancing.check import violations
from models.rebalancing.diff import proposal_of, routes_of
from models.rebalancing.moves import Looks, polished
from models.rebalancing.objective import Margin, Score, Scorer
from models.rebalancing.params import Params
from models.rebalancing.problem import Plan, Problem
from models.rebalancing.reasons import reasons
from models.rebalancing.shaken import shaken
from models.rebalancing.verdict import Verdict, judged
from models.rebalancing.vroom_input import Solver

_FIRST, _FULL = 1, 2
"""Told apart from the seed of the problem, so that each look has chances of its own."""
_FIRST_MARGIN, _FULL_MARGIN = Margin(0.15, 600.0), Margin(0.08, 240.0)


@dataclass(frozen=True)
class NoBetter:
    """No plan that is allowed gains enough: why, for each that could not be helped. `alternatives` are what
    was found; `dropped` counts those that broke a rule."""

    reasons: dict[str, str]
    alternatives: tuple[Alternative, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, eq=False)
class _Found:
    source: str
    plan: Plan
    score: Score
    wrong: tuple[str, ...] = field(default=())


def propose(problem: Problem, solve: Solver, params: Params) -> Proposal | NoBetter:
    """The best plan that gains more than its price, or why there is none.

    `solve` may take its time in another process; where it says None, insertion alone has to do.
    """
    looks = _looks(problem, params)
    if not problem.technicians or not problem.visits:
        return NoBetter(reasons(looks.full, problem.plan, None, params))
    found = _found(looks, [*by_insertion(looks), *by_vroom(looks, solve, params)], params)
    alternatives: list[Alternative] = []
    for one in sorted(found, key=lambda one: one.score.total):
        if one.wrong:
            alternatives.append(_lost(looks.full, one, f"It breaks a rule: {one.wrong[0]}."))
            continue
        verdict = judged(problem, one.plan, params)
        if verdict.gains(params):
            return _proposal(looks.full, one, verdict, alternatives, found, params)
        alternatives.append(_too_little(one, verdict, params))
    why = reasons(looks.full, problem.plan, None, params)
    return NoBetter(why, tuple(alternatives), sum(bool(one.wrong) for one in found))


def _looks(problem: Problem, params: Params) -> Looks:
    search = params.search
    return Looks(
        Scorer(problem, params, problem.seed + _FIRST, search.first_samples, _FIRST_MARGIN),
        Scorer(problem, params, problem.seed + _FULL, search.samples, _FULL_MARGIN),
    )


def _found(looks: Looks, candidates: Iterable[Candidate], params: Params) -> list[_Found]:
    """Each candidate within limits and polished; where several come to the same plan, the first counts."""
    found: dict[Plan, _Found] = {}
    problem = looks.full.problem
    begun = set[Plan]()
    for source, plan in candidates:
        start = trimmed(looks.full, plan, params)
        if start in begun:
            continue
        begun.add(start)
        end, score = polished(looks, start, params)
        if end != problem.plan and end not in found:
            found[end] = _Found(source, end, score)
    best = min(found.values(), key=lambda one: one.score.total, default=None)
    if best is not None:
        end, score = shaken(looks, best.plan, best.score, params)
        found.setdefault(end, _Found(f"{best.source}, shaken", end, score))
    return [_checked(looks.full, one, params) for one in found.values()]


def _checked(scorer: Scorer, one: _Found, params: Params) -> _Found:
    """With what is wrong with it. Chance may tip the scales at a limit: then the best that takes one change back
    will do, if there is one."""
    problem = scorer.problem
    wrong = violations(problem, routes_of(problem, one.plan), params)
    if not wrong:
        return one
    for plan in sorted(taken_back(problem, one.plan), key=lambda plan: scorer.total(plan).total):
        if plan != problem.plan and not violations(problem, routes_of(problem, plan), params):
            return _Found(one.source, plan, scorer.total(plan))
    return _Found(one.source, one.plan, one.score, tuple(wrong))


def _proposal(
    scorer: Scorer,
    best: _Found,
    verdict: Verdict,
    alternatives: list[Alternative],
    found: list[_Found],
    params: Params,
) -> Proposal:
    lost = {alternative.source for alternative in alternatives}
    rest = [one for one in found if one is not best and one.source not in lost]
    others = [
        _lost(scorer, one, _why_lost(one, best)) for one in sorted(rest, key=lambda one: one.score.total)
    ]
    return proposal_of(
        scorer.problem,
        best.plan,
        verdict,
        params,
        source=best.source,
        alternatives=[*alternatives, *others],
        unhelped=reasons(scorer, best.plan, verdict, params),
    )


def _why_lost(one: _Found, best: _Found) -> str:
    if one.wrong:
        return f"It breaks a rule: {one.wrong[0]}."
    return f"It is worth {one.score.total - best.score.total:.1f} minutes less."


def _lost(scorer: Scorer, one: _Found, why: str) -> Alternative:
    saves = scorer.total(scorer.problem.plan).late_min - one.score.late_min
    return Alternative(one.source, round(saves, 1), one.score.changes, why)


def _too_little(one: _Found, verdict: Verdict, params: Params) -> Alternative:
    why = (
        f"It saves {verdict.saves_min:.0f} late minutes: less than its price of {verdict.price_min:.0f} "
        f"and the {params.gain_min:.0f} that a plan has to gain."
    )
    return Alternative(one.source, round(verdict.saves_min, 1), verdict.changes, why)
