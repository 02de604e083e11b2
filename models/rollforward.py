"""Roll routes forward through their day: many routes, each through many samples of what may happen.

The one simulation that risk, plans and predictions on the board share. Arrays are float32; R routes of
up to L stops in S samples, K quantile levels. Seconds count from the origin that the caller chose.

    depart = free, or the end of the stop before; + the break where it is due by then
    (a break that fits into the wait for a window is taken there)
    start  = max(depart + leg * pace(depart) * exp(spread z - spread^2 / 2), window opens)
    end    = start + work quantile(u) * exp(day_sigma d - day_sigma^2 / 2), d shared by the route's stops
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Array = NDArray[np.float32]

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Of duration quantiles, everywhere. Beyond the outer two a sample takes these."""
PACE_BIN_S = 900


@dataclass(frozen=True, eq=False)
class Routes:
    """R routes. Behind a route's last stop all is zero, and what comes out there means nothing.

    `free_s` (R): when the first leg can begin. `leg_s` (R, L): seconds of driving to each stop at pace 1.
    `spread` (R, L): log-sd of a leg. `work_s` (R, L, K): quantiles of work. `opens_s` (R, L): not before.
    `slow` (R, L): 1 where the shared slow-day factor applies, 0 where not (a remaining time knows it).
    `break_from_s`, `break_s` (R): taken before the first leg that begins at or after it, or in a wait before
    that is long enough; 0 s for none.
    """

    free_s: Array
    leg_s: Array
    spread: Array
    work_s: Array
    opens_s: Array
    slow: Array
    break_from_s: Array
    break_s: Array


@dataclass(frozen=True, eq=False)
class Draws:
    """What chance brings, shared by all routes so that they compare: `work` (L, K, S) are weights of the
    quantiles, `leg` (L, S) and `day` (S) standard normal."""

    work: Array
    leg: Array
    day: Array


def draws(seed: int, stops: int, samples: int) -> Draws:
    """The same seed gives the same chances, those of the first stops also where more are asked for.

    Each stop's are spread evenly over (0, 1), in a random order.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    even = (np.arange(samples) + 0.5) / samples
    rows = chance.permuted(np.tile(even, (1 + 2 * stops, 1)), axis=1)
    return Draws(_weights(rows[1::2]), _normal(rows[2::2]), _normal(rows[0]))


def roll(routes: Routes, chances: Draws, pace: Array, *, day_sigma: float) -> tuple[Array, Array]:
    """Starts and ends of work, both (L, R, S). `pace` has a factor for each quarter of an hour from the origin."""
    count, stops = routes.leg_s.shape
    samples = chances.day.shape[0]
    starts = np.empty((stops, count, samples), dtype=np.float32)
    ends = np.empty_like(starts)
    day = np.exp(np.float32(day_sigma) * chances.day - np.float32(day_sigma**2 / 2)) - np.float32(1)
    now = np.broadcast_to(routes.free_s[:, None], (count, samples))
    left_s = np.repeat(routes.break_s[:, None], samples, axis=1) if routes.break_s.any() else None
    for stop in range(stops):
        if left_s is not None:
            now = _rested(now, left_s, routes.break_from_s)
        start, end = starts[stop], ends[stop]
        np.multiply(_jitter(routes.spread[:, stop], chances.leg[stop]), _pace(now, pace), out=start)
        start *= routes.leg_s[:, stop, None]
        start += now
        if left_s is not None:
            left_s = _rested_waiting(start, routes.opens_s[:, stop], left_s, routes.break_from_s)
        np.maximum(start, routes.opens_s[:, stop, None], out=start)
        np.matmul(routes.work_s[:, stop], chances.work[stop], out=end)
        end *= 1 + routes.slow[:, stop, None] * day
        end += start
        now = end
    return starts, ends


def _rested(now: Array, left_s: Array, from_s: Array) -> Array:
    """After the break, where it is due. `left_s` is what is left of it, and changes in place."""
    due = np.where(now >= from_s[:, None], left_s, np.float32(0))
    left_s -= due
    return now + due


def _rested_waiting(arrival: Array, opens_s: Array, left_s: Array, from_s: Array) -> Array:
    """What is left of the break after a wait that it fits into."""
    if not (opens_s > from_s).any():
        return left_s
    over = np.maximum(arrival, from_s[:, None]) + left_s
    return np.where(over <= opens_s[:, None], np.float32(0), left_s)


def _jitter(spread: Array, normal: Array) -> Array:
    """exp(spread z - spread^2 / 2), (R, S). Few routes differ in their spread, so it is reckoned once for each."""
    kinds, which = np.unique(spread, return_inverse=True)
    jitter: Array = np.exp(kinds[:, None] * normal - (kinds * kinds / 2)[:, None])[which]
    return jitter


def _pace(now: Array, pace: Array) -> Array:
    """The factor of the quarter of an hour; before the first and behind the last theirs."""
    return pace.take((now * np.float32(1 / PACE_BIN_S)).astype(np.intp), mode="clip")


def _weights(uniform: NDArray[np.float64]) -> Array:
    """(L, S) in (0, 1) to (L, K, S): how much of each quantile makes the value there, linear in between."""
    levels = np.asarray(LEVELS)
    at = np.clip(uniform, levels[0], levels[-1])
    upper = np.clip(np.searchsorted(levels, at), 1, len(levels) - 1)
    share = (at - levels[upper - 1]) / (levels[upper] - levels[upper - 1])
    weights = np.zeros((uniform.shape[0], len(levels), uniform.shape[1]), dtype=np.float32)
    stop, sample = np.indices(uniform.shape)
    weights[stop, upper - 1, sample] = 1 - share
    weights[stop, upper, sample] = share
    return weights


def _normal(uniform: NDArray[np.float64]) -> Array:
    normal: Array = ndtri(uniform).astype(np.float32)
    return normal
