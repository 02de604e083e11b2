"""How long work takes, as quantiles at `LEVELS`: LightGBM, and group medians beside it as the baseline.

The boosters learn z = (log ratio - centre) / spread, where centre and spread are what the effects of
`features/duration.py` say already; so work of any kind and length is alike, also of kinds never seen:

    quantile = expected * exp(centre + spread * (z + shift))

`shift` makes each level hold on days later than those learned from (split conformal prediction).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import numpy as np
from lightgbm import Booster
from scipy.special import ndtri

from features.duration import Asked, Known, Params, Vectors, centre, spread, vectors
from models.rollforward import LEVELS, Array

LONGEST_S = 86_400.0
SHORTEST_S = 30.0
_LOWEST = (0.0, -1.0, 0.0, -1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)
_HIGHEST = (12.0, 1.0, 2.0, 1.0, 500.0, 1.0, 30.0, 24.0, 6.0, 5.0)
"""Of each of FEATURES: what lies outside says no more than what lies at the border."""
_TAIL_SHARE = 0.02
"""The least mean of what is left beyond p95, as a share of p95: work that was to end by now never ends at once."""


class Durations(Protocol):
    """The port of predicted durations."""

    def quantiles(self, asked: Sequence[Asked]) -> Array:
        """(n, K) seconds at `LEVELS`, rising along each row."""
        ...


class BaselineDurations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of each job type the quantiles of its past log ratios; `others` for types that are rare or new.

    Before anything is learned, work is lognormal and takes as long as expected on average.
    """

    job_types: Mapping[str, tuple[float, ...]] = {}
    others: tuple[float, ...] = tuple((Params().spread * ndtri(LEVELS) - Params().spread ** 2 / 2).tolist())

    def quantiles(self, asked: Sequence[Asked]) -> Array:
        rows = [self.job_types.get(one.job_type, self.others) for one in asked]
        logs = np.array(rows, dtype=float).reshape(len(rows), len(LEVELS))
        return _seconds(logs, asked)


@dataclass(frozen=True, eq=False)
class LightGbmDurations:
    """A booster and a shift for each level; `known` is what the past says of job types and technicians."""

    boosters: Sequence[Booster]
    shifts: Sequence[float]
    known: Known
    params: Params = field(default_factory=Params)

    def quantiles(self, asked: Sequence[Asked]) -> Array:
        if not asked:
            return np.empty((0, len(LEVELS)), dtype=np.float32)
        of = vectors(asked, self.known, self.params)
        z = np.sort(standard_quantiles(self.boosters, of) + np.asarray(self.shifts), axis=1)
        return _seconds(centre(of)[:, None] + spread(of)[:, None] * z, asked)


def limited(of: Vectors) -> Vectors:
    """Vectors as the boosters read them; the first step of their pipeline."""
    inside: Vectors = np.clip(of, _LOWEST, _HIGHEST)
    return inside


def standard_quantiles(boosters: Sequence[Booster], of: Vectors) -> Vectors:
    """(n, K) z at `LEVELS`, as the boosters say it: levels may still cross."""
    rows = limited(of)
    said = [np.asarray(booster.predict(rows, num_threads=1), dtype=float) for booster in boosters]
    return np.column_stack(said)


def remaining(quantiles: Array, spent_s: Array) -> Array:
    """(n, K) seconds left at `LEVELS` of work that has gone on for `spent_s` (n), given `quantiles` (n, K).

    Between levels, and from 0 s at level 0, probability is spread evenly. Beyond p95 what is left is
    exponential with the mean that p90 and p95 imply, (p95 - p90) / log 2, however long it has been.
    """
    spent = np.maximum(np.asarray(spent_s, dtype=float), 0.0)[:, None]
    values = np.column_stack([np.zeros(len(quantiles)), np.asarray(quantiles, dtype=float)])
    levels = np.array([0.0, *LEVELS])
    last = values[:, -1:]
    mean = np.maximum((last - values[:, -2:-1]) / np.log(2), _TAIL_SHARE * last + 1.0)
    over = np.maximum(spent - last, 0.0) / mean
    gone = _between(values, np.broadcast_to(levels, values.shape), np.minimum(spent, last))
    # Survival to the end of each level: S(spent) * (1 - level), by logarithms where S is next to nothing.
    log_left = np.where(spent >= last, np.log(1 - LEVELS[-1]) - over, np.log1p(-gone))
    log_left = log_left + np.log1p(-np.array(LEVELS))
    tail = last + mean * np.maximum(np.log(1 - LEVELS[-1]) - log_left, 0.0)
    inner = _between(
        np.broadcast_to(levels, values.shape), values, np.minimum(-np.expm1(log_left), LEVELS[-1])
    )
    total = np.where(log_left < np.log(1 - LEVELS[-1]), tail, inner)
    left: Array = np.maximum(total - spent, 0.0).astype(np.float32)
    return left


def _between(xs: Vectors, ys: Vectors, at: Vectors) -> Vectors:
    """Linear interpolation row by row: (n, K) knots that rise, (n, m) points within them. Of equal knots
    the last counts."""
    upper = (at[:, :, None] >= xs[:, None, :]).sum(axis=2).clip(1, xs.shape[1] - 1)
    x0, x1 = (np.take_along_axis(xs, upper - before, axis=1) for before in (1, 0))
    y0, y1 = (np.take_along_axis(ys, upper - before, axis=1) for before in (1, 0))
    width = np.where(x1 > x0, x1 - x0, 1.0)
    found: Vectors = y0 + (y1 - y0) * np.where(x1 > x0, (at - x0) / width, 1.0)
    return found


def _seconds(log_ratios: Vectors, asked: Sequence[Asked]) -> Array:
    expected = np.array([one.expected_s for one in asked], dtype=float)[:, None]
    # exp of what no work is would overflow on the way.
    taken = np.maximum(expected, 1.0) * np.exp(np.clip(log_ratios, -5.0, 5.0))
    seconds: Array = np.clip(taken, SHORTEST_S, LONGEST_S).astype(np.float32)
    return seconds
