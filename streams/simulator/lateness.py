"""How late a day's work began, by what really happened.

Late is work that starts after its window has ended (of who found nobody at home: the arrival), by at most
`MOST_MIN`. An appointment that nobody came for counts as that late. One that the customer called off before
anybody came doesn't count.
"""

from collections.abc import Mapping

import msgspec

from streams.simulator.agenda import Appointment
from streams.simulator.today import Today
from streams.simulator.truth import Truth

MOST_MIN = 240.0


class Lateness(msgspec.Struct, frozen=True):
    """Minutes by appointment, 0 for those on time; `unserved` are among them."""

    minutes: Mapping[str, float]
    unserved: tuple[str, ...]

    @property
    def total_min(self) -> float:
        return sum(self.minutes.values())

    @property
    def on_time(self) -> int:
        return sum(minutes == 0 for minutes in self.minutes.values())


def lateness(today: Today, truth: Truth) -> Lateness:
    """Of all appointments of a day that is over, also of those that came up while it went on."""
    starts = {visit.appointment: visit.arrive_ms for visit in truth.visits}
    starts |= {job.appointment: job.start_ms for job in truth.jobs if job.start_ms is not None}
    minutes, unserved = {}, []
    for name, planned in today.planned.items():
        start_ms = starts.get(name)
        if start_ms is not None:
            minutes[name] = _late_min(planned.appointment, start_ms)
        elif name not in today.disruptions.cancelled:
            minutes[name] = MOST_MIN
            unserved.append(name)
    return Lateness(minutes, tuple(unserved))


def _late_min(appointment: Appointment, start_ms: int) -> float:
    return min(MOST_MIN, max(0, start_ms - appointment.window_end_ms) / 60_000)
