"""Past work as rows to learn from: each with what was known before it began, and how long it took."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from features.duration import (
    FEATURES,
    Asked,
    Done,
    Known,
    Params,
    Vectors,
    advance,
    centre,
    log_ratio,
    spread,
)
from features.duration import vectors as vectors_of
from features.route import Worked
from features.travel import Leg


class PastJob(msgspec.Struct, frozen=True, gc=False):
    """Work that was completed. Others end for reasons that say nothing about durations."""

    technician: str
    job_type: str
    priority: int
    expected_s: float
    started_ms: int
    duration_s: float

    @property
    def ended_ms(self) -> int:
        return self.started_ms + round(self.duration_s * 1000)


class History(msgspec.Struct, frozen=True):
    """What past days leave to learn from. `zone` is the IANA name of the local time."""

    jobs: tuple[PastJob, ...]
    legs: tuple[Leg, ...]
    zone: str

    def hash(self) -> str:
        """Of all that is in it: the same data, the same hash."""
        return hashlib.blake2b(msgspec.msgpack.encode(self), digest_size=16).hexdigest()


@dataclass(frozen=True, eq=False)
class Table:
    """Work in the order in which it began, (n) or (n, F): its local `day`, what was `asked`, the `vectors` of
    what was known when that day began, and `duration_s`."""

    day: tuple[date, ...]
    asked: tuple[Asked, ...]
    vectors: Vectors
    duration_s: Vectors

    @property
    def z(self) -> Vectors:
        """(n) what the boosters learn: the log ratio, in spreads from its centre."""
        ratios = np.array(
            [
                log_ratio(taken, asked.expected_s)
                for taken, asked in zip(self.duration_s.tolist(), self.asked, strict=True)
            ],
            dtype=float,
        )
        standard: Vectors = (ratios - centre(self.vectors)) / spread(self.vectors)
        return standard

    def between(self, first: date, end: date | None) -> "Table":
        """The rows of the days from the first on, up to but without `end`."""
        rows = [n for n, day in enumerate(self.day) if first <= day and (end is None or day < end)]
        return Table(
            tuple(self.day[n] for n in rows),
            tuple(self.asked[n] for n in rows),
            self.vectors[rows],
            self.duration_s[rows],
        )


Row = tuple[date, PastJob, Asked]


def table(jobs: Sequence[PastJob], zone: str, params: Params) -> tuple[Table, Known]:
    """Rows of all jobs, and what is known after the last.

    What is learned of types and technicians is learned overnight, for that is how it is served: a row knows
    what had ended when its day began, and of its own day what its technician had ended when it began.
    """
    rows = list(_asked(jobs, zone))
    known, waiting = Known(), sorted(rows, key=lambda row: row[1].ended_ms)
    parts = [np.empty((0, len(FEATURES)))]
    for _, of_day in groupby(rows, key=lambda row: row[0]):
        today = list(of_day)
        known, waiting = _learn(known, waiting, today[0][1].started_ms, params)
        parts.append(vectors_of([asked for _, _, asked in today], known, params))
    known, _ = _learn(known, waiting, None, params)
    taken = np.array([job.duration_s for _, job, _ in rows], dtype=float)
    days, asked = tuple(row[0] for row in rows), tuple(row[2] for row in rows)
    return Table(days, asked, np.vstack(parts), taken), known


def local_day(time_ms: int, zone: str) -> date:
    """The day by the clocks of the zone."""
    return datetime.fromtimestamp(time_ms / 1000, ZoneInfo(zone)).date()


def _learn(
    known: Known, waiting: list[Row], before_ms: int | None, params: Params
) -> tuple[Known, list[Row]]:
    """Fold what had ended by then, in that order; what is left waits on."""
    for n, (_, job, asked) in enumerate(waiting):
        if before_ms is not None and job.ended_ms > before_ms:
            return known, waiting[n:]
        known = advance(known, Done(asked, job.duration_s), params)
    return known, []


def _asked(jobs: Sequence[PastJob], zone: str) -> Iterator[Row]:
    """What would have been asked as each job began, in the order in which they did."""
    local = ZoneInfo(zone)
    done: dict[tuple[str, date], list[PastJob]] = {}
    for job in sorted(jobs, key=lambda job: (job.started_ms, job.technician)):
        at = datetime.fromtimestamp(job.started_ms / 1000, local)
        earlier = done.setdefault((job.technician, at.date()), [])
        worked = _worked([one for one in earlier if one.ended_ms <= job.started_ms])
        earlier.append(job)
        yield (
            at.date(),
            job,
            Asked(
                job_type=job.job_type,
                technician=job.technician,
                hour=at.hour + at.minute / 60 + at.second / 3600,
                weekday=at.weekday(),
                priority=job.priority,
                expected_s=job.expected_s,
                jobs_before=worked.jobs,
                day_log_ratio=worked.log_ratio,
            ),
        )


def _worked(jobs: Sequence[PastJob]) -> Worked:
    return Worked(len(jobs), sum(log_ratio(job.duration_s, job.expected_s) for job in jobs))
