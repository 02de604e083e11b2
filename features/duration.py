"""What is known of a piece of work before it begins, as numbers: the same for training and for serving.

Everything is about log(actual / expected), the log ratio, so that work of any kind and length is alike.
Effects are means of log ratios, shrunk toward what holds for all: sum / (jobs + prior jobs). `Known` is what
jobs that are over have taught; it is folded in the order in which they ended, so it never knows the future.
"""

from collections.abc import Sequence
from math import log, sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

FEATURES = (
    "log_expected_s",
    "type_effect",
    "type_spread",
    "technician_effect",
    "technician_jobs",
    "day_effect",
    "jobs_before",
    "hour",
    "weekday",
    "priority",
)
"""The columns of `vectors`. Effects are log ratios; `technician_jobs` and `jobs_before` count."""
_HUGE = log(10.0)
"""A log ratio beyond it is a forgotten tap, not work."""


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much it takes to believe in a difference, in jobs, and what holds before there are any.

    Priors are (spread of work / spread of the effect)^2. An effect is at most `most` times or 1 / `most` of
    what holds for all.
    """

    type_prior_jobs: float = 10.0
    technician_prior_jobs: float = 8.0
    day_prior_jobs: float = 16.0
    most: float = 2.0
    spread: float = 0.45


class Asked(msgspec.Struct, frozen=True, gc=False):
    """Work whose duration is asked for. `hour` (local, 0 to 24) is when it begins, `weekday` 0 a Monday.

    `jobs_before` of the technician's are done today, `day_log_ratio` the sum of their log ratios
    (`features.route.Worked`).
    """

    job_type: str
    technician: str
    hour: float
    weekday: int
    priority: int
    expected_s: float
    jobs_before: int = 0
    day_log_ratio: float = 0.0


class Done(msgspec.Struct, frozen=True, gc=False):
    """Work that is over, and how long it took."""

    asked: Asked
    duration_s: float


class Tally(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Of so many log ratios, the sum and the sum of squares."""

    jobs: int = 0
    total: float = 0.0
    squares: float = 0.0

    def plus(self, value: float) -> "Tally":
        return Tally(self.jobs + 1, self.total + value, self.squares + value * value)


class Known(msgspec.Struct, frozen=True, gc=False):
    """What jobs have taught so far: of all, by job type, and by technician beyond what their types explain."""

    everybody: Tally = Tally()
    job_types: dict[str, Tally] = {}
    technicians: dict[str, Tally] = {}


def log_ratio(duration_s: float, expected_s: float) -> float:
    """log(actual / expected), within what work can be.

    >>> log_ratio(3600.0, 3600.0)
    0.0
    """
    return max(-_HUGE, min(_HUGE, log(max(duration_s, 1.0) / max(expected_s, 1.0))))


def advance(known: Known, done: Done, params: Params) -> Known:
    """What is known after a job that is over."""
    asked, ratio = done.asked, log_ratio(done.duration_s, done.asked.expected_s)
    by_type = known.job_types.get(asked.job_type, Tally())
    own = known.technicians.get(asked.technician, Tally())
    beyond = ratio - _type_effect(known, asked.job_type, params)[0]
    return Known(
        known.everybody.plus(ratio),
        {**known.job_types, asked.job_type: by_type.plus(ratio)},
        {**known.technicians, asked.technician: own.plus(beyond)},
    )


def vectors(asked: Sequence[Asked], known: Known, params: Params | None = None) -> Vectors:
    """(n, len(FEATURES)). Types and technicians that nobody has seen take what holds for all."""
    params = params or Params()
    mean, _ = _everybody(known, params)
    types = {name: _type_effect(known, name, params) for name in {one.job_type for one in asked}}
    people = {name: _technician(known, name, params) for name in {one.technician for one in asked}}
    rows = [_row(one, types[one.job_type], people[one.technician], mean, params) for one in asked]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def centre(of: Vectors) -> Vectors:
    """(n) the log ratio to expect by the effects alone; the model learns how work lies around it."""
    column = FEATURES.index
    total: Vectors = (
        of[:, column("type_effect")] + of[:, column("technician_effect")] + of[:, column("day_effect")]
    )
    return total


def spread(of: Vectors) -> Vectors:
    """(n) the standard deviation of log ratios of the job type."""
    return of[:, FEATURES.index("type_spread")]


def _row(
    asked: Asked, by_type: tuple[float, float], own: tuple[float, int], mean: float, params: Params
) -> tuple[float, ...]:
    effect, jobs = own
    beyond = asked.day_log_ratio - asked.jobs_before * (mean + effect)
    day = _shrunk(beyond, asked.jobs_before, params.day_prior_jobs, params.most)
    return (
        log(max(asked.expected_s, 1.0)),
        *by_type,
        effect,
        float(jobs),
        day,
        float(asked.jobs_before),
        asked.hour,
        float(asked.weekday),
        float(asked.priority),
    )


def _everybody(known: Known, params: Params) -> tuple[float, float]:
    """Mean and spread of all log ratios; before any, the mean of work that takes as long as expected."""
    prior = (-(params.spread**2) / 2, params.spread)
    return _towards(known.everybody, prior, params.type_prior_jobs)


def _type_effect(known: Known, job_type: str, params: Params) -> tuple[float, float]:
    tally = known.job_types.get(job_type, Tally())
    return _towards(tally, _everybody(known, params), params.type_prior_jobs)


def _towards(tally: Tally, prior: tuple[float, float], prior_jobs: float) -> tuple[float, float]:
    """Mean and standard deviation, shrunk as if `prior_jobs` jobs had had those of the prior."""
    mean, sigma = prior
    jobs = tally.jobs + prior_jobs
    shrunk = (tally.total + prior_jobs * mean) / jobs
    squares = (tally.squares + prior_jobs * (sigma * sigma + mean * mean)) / jobs
    return shrunk, sqrt(max(squares - shrunk * shrunk, 1e-4))


def _technician(known: Known, technician: str, params: Params) -> tuple[float, int]:
    tally = known.technicians.get(technician, Tally())
    return _shrunk(tally.total, tally.jobs, params.technician_prior_jobs, params.most), tally.jobs


def _shrunk(total: float, jobs: int, prior_jobs: float, most: float) -> float:
    most_log = log(most)
    return max(-most_log, min(most_log, total / (jobs + prior_jobs)))
