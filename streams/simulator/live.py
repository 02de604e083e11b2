"""A day that goes on as it is decided: technicians follow what they are sent, the office says what happens."""

from collections.abc import Iterable
from datetime import date
from operator import attrgetter

from streams.simulator.app import Heard
from streams.simulator.office import Office
from streams.simulator.stream import Delivery
from streams.simulator.technician_day import TechnicianDay
from streams.simulator.today import Today
from streams.simulator.truth import Truth
from streams.simulator.world import World


class LiveDay:
    """`opening` once, then `hear` what technicians are sent and `advance` the time, in turn.

    Nothing that was heard later changes a message that was received before. What happens depends on nothing
    but the world, the day, and what is heard between which steps.
    """

    def __init__(self, world: World, day: date) -> None:
        self.world, self.day = world, day
        self.today = Today.of(world, day)
        self._office = Office(self.today)
        self._technicians = {who.technician: TechnicianDay(who, self.today) for who in world.fleet}
        self._said_lost: set[str] = set()
        self.now_ms = self.begin_ms = self.today.dispatch_ms

    def opening(self) -> list[Delivery]:
        """What the office says before the first shift: roster, shifts, appointments, routes."""
        return list(self._office.opening())

    def hear(self, event: Heard) -> None:
        """An assignment, route or reminder that was sent to a technician. Others than our own are nobody's."""
        who = self._technicians.get(event.technician)
        if who is not None:
            who.hear(event, self.now_ms)

    def hear_all(self, events: Iterable[Heard]) -> None:
        for event in events:
            self.hear(event)

    def advance(self, until_ms: int) -> list[Delivery]:
        """Live until then; everything that the log has received since the last call, in order of reception."""
        received = []
        for who in self._technicians.values():
            received += [one.delivery for one in who.advance(until_ms)]
            lost_ms = who.shift.lost_ms
            if lost_ms is not None and who.who.technician not in self._said_lost:
                self._said_lost.add(who.who.technician)
                received.append(self._office.lost(who.who, lost_ms))
        received += self._office.called(until_ms)
        self.now_ms = until_ms
        return sorted(received, key=attrgetter("received_ms"))

    @property
    def over(self) -> bool:
        """Whether everybody is at home and everything has been received."""
        return all(who.over for who in self._technicians.values())

    @property
    def truth(self) -> Truth:
        """What has happened or is committed to so far."""
        return sum((who.truth for who in self._technicians.values()), Truth())
