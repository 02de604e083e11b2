"""When work is planned to start along a route, and when one has to depart for it: by means, without chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from features.plan import Job, Shift
from features.territory import Planned
from features.travel import local_hour
from features.wire import Place
from models.travel import Travel


@dataclass(frozen=True)
class Ways:
    """How long ways take in a zone."""

    travel: Travel
    zone: str

    def base_s(self, places: Sequence[Place]) -> list[float]:
        """Seconds at pace 1 of each leg between one place and the next."""
        points = np.array([(place.lat, place.lon) for place in places], dtype=float).reshape(-1, 2)
        lat, lon = points.T
        return [float(one) for one in self.travel.base_s(lat[:-1], lon[:-1], lat[1:], lon[1:])]

    def pace(self, time_ms: int) -> float:
        return float(self.travel.pace(np.array([local_hour(time_ms, ZoneInfo(self.zone))]))[0])


def starts_ms(
    route: Sequence[str], planned: Mapping[str, Planned], shift: Shift, now_ms: int, ways: Ways
) -> dict[str, int]:
    """The start of each appointment of a route that begins where the shift does, not before now.

    What is under way already keeps the start it has.
    """
    jobs = [planned[name].job for name in route]
    legs = ways.base_s([shift.start, *(job.place for job in jobs)])
    time_ms, rested = max(now_ms, shift.start_ms), shift.break_s == 0 or shift.break_from_ms is None
    starts = {}
    for job, leg_s in zip(jobs, legs, strict=True):
        if not rested and time_ms >= (shift.break_from_ms or 0):
            time_ms, rested = time_ms + round(shift.break_s * 1000), True
        known = planned[job.appointment]
        if known.begun:
            start_ms = known.life_ms
        else:
            start_ms = max(time_ms + round(leg_s * ways.pace(time_ms) * 1000), job.window_start_ms)
        starts[job.appointment] = start_ms
        time_ms = max(now_ms, start_ms + round(job.expected_s * 1000))
    return starts


def departures_ms(jobs: Sequence[Job], shift: Shift, ways: Ways) -> dict[str, int]:
    """For each appointment of a route the latest departure that still arrives within the window."""
    legs = ways.base_s([shift.start, *(job.place for job in jobs)])
    return {
        job.appointment: max(0, job.window_end_ms - _driving_ms(leg_s, job.window_end_ms, ways))
        for job, leg_s in zip(jobs, legs, strict=True)
    }


def _driving_ms(leg_s: float, time_ms: int, ways: Ways) -> int:
    return round(max(0.0, leg_s - ways.travel.leaving_s) * ways.pace(time_ms) * 1000)
