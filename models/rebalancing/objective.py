"""What a plan costs, in late minutes of an appointment of priority 3.

    late      sum of weight * mean of min(minutes after the window, 240); nobody serves: weight * 240
    overtime  0.2 a minute after the shift's end, driving 0.05 a minute
    price     10 for a technician change, 6 for a customer's time moved by more than 30 min
    breach    10,000 for each limit that no gain may buy, so that the search turns away from it

All of it is a sum over technicians, so a route is looked at once, whatever plan it is in.
Getting a first technician, or one for somebody who is out, is no technician change: nobody is disturbed.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.rebalancing.params import Params
from models.rebalancing.problem import Plan, Problem
from models.rebalancing.rolled import Key, Rolled, chances, median_s, rolled
from models.rollforward import Array, Draws, draws

Flags = NDArray[np.bool_]

BREACH = 10_000.0
MINUTE_S = np.float32(60)
LIKELY, POSSIBLE = 0.5, 0.2
"""Probabilities at which an appointment is likely to be late, and at which it may well be: where the levels
AT_RISK and WATCH begin."""


class Score(NamedTuple):
    """Of one route; or of a plan, the sum. `total` is all of it; `changes` and `disturbed` are counts."""

    total: float
    late_min: float
    overtime_min: float
    driving_s: float
    price_min: float
    changes: int
    disturbed: int
    breaches: int


NOTHING = Score(0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0)


class Margin(NamedTuple):
    """By so much a search keeps further from a limit than the check, which sees other samples."""

    probability: float = 0.0
    seconds: float = 0.0


NO_MARGIN = Margin()


class Scorer:
    """Scores routes of a problem over one set of samples, and remembers them."""

    def __init__(self, problem: Problem, params: Params, seed: int, samples: int, margin: Margin) -> None:
        self.problem, self.params, self.margin = problem, params, margin
        self._seed, self._samples = seed, samples
        self._chances: Draws = draws(seed, problem.longest, samples)
        self._known: dict[Key, Score] = {}
        self._idle: float = params.late_cap_min

    def look(self, keys: Iterable[Key]) -> None:
        """Score those that are not known yet, all at once."""
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        if any(len(route) > len(self._chances.leg) for _, route in new):
            self._chances = chances(self._seed, new, self._samples)
        # Long and short routes apart: all in a batch go through as many stops as the longest has.
        for batch in _by_length(new):
            here = rolled(self.problem, batch, self._chances)
            self._known.update(zip(batch, scores(self.problem, here, self.params, self.margin), strict=True))

    def of(self, key: Key) -> Score:
        """The score of a route that was looked at."""
        return self._known[key]

    def total(self, plan: Plan) -> Score:
        """Of a whole plan, with those that nobody serves."""
        keys = list(enumerate(plan))
        self.look(keys)
        parts = Score(*map(sum, zip(NOTHING, *(self._known[key] for key in keys), strict=True)))
        unserved = self.unserved_min(plan)
        return parts._replace(total=parts.total + unserved, late_min=parts.late_min + unserved)

    def unserved_min(self, plan: Plan) -> float:
        served = {visit for route in plan for visit in route}
        weight = self.problem.weight
        return self._idle * sum(float(weight[n]) for n in range(len(weight)) if n not in served)


def scores(problem: Problem, here: Rolled, params: Params, margin: Margin = NO_MARGIN) -> list[Score]:
    """Of each route. Routes without a stop cost nothing."""
    late_min = _late_min(problem, here, params)
    overtime_min = _overtime_min(problem, here)
    starts_s = median_s(here.starts_s).T
    changed = _changed(problem, here)
    moved = moved_times(problem, here.stops, starts_s, params.time_change_s) & here.there
    price = changed.sum(1) * params.technician_change_min + moved.sum(1) * params.time_change_min
    breaches = _breaches(problem, here, moved, margin)
    total = late_min + params.overtime_weight * overtime_min + price + BREACH * breaches
    total = total + params.driving_weight / MINUTE_S * here.driving_s
    disturbed = (changed | (moved & (problem.own[here.stops] >= 0))).sum(1)
    columns = (total, late_min, overtime_min, here.driving_s, price, changed.sum(1), disturbed, breaches)
    return [Score(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def late_minutes(problem: Problem, here: Rolled, cap_min: float) -> Array:
    """(L, R, S), each capped, not weighted; 0 behind the last stop. In doubt, a share counts as unserved."""
    late = (here.starts_s - problem.hours.closes_s[here.stops].T[:, :, None]) / MINUTE_S
    capped: Array = np.clip(late, 0, np.float32(cap_min))
    if problem.doubt.any():
        doubt = _doubt(problem, here).T[:, :, None]
        capped += doubt * (np.float32(cap_min) - capped)
    capped *= here.there.T[:, :, None]
    return capped


def _doubt(problem: Problem, here: Rolled) -> Array:
    """(R, L) only where it is with whoever has it now."""
    doubt: Array = problem.doubt[here.stops] * (problem.own[here.stops] == here.who[:, None])
    return doubt


def moved_times(problem: Problem, stops: NDArray[np.intp], starts_s: Array, limit_s: float) -> Flags:
    """Whether a customer's time moves by more than the limit: from what it would be without the plan, and not
    back to what they were told. Both arguments (R, L); so is the answer."""
    told, before = problem.hours.promised_s[stops], problem.before.start_s[stops]
    off_promise = np.where(np.isnan(told), False, np.abs(starts_s - told) > limit_s)
    from_before = np.where(np.isnan(before), True, np.abs(starts_s - before) > limit_s)
    moved: Flags = off_promise & from_before
    return moved


def _late_min(problem: Problem, here: Rolled, params: Params) -> Array:
    mean = late_minutes(problem, here, params.late_cap_min).mean(axis=2)
    total: Array = (mean.T * problem.weight[here.stops]).sum(axis=1)
    return total


def _overtime_min(problem: Problem, here: Rolled) -> Array:
    after_s = np.maximum(here.last_ends_s() - problem.shifts.end_s[here.who][:, None], 0)
    mean: Array = after_s.mean(axis=1) / MINUTE_S
    return mean


def _changed(problem: Problem, here: Rolled) -> Flags:
    own = problem.own[here.stops]
    changed: Flags = here.there & (own >= 0) & (own != here.who[:, None])
    return changed


def _breaches(problem: Problem, here: Rolled, moved: Flags, margin: Margin) -> NDArray[np.intp]:
    """How many limits each route breaks: lateness made likely, a customer told twice, new work too late."""
    kept = (moved & problem.hours.keep[here.stops]).sum(axis=1)
    late = made_late(problem, here, margin.probability).sum(axis=1)
    breaches: NDArray[np.intp] = (kept + late + ends_too_late(problem, here, margin.seconds)) * here.other
    return breaches


def made_late(problem: Problem, here: Rolled, margin: float) -> Flags:
    """(R, L) where an appointment that is likely in time becomes likely to be late; with a hard SLA, where one
    that is sure to be in time may well be late."""
    closes_s = problem.hours.closes_s[here.stops].T[:, :, None]
    late = (here.starts_s > closes_s).mean(axis=2).T
    limit = np.where(problem.hard[here.stops], POSSIBLE, LIKELY) - margin
    # Work that has begun (weight 0) is no later by any plan.
    in_time = (problem.before.late[here.stops] < limit) & (problem.weight[here.stops] > 0)
    made: Flags = here.there & in_time & (late >= limit)
    return made


def ends_too_late(problem: Problem, here: Rolled, margin_s: float) -> Flags:
    """(R) whether a technician with new work is not done by the shift's end and the overtime allowed, nor
    by when they would be done anyhow."""
    new = (here.there & (problem.own[here.stops] != here.who[:, None])).any(axis=1)
    end_s = median_s(here.last_ends_s())
    limit_s = np.maximum(problem.shifts.latest_end_s, problem.before.end_s)[here.who]
    too_late: Flags = new & (end_s > limit_s - np.float32(margin_s))
    return too_late


def _by_length(keys: Sequence[Key]) -> list[list[Key]]:
    """In up to four batches, short routes first."""
    ordered = sorted(keys, key=lambda key: len(key[1]))
    size = max(128, -(-len(ordered) // 4))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]
