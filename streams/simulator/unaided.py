"""A live day without a pipeline: everybody gets the plan that the day began with, and nobody decides anything.

It is what the system makes of a day on which every proposal is ignored: only what customers call off changes
a route.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from features.events import Route
from features.territory_events import AppointmentCancelled, RoutesPlanned, ShiftPlanned
from streams.simulator.app import Heard
from streams.simulator.live import LiveDay
from streams.simulator.office import assignment
from streams.simulator.stream import Delivery
from streams.simulator.today import Today
from streams.simulator.world import World


class Unaided:
    """Passes on what the office says."""

    def __init__(self, today: Today) -> None:
        self._today = today
        self._shifts: dict[str, ShiftPlanned] = {}
        self._serves: dict[str, str] = {}

    def passed_on(self, said: Iterable[Delivery]) -> Iterator[Heard]:
        """What technicians are sent because of it."""
        for one in said:
            event = one.value
            if isinstance(event, ShiftPlanned):
                self._shifts[event.technician] = event
            elif isinstance(event, RoutesPlanned):
                yield from self._planned(event)
            elif isinstance(event, AppointmentCancelled) and event.appointment in self._serves:
                appointment = self._today.planned[event.appointment].appointment
                technician = self._serves[event.appointment]
                yield assignment(appointment, technician, event.time_ms, withdrawn=True)

    def _planned(self, event: RoutesPlanned) -> Iterator[Heard]:
        for technician, stops in event.routes.items():
            for name in stops:
                self._serves[name] = technician
                yield assignment(self._today.planned[name].appointment, technician, event.time_ms)
            yield Route(
                technician=technician,
                time_ms=event.time_ms,
                territory=event.territory,
                plan_version=1,
                stops=stops,
                shift=self._shifts[technician].shift,
            )


def lived(world: World, day: date, step_ms: int) -> LiveDay:
    """The whole day, in steps of this size."""
    living = LiveDay(world, day)
    office = Unaided(living.today)
    living.hear_all(office.passed_on(living.opening()))
    while not living.over:
        living.hear_all(office.passed_on(living.advance(living.now_ms + step_ms)))
    return living
