"""What there is to do and how long it takes.

true duration = mean * exp(sigma N - sigma^2 / 2) * technician * slow day * hour
with N standard normal, `technician` fixed for each technician and `slow day` shared by all jobs of a
technician's day (both lognormal with median 1), and hour(h) = 1 + afternoon_slowdown * max(0, h - 12).
"""

from math import exp

import msgspec
import numpy as np

from streams.simulator.quantities import Amount, Positive, Share


class JobType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`mean_min` is what planning expects; `sigma` is the spread of the logarithm.

    `engine_on` is the share of jobs done with the engine running, `pto` marks those done from the truck.
    """

    job_type: str
    skill: str
    mean_min: Positive
    sigma: Amount
    share: Share
    engine_on: Share = 0.05
    pto: bool = False


JOB_TYPES = (
    JobType("meter_exchange", "electrical", 25, 0.30, 0.28),
    JobType("inspection", "electrical", 36, 0.35, 0.24),
    JobType("repair", "plumbing", 56, 0.55, 0.22),
    JobType("installation", "fibre", 78, 0.40, 0.16),
    JobType("street_light", "bucket_truck", 45, 0.40, 0.10, engine_on=1.0, pto=True),
)


class WorkParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Durations, and how jobs go wrong. Shares are of all appointments."""

    technician_sigma: Amount = 0.15
    slow_day_sigma: Amount = 0.10
    afternoon_slowdown: Amount = 0.015
    min_duration_s: Amount = 240.0
    no_access_share: Share = 0.04
    no_access_wait_s: Amount = 420.0
    incomplete_share: Share = 0.04
    job_types: tuple[JobType, ...] = JOB_TYPES


def true_duration_s(
    job: JobType, params: WorkParams, draw: np.random.Generator, factor: float, hour: float
) -> float:
    """Seconds of work, begun at `hour`; `factor` is technician times slow day."""
    spread = exp(job.sigma * float(draw.standard_normal()) - job.sigma**2 / 2)
    slow = 1 + params.afternoon_slowdown * max(0.0, hour - 12)
    return max(params.min_duration_s, job.mean_min * 60 * spread * factor * slow)
