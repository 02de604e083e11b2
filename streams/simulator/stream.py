"""All messages of a day in one stream, in the order in which they are received, with the time told on it."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

import msgspec

from features.events import Assignment, Inbound, Ping, Profile, Status, Tick
from features.territory_events import TerritoryInbound

TOPIC = "technicians"
TERRITORIES = "territories"
TICK_EVERY_S = 5.0
FLUSH_S = 960.0
"""Long enough for silence to become OFFLINE and for held fixes to be given up."""


class Received(msgspec.Struct, frozen=True):
    """A technician's message and when it reaches the log."""

    received_ms: int
    event: Ping | Status | Assignment | Profile

    @property
    def delivery(self) -> "Delivery":
        return Delivery(self.received_ms, TOPIC, self.event.technician, self.event)


class Delivery(msgspec.Struct, frozen=True):
    """One record to publish. `topic` is without namespace. Ticks have a partition and no key."""

    received_ms: int
    topic: str
    key: str | None
    value: Inbound | TerritoryInbound
    partition: int | None = None


def merged(
    received: Sequence[Received], partitions: int, begin_ms: int, tick_every_s: float, flush_s: float
) -> Iterator[Delivery]:
    """Messages by time of reception, in the order given where it is the same; a tick after those up to it."""
    step_ms = round(tick_every_s * 1000)
    tick_ms = begin_ms + step_ms
    end_ms = begin_ms
    for one in sorted(received, key=attrgetter("received_ms")):
        while tick_ms < one.received_ms:
            yield from ticks(tick_ms, partitions)
            tick_ms += step_ms
        end_ms = one.received_ms
        yield one.delivery
    while tick_ms < end_ms + flush_s * 1000 + step_ms:
        yield from ticks(tick_ms, partitions)
        tick_ms += step_ms


def ticks(time_ms: int, partitions: int, topic: str = TOPIC) -> Iterator[Delivery]:
    """The time on every partition of a topic."""
    tick = Tick(time_ms=time_ms)
    for partition in range(partitions):
        yield Delivery(time_ms, topic, None, tick, partition)
