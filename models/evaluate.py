"""How good predictions of durations were, on days that they were not learned from."""

from collections.abc import Sequence

import msgspec
import numpy as np

from features.duration import Asked, Vectors
from models.duration import Durations
from models.rollforward import LEVELS, Array


class Score(msgspec.Struct, frozen=True):
    """Of so many rows: mean pinball loss in seconds over all levels, the share of work within p10 to p90 (80 %
    is right), and the mean of |true - p50| in seconds."""

    rows: int
    pinball_s: float
    coverage: float
    error_s: float


def score(durations: Durations, asked: Sequence[Asked], duration_s: Vectors) -> Score:
    """How well work that took `duration_s` (n) was foretold."""
    quantiles = durations.quantiles(asked)
    median = quantiles[:, LEVELS.index(0.5)]
    return Score(
        rows=len(asked),
        pinball_s=pinball(quantiles, duration_s),
        coverage=coverage(quantiles, duration_s),
        error_s=float(np.abs(duration_s - median).mean()),
    )


def pinball(quantiles: Array, taken_s: Vectors) -> float:
    """Mean of max(L (t - q), (L - 1) (t - q)) over rows and levels L, in seconds.

    >>> round(pinball(np.full((1, len(LEVELS)), 100.0, dtype=np.float32), np.array([120.0])), 3)
    10.0
    """
    off = taken_s[:, None] - quantiles
    levels = np.array(LEVELS)
    return float(np.maximum(levels * off, (levels - 1) * off).mean())


def coverage(quantiles: Array, taken_s: Vectors, low: float = 0.1, high: float = 0.9) -> float:
    """The share of work within two levels, which are among `LEVELS`."""
    above = taken_s >= quantiles[:, LEVELS.index(low)]
    return float((above & (taken_s <= quantiles[:, LEVELS.index(high)])).mean())
