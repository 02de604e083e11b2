"""A simulated day through the pipeline: what to publish and when, and what was detected of what was true."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from features.events import Assignment, Inbound, Ping, Status
from streams.codec import encode, key_of
from streams.config_file import read
from streams.driving import Driver
from streams.ports import Message
from streams.replay import dropped
from streams.settings import CONFIGS, Settings
from streams.simulator.day import Day
from streams.simulator.score import score
from streams.simulator.stream import Delivery
from streams.simulator.world import SimulatorParams, World, sized

DAY = date(2026, 3, 17)
"""A Tuesday without any significance."""
_PLANNED = ("window_start_ms", "window_end_ms", "depart_by_ms")


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
        topic, value = f"{prefix}.{one.topic}", encode(one.value)
        yield Message(topic, key_of(one.value), value, one.partition, one.received_ms)


def joined(deliveries: Iterable[Delivery], from_ms: int) -> Iterator[Delivery]:
    """The day for who comes in at `from_ms`: what was said until then, but no earlier position or tick."""
    for one in deliveries:
        if one.received_ms >= from_ms or (one.partition is None and not isinstance(one.value, Ping)):
            yield one


def moved(deliveries: Iterable[Delivery], by_ms: int, called: str) -> Iterator[Delivery]:
    """The same deliveries at another time: all that is said in them moves along.

    Appointments are named by `called` and not by their date, so that no day has those of another.
    """
    for one in deliveries:
        event = _moved(one.value, by_ms, called)
        yield msgspec.structs.replace(one, received_ms=one.received_ms + by_ms, value=event)


def _moved(event: Inbound, by_ms: int, called: str) -> Inbound:
    changed: dict[str, object] = {"time_ms": event.time_ms + by_ms}
    if isinstance(event, Assignment | Status) and event.appointment is not None:
        changed["appointment"] = event.appointment.replace(f"{DAY:%Y%m%d}", called)
    if isinstance(event, Assignment):
        planned = {name: getattr(event, name) for name in _PLANNED}
        changed |= {name: time_ms + by_ms for name, time_ms in planned.items() if time_ms is not None}
    return msgspec.structs.replace(event, **changed)


def run(
    driver: Driver, simulated: Day, deliveries: Sequence[Delivery], progress: Callable[[int], None]
) -> dict[str, Any]:
    """The whole day at full speed, and the report on it."""
    started = time.perf_counter()
    driver.publish(messages(driver.system.settings, deliveries), progress)
    return report(driver, simulated, deliveries, started)


def report(driver: Driver, simulated: Day, deliveries: Iterable[Delivery], started: float) -> dict[str, Any]:
    """Figures for a person and for checks, when all is folded: pings, visits and stops found against true ones.

    `started` is of `time.perf_counter`.
    """
    heard = driver.drain()
    wall_s = time.perf_counter() - started
    counts = driver.counts()
    return {
        "seed": simulated.world.seed,
        "technicians": len(simulated.world.fleet),
        "pings_in": sum(isinstance(one.value, Ping) for one in deliveries),
        "pings_kept": counts.get("kept", 0),
        "pings_dropped": dropped(counts),
        "dead_letters": len(heard.letters),
        **score(simulated.truth, heard.conclusions()).report(),
        "wall_s": round(wall_s, 1),
    }
