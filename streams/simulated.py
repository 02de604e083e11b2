"""Simulated days for a running system: which there are, and what to publish of them and when."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from features.events import Ping
from streams.codec import encode
from streams.config_file import read
from streams.ports import Message
from streams.settings import CONFIGS, Settings
from streams.simulator.day import Day
from streams.simulator.live import LiveDay
from streams.simulator.move import Move
from streams.simulator.stream import Delivery
from streams.simulator.world import SimulatorParams, World, sized

DAY = date(2026, 3, 17)
"""A Tuesday without any significance."""


def day(seed: int, technicians: int | None, folder: Path = CONFIGS) -> Day:
    """The day of a seed in the world that `configs/simulator.toml` describes. Raises `BadInput`."""
    params = read(folder / "simulator.toml", SimulatorParams)
    if technicians is not None:
        params = sized(params, technicians)
    return Day(World(seed, params), DAY)


def messages(settings: Settings, deliveries: Iterable[Delivery]) -> Iterator[Message]:
    """The deliveries as records of this system's topics; their timestamp is when they are received."""
    prefix = settings.namespace
    for one in deliveries:
        topic, key = f"{prefix}.{one.topic}", None if one.key is None else one.key.encode()
        yield Message(topic, key, encode(one.value), one.partition, one.received_ms)


def joined(deliveries: Iterable[Delivery], from_ms: int) -> Iterator[Delivery]:
    """The day for who comes in at `from_ms`: what was said until then, but no earlier position or tick."""
    for one in deliveries:
        if one.received_ms >= from_ms or (one.partition is None and not isinstance(one.value, Ping)):
            yield one


def moved(deliveries: Iterable[Delivery], move: Move) -> Iterator[Delivery]:
    """The same deliveries at another time: all that is said in them moves along."""
    return (move.there(one) for one in deliveries)


def move_to(living: Day | LiveDay, from_ms: int, to_ms: int, called: str) -> Move:
    """The move of a day by which `from_ms` becomes `to_ms`."""
    return Move(to_ms - from_ms, f"{living.day:%Y%m%d}", called)


def live(seed: int, technicians: int | None, folder: Path = CONFIGS) -> LiveDay:
    """The same day, but one that goes on as it is decided."""
    planned = day(seed, technicians, folder)
    return LiveDay(planned.world, planned.day)
