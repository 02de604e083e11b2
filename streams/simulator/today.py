"""What one day of a world holds for everybody: roads, appointments, disruptions, and who has begun what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import exp

import numpy as np

from streams.simulator.agenda import Planned
from streams.simulator.disruptions import Disruptions
from streams.simulator.seeds import generator
from streams.simulator.travel import Roads
from streams.simulator.world import World


@dataclass(frozen=True, eq=False)
class Today:
    """`begun` are the appointments that somebody has come to serve, with when; it grows as the day goes on."""

    world: World
    day: date
    agenda: Mapping[str, tuple[Planned, ...]]
    disruptions: Disruptions
    begun: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(world: World, day: date) -> "Today":
        agenda = world.agenda(day)
        return Today(world, day, agenda, world.disruptions(day, agenda))

    @cached_property
    def planned(self) -> dict[str, Planned]:
        """Every appointment by its name, those that come up during the day as well."""
        known = [one for agenda in self.agenda.values() for one in agenda]
        known += [one for _, one in self.disruptions.emergencies]
        return {one.appointment.appointment: one for one in known}

    @cached_property
    def midnight_ms(self) -> int:
        return self.world.midnight_ms(self.day)

    @cached_property
    def dispatch_ms(self) -> int:
        """When the office hands out the day, before the first shift."""
        first_h = min(who.shift_start_h for who in self.world.fleet)
        return self.at_ms(first_h) - round(self.world.params.agenda.dispatched_before_s * 1000)

    @cached_property
    def roads(self) -> Roads:
        params = self.world.params
        spread = params.driving.day_sigma * self.draw("roads").standard_normal()
        return Roads(self.world.router, exp(spread), self.midnight_ms, params.driving, params.travel)

    def at_ms(self, hour: float) -> int:
        return self.midnight_ms + round(hour * 3_600_000)

    def draw(self, *names: object) -> np.random.Generator:
        """Randomness by name, of this day alone."""
        return generator(self.world.seed, self.day, *names)

    def called_off(self, appointment: str, now_ms: float) -> bool:
        """Whether the customer doesn't want it any more."""
        cancelled_ms = self.disruptions.cancelled.get(appointment)
        return cancelled_ms is not None and cancelled_ms <= now_ms
