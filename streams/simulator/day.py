"""One whole day of a world without any decision: everybody lives the plan that the day began with.

It is the same life as that of `live.py`, with all assignments given at the beginning, nobody who falls out
and no emergencies; what customers call off is withdrawn by the office itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import inf

import msgspec

from features.events import Assignment
from streams.simulator.agenda import Appointment, Planned
from streams.simulator.fleet import Technician
from streams.simulator.office import assignment, profile, unserved
from streams.simulator.stream import FLUSH_S, TICK_EVERY_S, Delivery, Received, merged
from streams.simulator.technician_day import TechnicianDay
from streams.simulator.today import Today
from streams.simulator.track import Track
from streams.simulator.truth import Truth
from streams.simulator.world import World


@dataclass(frozen=True, eq=False)
class Lived:
    """One technician's part of a day."""

    who: Technician
    agenda: tuple[Planned, ...]
    track: Track
    truth: Truth
    received: tuple[Received, ...]


class Day:
    """A day of a world, made when it is asked for."""

    def __init__(self, world: World, day: date) -> None:
        self.world, self.day = world, day

    @cached_property
    def lived(self) -> tuple[Lived, ...]:
        """Every technician's day, in the order of the fleet."""
        return tuple(_lived(who, self._today) for who in self.world.fleet)

    @cached_property
    def truth(self) -> Truth:
        return sum((lived.truth for lived in self.lived), Truth())

    @property
    def appointments(self) -> tuple[Appointment, ...]:
        return tuple(planned.appointment for lived in self.lived for planned in lived.agenda)

    @property
    def begin_ms(self) -> int:
        """When the first message is received, assignments before the first shift."""
        return self._today.dispatch_ms

    def messages(
        self, partitions: int, *, tick_every_s: float = TICK_EVERY_S, flush_s: float = FLUSH_S
    ) -> Iterator[Delivery]:
        """Everything on the `technicians` topic in the order in which it is received.

        Ticks go to each of the `partitions`, from the first message until `flush_s` after the last.
        """
        everything = [one for lived in self.lived for one in lived.received]
        return merged(everything, partitions, self.begin_ms, tick_every_s, flush_s)

    @cached_property
    def _today(self) -> Today:
        today = Today.of(self.world, self.day)
        return replace(today, disruptions=today.disruptions.without_decisions())


def _lived(who: Technician, today: Today) -> Lived:
    agenda, at_ms = today.agenda[who.technician], today.dispatch_ms
    living = TechnicianDay(who, today)
    told = [Received(at_ms, profile(who, at_ms))]
    for planned in agenda:
        given = _assigned(planned.appointment, who.technician, at_ms)
        living.hear(given, at_ms)
        told.append(Received(at_ms, given))
    for cancelled_ms, planned in _called_off(agenda, today):
        told += living.advance(cancelled_ms)
        if planned.appointment.appointment not in today.begun:
            withdrawn = _assigned(planned.appointment, who.technician, cancelled_ms, withdrawn=True)
            living.hear(withdrawn, cancelled_ms)
            told.append(Received(cancelled_ms, withdrawn))
    told += living.advance(inf)
    truth = _with_all_jobs(living.truth, agenda, today)
    return Lived(who, agenda, living.track, truth, tuple(told))


def _assigned(
    appointment: Appointment, technician: str, time_ms: int, *, withdrawn: bool = False
) -> Assignment:
    """Given past all planning, so it names no territory: none would know what is said of it."""
    given = assignment(appointment, technician, time_ms, withdrawn=withdrawn)
    return msgspec.structs.replace(given, territory=None)


def _called_off(agenda: tuple[Planned, ...], today: Today) -> list[tuple[int, Planned]]:
    cancelled = today.disruptions.cancelled
    called = [(cancelled[name], one) for one in agenda if (name := one.appointment.appointment) in cancelled]
    return sorted(called, key=lambda one: one[0])


def _with_all_jobs(truth: Truth, agenda: tuple[Planned, ...], today: Today) -> Truth:
    """The truth with what became of every appointment of the agenda, in its order."""
    known = {job.appointment: job for job in truth.jobs}
    jobs = [known.get(one.appointment.appointment) or unserved(one.appointment, today) for one in agenda]
    return msgspec.structs.replace(truth, jobs=tuple(jobs))
