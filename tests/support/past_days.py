"""Past days to learn from: a simulated world's, made once, and single jobs and legs."""

from datetime import date
from functools import cache

from features.duration import Asked, Done
from features.travel import Leg
from features.wire import Place
from models.dataset import History, PastJob
from models.train import Trained, train
from streams.simulator.history import past
from streams.simulator.world import World

UNTIL = date(2026, 3, 17)
ZONE = "America/Phoenix"
MONDAY_8_MS = 1_772_463_600_000
"""Monday, 2 March 2026, 8:00 in Phoenix."""
HOUR_MS = 3_600_000


@cache
def history(seed: int = 3, days: int = 40) -> History:
    return past(World(seed), UNTIL, days)


@cache
def trained(seed: int = 3) -> Trained:
    return train(history(seed))


def asked(job_type: str = "repair", technician: str = "ada", **others: object) -> Asked:
    facts: dict[str, object] = {"hour": 10.0, "weekday": 1, "priority": 3, "expected_s": 3600.0}
    return Asked(job_type, technician, **{**facts, **others})  # type: ignore[arg-type]


def done(ratio: float, job_type: str = "repair", technician: str = "ada") -> Done:
    """Work that took `ratio` times as long as expected."""
    return Done(asked(job_type, technician), 3600.0 * ratio)


def job(
    start_h: float, took_min: float = 60.0, technician: str = "ada", job_type: str = "repair", day: int = 0
) -> PastJob:
    """Work that began so many hours after 8:00 of a Monday, or of a later day; 60 minutes were expected."""
    started_ms = MONDAY_8_MS + round((start_h + 24 * day) * HOUR_MS)
    return PastJob(technician, job_type, 3, 3600.0, started_ms, took_min * 60)


def leg(hour: float, north_m: float, seconds: float, leaving_s: float = 60.0) -> Leg:
    """A leg of so many metres to the north that began at a local hour and took `seconds` in all."""
    left_ms = MONDAY_8_MS + round((hour - 8) * HOUR_MS)
    end = Place(33.0 + north_m / 111_195.0, -112.0)
    return Leg(Place(33.0, -112.0), end, left_ms, leaving_s, seconds - leaving_s)
