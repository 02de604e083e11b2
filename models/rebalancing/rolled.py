"""Routes of a problem, rolled forward together by the simulation that gives the risk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rebalancing.problem import Problem, Route
from models.rollforward import Array, Draws, Routes, draws, roll

Key = tuple[int, Route]
"""A technician, and a route for them."""


@dataclass(frozen=True, eq=False)
class Rolled:
    """R routes of up to L stops in S samples. `who` (R), `stops` (R, L) the appointments, 0 behind the last,
    `there` (R, L) where there is one; `other` (R) where it is not the current route of that technician.
    `starts_s` and `ends_s` (L, R, S); `driving_s` (R) at pace 1, home too.
    """

    who: NDArray[np.intp]
    other: NDArray[np.bool_]
    stops: NDArray[np.intp]
    there: NDArray[np.bool_]
    starts_s: Array
    ends_s: Array
    driving_s: Array

    def last_ends_s(self) -> Array:
        """(R, S), 0 for a route without a stop."""
        last = self.there.sum(axis=1) - 1
        ends: Array = self.ends_s[np.maximum(last, 0), np.arange(len(last))]
        return np.where(last[:, None] >= 0, ends, np.float32(0))


def rolled(problem: Problem, keys: Sequence[Key], chances: Draws) -> Rolled:
    """Roll each route forward. None may have more stops than `chances`."""
    who = np.array([technician for technician, _ in keys], dtype=np.intp)
    lengths = np.array([len(route) for _, route in keys], dtype=np.intp)
    most = max(1, int(lengths.max(initial=0)))
    there = np.arange(most) < lengths[:, None]
    stops = np.zeros((len(keys), most), dtype=np.intp)
    stops[there] = [visit for _, route in keys for visit in route]
    leg_s, home_s = _driving(problem, who, stops, there)
    routes = _routes(problem, who, stops, there, leg_s)
    starts_s, ends_s = roll(routes, chances, problem.pace, day_sigma=problem.day_sigma)
    other = np.array([problem.technicians[at].route != route for at, route in keys], dtype=np.bool_)
    return Rolled(who, other, stops, there, starts_s, ends_s, leg_s.sum(axis=1) + home_s)


def chances(seed: int, keys: Sequence[Key], samples: int) -> Draws:
    """As many as these routes need; those of a seed begin alike, however many they are."""
    return draws(seed, max((1, *(len(route) for _, route in keys))), samples)


def median_s(samples: Array) -> Array:
    """The upper median over the last axis, which is all that ordering half of it takes."""
    middle = samples.shape[-1] // 2
    ordered: Array = np.partition(samples, middle, axis=-1)
    return ordered[..., middle]


def _driving(
    problem: Problem, who: NDArray[np.intp], stops: NDArray[np.intp], there: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Of each leg (R, L), and from the last stop home (R), which nobody drives who has no stop."""
    origins = np.empty_like(stops)
    origins[:, 0] = len(problem.visits) + who
    origins[:, 1:] = stops[:, :-1]
    leg_s: Array = np.where(there, problem.travel_s[origins, stops], np.float32(0))
    last = there.sum(axis=1)
    home = len(problem.visits) + len(problem.technicians) + who
    home_s: Array = problem.travel_s[stops[np.arange(len(who)), np.maximum(last - 1, 0)], home]
    return leg_s, np.where(last > 0, home_s, np.float32(0))


def _routes(
    problem: Problem,
    who: NDArray[np.intp],
    stops: NDArray[np.intp],
    there: NDArray[np.bool_],
    leg_s: Array,
) -> Routes:
    shifts = problem.shifts
    spread = np.full(leg_s.shape, problem.spread, dtype=np.float32)
    spread[:, 0] = problem.first_spread[who]
    return Routes(
        free_s=shifts.free_s[who],
        leg_s=leg_s,
        spread=spread,
        work_s=problem.work_s[who[:, None], stops] * there[:, :, None],
        opens_s=np.where(there, problem.hours.opens_s[stops], np.float32(0)),
        slow=problem.slow[stops],
        break_from_s=shifts.break_from_s[who],
        break_s=shifts.break_s[who],
    )
