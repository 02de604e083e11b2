"""Polish a plan by moving and swapping single appointments, each move scored by simulation.

All moves get a first look over few samples, the most promising a full one; the best is made, and so on until
none gains. What a move of two routes gains depends on these two alone, so it is remembered for all plans.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import combinations, product

from models.rebalancing.insertion import places, put, unserved, without
from models.rebalancing.objective import Score, Scorer
from models.rebalancing.params import Params
from models.rebalancing.problem import Hold, Plan, Problem, Route, first_place
from models.rebalancing.rolled import Key

Move = tuple[float, tuple[Key, ...]]
"""What it costs more (negative: gains), and the routes that it changes."""
ENOUGH_MIN = 0.25
"""A move that gains less is not worth making."""
KEPT = 6
"""Of the moves between two routes, so many are remembered."""


@dataclass(frozen=True)
class Looks:
    """Two scorers of one problem: `first` over few samples, `full` over all that the search has."""

    first: Scorer
    full: Scorer
    known: dict[tuple[Key, ...], tuple[Move, ...]] = field(default_factory=dict)


def polished(looks: Looks, plan: Plan, params: Params) -> tuple[Plan, Score]:
    """The plan after all moves that gain, and its score by the full look."""
    score = looks.full.total(plan)
    for _ in range(params.search.rounds):
        better = _better(looks, plan, score, params)
        if better is None:
            break
        plan, score = better
    return plan, score


def within_limits(problem: Problem, score: Score, before: Score, params: Params) -> bool:
    """Whether a plan disturbs no more than it may, or at least not more than `before`."""
    return score.changes <= max(params.changes_max, before.changes) and score.disturbed <= max(
        problem.disturbed_max, before.disturbed
    )


def _better(looks: Looks, plan: Plan, score: Score, params: Params) -> tuple[Plan, Score] | None:
    first_moves = nsmallest(params.search.shortlist, _moves(looks, plan))
    plans = [put(plan, *keys) for costs, keys in first_moves if costs < -ENOUGH_MIN]
    looks.full.look(key for other in plans for key in enumerate(other))
    tried = [(other, looks.full.total(other)) for other in plans]
    allowed = [one for one in tried if within_limits(looks.full.problem, one[1], score, params)]
    best = min(allowed, key=lambda one: one[1].total, default=None)
    return best if best is not None and best[1].total < score.total - ENOUGH_MIN else None


def _moves(looks: Looks, plan: Plan) -> Iterator[Move]:
    """All moves that are remembered of a plan's routes, after a first look at the new ones."""
    keys = list(enumerate(plan))
    pairs: list[tuple[Key, ...]] = [(key,) for key in keys] + list(combinations(keys, 2))
    waiting = unserved(looks.first.problem, plan)
    _learn(looks, [pair for pair in pairs if pair not in looks.known])
    for pair in pairs:
        yield from looks.known[pair]
    if waiting:
        yield from _services(looks, keys, waiting)


def _learn(looks: Looks, pairs: list[tuple[Key, ...]]) -> None:
    problem = looks.first.problem
    changes = {pair: list(_changes(problem, pair)) for pair in pairs}
    looks.first.look(key for some in changes.values() for keys in some for key in keys)
    looks.first.look(key for pair in pairs for key in pair)
    for pair, some in changes.items():
        now = sum(looks.first.of(key).total for key in pair)
        costs = ((sum(looks.first.of(key).total for key in keys) - now, keys) for keys in some)
        looks.known[pair] = tuple(nsmallest(KEPT, costs))


def _services(looks: Looks, keys: list[Key], waiting: Route) -> Iterator[Move]:
    """Moves that serve who is not served."""
    first = looks.first
    ways = [
        (visit, at, (technician, route))
        for visit in waiting
        for at, (technician, held) in enumerate(keys)
        for route in places(first.problem, technician, held, visit)
    ]
    first.look(key for _, _, key in ways)
    for visit, at, key in ways:
        idle = float(first.problem.weight[visit]) * first.params.late_cap_min
        yield first.of(key).total - first.of(keys[at]).total - idle, (key,)


def _changes(problem: Problem, pair: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    if len(pair) == 1:
        yield from _within(problem, *pair[0])
    else:
        yield from _relocations(problem, pair[0], pair[1])
        yield from _relocations(problem, pair[1], pair[0])
        yield from _swaps(problem, pair[0], pair[1])


def _within(problem: Problem, technician: int, route: Route) -> Iterator[tuple[Key, ...]]:
    for visit in _movable(problem, route, Hold.TECHNICIAN):
        for other in places(problem, technician, without(route, visit), visit):
            if other != route:
                yield ((technician, other),)


def _relocations(problem: Problem, source: Key, goal: Key) -> Iterator[tuple[Key, ...]]:
    for visit in _movable(problem, source[1], Hold.FREE):
        for route in places(problem, goal[0], goal[1], visit):
            yield (source[0], without(source[1], visit)), (goal[0], route)


def _swaps(problem: Problem, one: Key, other: Key) -> Iterator[tuple[Key, ...]]:
    """Each takes the other's place."""
    (left, left_route), (right, right_route) = one, other
    free = _movable(problem, left_route, Hold.FREE), _movable(problem, right_route, Hold.FREE)
    for leaving, coming in product(*free):
        if not (problem.allowed[left, coming] and problem.allowed[right, leaving]):
            continue
        at, to = left_route.index(leaving), right_route.index(coming)
        if at >= first_place(problem, left_route, coming) and to >= first_place(
            problem, right_route, leaving
        ):
            yield (
                (left, (*left_route[:at], coming, *left_route[at + 1 :])),
                (right, (*right_route[:to], leaving, *right_route[to + 1 :])),
            )


def _movable(problem: Problem, route: Route, most: Hold) -> Iterable[int]:
    return [visit for visit in route if problem.visits[visit].hold <= most]
