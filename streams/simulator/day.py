"""One day of a world: who did what, where every vehicle was, and all messages that it made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import exp

import numpy as np

from features.events import Assignment, Profile, Status
from streams.simulator import shift
from streams.simulator.agenda import Appointment, Planned
from streams.simulator.delivery import received_ms, repeats
from streams.simulator.fleet import Technician
from streams.simulator.noise import measure
from streams.simulator.pings import counts, pings
from streams.simulator.seeds import generator
from streams.simulator.stream import FLUSH_S, TICK_EVERY_S, Delivery, Received, merged
from streams.simulator.taps import tapped
from streams.simulator.track import Track
from streams.simulator.travel import Roads
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
        self._midnight_ms = world.midnight_ms(day)

    @cached_property
    def lived(self) -> tuple[Lived, ...]:
        """Every technician's day, in the order of the fleet."""
        agenda = self.world.agenda(self.day)
        roads = self._roads()
        return tuple(self._live(who, agenda[who.technician], roads) for who in self.world.fleet)

    @cached_property
    def truth(self) -> Truth:
        return sum((lived.truth for lived in self.lived), Truth())

    @property
    def appointments(self) -> tuple[Appointment, ...]:
        return tuple(planned.appointment for lived in self.lived for planned in lived.agenda)

    @property
    def begin_ms(self) -> int:
        """When the first message is received, assignments before the first shift."""
        return self._dispatch_ms

    def messages(
        self, partitions: int, *, tick_every_s: float = TICK_EVERY_S, flush_s: float = FLUSH_S
    ) -> Iterator[Delivery]:
        """Everything on the `technicians` topic in the order in which it is received.

        Ticks go to each of the `partitions`, from the first message until `flush_s` after the last.
        """
        everything = [one for lived in self.lived for one in lived.received]
        return merged(everything, partitions, self.begin_ms, tick_every_s, flush_s)

    @cached_property
    def _dispatch_ms(self) -> int:
        first_h = min(who.shift_start_h for who in self.world.fleet)
        return self._midnight_ms + round(
            first_h * 3_600_000 - self.world.params.agenda.dispatched_before_s * 1000
        )

    def _roads(self) -> Roads:
        params = self.world.params
        spread = params.driving.day_sigma * generator(self.world.seed, self.day, "roads").standard_normal()
        return Roads(self.world.router, exp(spread), self._midnight_ms, params.driving, params.travel)

    def _live(self, who: Technician, agenda: tuple[Planned, ...], roads: Roads) -> Lived:
        world, params = self.world, self.world.params
        draw = generator(world.seed, self.day, who.technician, "shift")
        track, truth = shift.live(
            who, agenda, roads, world.places, world.city.plane, draw, params.shift, params.work
        )
        sent, counted = self._pings(who, track)
        told = (*self._office(who, agenda, truth), *self._taps(who, agenda, truth))
        return Lived(who, agenda, track, truth + Truth(pings=counted), (*told, *sent))

    def _pings(self, who: Technician, track: Track) -> tuple[list[Received], dict[str, int]]:
        params = self.world.params
        draw = generator(self.world.seed, self.day, who.technician, "gps")
        fixes = measure(track, draw, params.noise)
        arrived_ms = received_ms(fixes.true_ms, draw, params.delivery)
        again, again_ms = repeats(arrived_ms, draw, params.delivery)
        events = pings(who, fixes, self.world.city.plane)
        sent = [Received(ms, ping) for ms, ping in zip(arrived_ms.tolist(), events, strict=True)]
        twice = [Received(ms, events[n]) for n, ms in zip(again.tolist(), again_ms.tolist(), strict=True)]
        return sent + twice, counts(fixes, arrived_ms, len(twice))

    def _office(self, who: Technician, agenda: tuple[Planned, ...], truth: Truth) -> Iterator[Received]:
        """What the office says: the roster, the assignments, and what was called off."""
        ms = self._dispatch_ms
        profile = Profile(
            technician=who.technician,
            time_ms=ms,
            name=who.name,
            territory=f"territory-{who.district}",
            skills=who.skills,
            groups=who.groups,
        )
        yield Received(ms, profile)
        called_off = {job.appointment for job in truth.jobs if job.outcome == "cancelled"}
        for planned in agenda:
            yield Received(ms, _assignment(planned.appointment, ms))
            cancelled_ms = planned.appointment.cancelled_ms
            if cancelled_ms is not None and planned.appointment.appointment in called_off:
                yield Received(cancelled_ms, _assignment(planned.appointment, cancelled_ms, withdrawn=True))

    def _taps(self, who: Technician, agenda: tuple[Planned, ...], truth: Truth) -> Iterator[Received]:
        draw = generator(self.world.seed, self.day, who.technician, "taps")
        names = [planned.appointment.appointment for planned in agenda]
        statuses: list[Status] = tapped(truth.acts, names, draw, self.world.params.taps)
        sent_ms = np.array([status.time_ms for status in statuses], dtype=np.int64)
        # An app sends its taps one after another: none overtakes the one before.
        arrived_ms = np.maximum.accumulate(received_ms(sent_ms, draw, self.world.params.delivery))
        for ms, status in zip(arrived_ms.tolist(), statuses, strict=True):
            yield Received(ms, status)


def _assignment(appointment: Appointment, time_ms: int, *, withdrawn: bool = False) -> Assignment:
    return Assignment(
        technician=appointment.technician,
        time_ms=time_ms,
        appointment=appointment.appointment,
        fence=appointment.fence,
        lat=appointment.lat,
        lon=appointment.lon,
        window_start_ms=appointment.window_start_ms,
        window_end_ms=appointment.window_end_ms,
        depart_by_ms=appointment.depart_by_ms,
        withdrawn=withdrawn,
    )
