"""What goes wrong on a day beyond the usual: drawn before it begins, told to nobody until it happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
import numpy as np

from streams.simulator.agenda import Appointment, Planned
from streams.simulator.fleet import Technician
from streams.simulator.places import Site
from streams.simulator.quantities import Amount, Count
from streams.simulator.work import JobType

T = TypeVar("T")
REFERENCE_FLEET = 24
"""The fleet for which the parameters count."""


class DisruptionParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many a day for 24 technicians, in proportion for more or fewer; a fraction is a chance of one more.

    All come between `from_h` and `until_h`. Overruns take `overrun_min_factor` to `overrun_max_factor` times
    as long; customers call off at least `cancelled_ahead_min` before they are planned; an emergency's work has
    to start within `emergency_window_min` of the call.
    """

    overruns: Amount = 2.5
    technicians_out: Amount = 1.0
    cancellations: Amount = 2.0
    emergencies: Amount = 2.0
    from_h: Amount = 8.5
    until_h: Amount = 13.5
    overrun_min_factor: Amount = 2.0
    overrun_max_factor: Amount = 3.0
    cancelled_ahead_min: Amount = 30.0
    emergency_window_min: Count = 90


@dataclass(frozen=True)
class Disruptions:
    """A day's: `overruns` stretch the work of these appointments, `out` is from when technicians can't go on,
    `cancelled` when customers call off, `emergencies` are appointments with the time of the call."""

    overruns: Mapping[str, float]
    out: Mapping[str, int]
    cancelled: Mapping[str, int]
    emergencies: tuple[tuple[int, Planned], ...]

    def without_decisions(self) -> "Disruptions":
        """Only what technicians and office deal with by themselves."""
        return replace(self, out={}, emergencies=())


@dataclass(frozen=True)
class Disruptor:
    """Draws a day's disruptions. `planned` are all appointments of the day, `named` draws by name: each kind
    has draws of its own, so that none shifts another's."""

    midnight_ms: int
    fleet: Sequence[Technician]
    planned: Sequence[Planned]
    params: DisruptionParams
    named: Callable[[str], np.random.Generator]

    def disruptions(
        self,
        free: Sequence[Site],
        jobs: Sequence[JobType],
        asked: Callable[[int, Site, JobType], Appointment],
    ) -> Disruptions:
        """`asked` makes the nth emergency's appointment, at one of the sites that are `free`."""
        overruns = self._overruns(self.named("overruns"))
        cancelled = self._cancelled(self.named("cancellations"), overruns)
        emergencies = tuple(self._emergencies(self.named("emergencies"), free, jobs, asked))
        return Disruptions(overruns, self._out(self.named("out")), cancelled, emergencies)

    def _overruns(self, draw: np.random.Generator) -> dict[str, float]:
        low, high = self.params.overrun_min_factor, self.params.overrun_max_factor
        first_ms, last_ms = self._span()
        begun = [one for one in self.planned if first_ms <= one.appointment.planned_start_ms < last_ms]
        chosen = self._some(begun, self.params.overruns, draw)
        return {one.appointment.appointment: float(draw.uniform(low, high)) for one in chosen}

    def _out(self, draw: np.random.Generator) -> dict[str, int]:
        chosen = self._some(self.fleet, self.params.technicians_out, draw)
        return {who.technician: round(draw.uniform(*self._span())) for who in chosen}

    def _cancelled(self, draw: np.random.Generator, spared: Mapping[str, float]) -> dict[str, int]:
        ahead_ms = self.params.cancelled_ahead_min * 60_000
        first_ms, last_ms = self._span()
        latest = {
            one.appointment.appointment: min(last_ms, one.appointment.planned_start_ms - ahead_ms)
            for one in self.planned
            if one.appointment.appointment not in spared
        }
        ahead = [name for name, until_ms in latest.items() if until_ms > first_ms]
        chosen = self._some(ahead, self.params.cancellations, draw)
        return {name: round(draw.uniform(first_ms, latest[name])) for name in chosen}

    def _emergencies(
        self,
        draw: np.random.Generator,
        free: Sequence[Site],
        jobs: Sequence[JobType],
        asked: Callable[[int, Site, JobType], Appointment],
    ) -> list[tuple[int, Planned]]:
        shares = np.array([job.share for job in jobs])
        called = []
        for site in self._some(free, self.params.emergencies, draw):
            job = jobs[int(draw.choice(len(jobs), p=shares / shares.sum()))]
            called_ms = round(draw.uniform(*self._span()))
            called.append((called_ms, Planned(asked(called_ms, site, job), site, job)))
        return sorted(called, key=lambda one: one[0])

    def _some(self, of: Sequence[T], wanted: float, draw: np.random.Generator) -> list[T]:
        """Some of them, in their order."""
        count = int(wanted * len(self.fleet) / REFERENCE_FLEET + draw.random())
        return [of[n] for n in sorted(draw.permutation(len(of))[:count].tolist())]

    def _span(self) -> tuple[int, int]:
        hours = self.params.from_h, self.params.until_h
        return self.midnight_ms + round(hours[0] * 3_600_000), self.midnight_ms + round(hours[1] * 3_600_000)
