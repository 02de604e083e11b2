"""A simulated day through the pipeline: what to publish, and what was detected of what was true."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from features.events import Ping
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


def day(seed: int, technicians: int | None, folder: Path = CONFIGS) -> Day:
    """The day of a seed in the world that `configs/simulator.toml` describes."""
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


def run(driver: Driver, simulated: Day, progress: Callable[[int], None]) -> dict[str, Any]:
    """The whole day at full speed, and the report on it."""
    started = time.perf_counter()
    deliveries = list(simulated.messages(driver.system.settings.kafka.partitions))
    driver.publish(messages(driver.system.settings, deliveries), progress)
    driver.drain()
    pings = sum(isinstance(one.value, Ping) for one in deliveries)
    return report(driver, simulated, pings, time.perf_counter() - started)


def report(driver: Driver, simulated: Day, pings: int, wall_s: float) -> dict[str, Any]:
    """Figures for a person and for checks: pings, visits and stops found against true ones."""
    counts = driver.counts()
    by_reason = dropped(counts)
    return {
        "seed": simulated.world.seed,
        "technicians": len(simulated.world.fleet),
        "pings_in": pings,
        "pings_kept": counts.get("kept", 0),
        "pings_dropped": by_reason,
        "dead_letters": len(driver.heard.letters),
        **score(simulated.truth, driver.heard.conclusions()).report(),
        "wall_s": round(wall_s, 1),
    }
