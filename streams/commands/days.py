"""Simulated days: watched live, or run through at full speed and reported."""

import os
import time
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Group
from rich.live import Live
from rich.text import Text

from features.events import Fence, Ping, Profile, Signal
from streams import simulated
from streams.adapters.log import LogWriter, write_all
from streams.commands.foreground import stopping
from streams.commands.recorded import writable
from streams.commands.settings import settings
from streams.commands.show import clock, err, out, progress, table, technicians_table
from streams.commands.words import tell
from streams.driving import Driver, driver
from streams.fence_files import messages as fence_messages
from streams.settings import Settings
from streams.simulator.day import Day
from streams.simulator.stream import Delivery
from streams.system import servers, workers

FEED = 12
REFRESH_S = 0.25


def run_demo(
    *, headless: bool, report: Path | None, seed: int, technicians: int | None, speed: float
) -> None:
    """A day through a system of its own, live in the terminal or `headless`."""
    writable(report)
    base = settings()
    err.print("building a city and its day", style="dim")
    today = simulated.day(seed, technicians)
    named = msgspec.structs.replace(base, namespace=f"{base.namespace}-demo-{os.getpid()}")
    with stopping(), servers(named, os.environ) as (served, _):
        write_all(served, fence_messages(served, today.world.fences))
        with workers(served, ("telemetry",), ticks=False) as system, driver(system) as driving:
            if headless:
                _headless(driving, today, report)
            else:
                _live(driving, today, speed)


def publish_day(served: Settings, *, seed: int, technicians: int | None, speed: float) -> None:
    """A day onto the topics of a system that runs elsewhere."""
    today = simulated.day(seed, technicians)
    write_all(served, fence_messages(served, today.world.fences))
    deliveries = list(today.messages(served.kafka.partitions))
    with stopping(code=130), LogWriter(served) as writer, progress("simulating", len(deliveries)) as done:
        sent = 0
        for batch in _paced(deliveries, speed):
            for message in simulated.messages(served, batch):
                writer.send(message)
            sent += len(batch)
            done(sent)
        writer.flush()
    out.print(f"{sent} messages of {len(today.world.fleet)} technicians published")


def _headless(driving: Driver, today: Day, path: Path | None) -> None:
    with progress("simulating the day", None) as done:
        said = simulated.run(driving, today, done)
    for line in driving.system.troubles():
        err.print(line)
    _show(said)
    if path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")


def _live(driving: Driver, today: Day, speed: float) -> None:
    deliveries = list(today.messages(driving.system.settings.kafka.partitions))
    names = _names(today.world.fences, deliveries)
    feed: deque[Text] = deque(maxlen=FEED)
    with Live(console=out, screen=out.is_terminal, auto_refresh=False) as live:
        for batch in _paced(deliveries, speed):
            driving.send(simulated.messages(driving.system.settings, batch))
            driving.system.check()
            feed.extendleft(_lines(driving.listen(wait=False), names))
            now = clock(batch[-1].received_ms) if batch else ""
            states = sorted(driving.technicians(), key=lambda state: state.technician)
            title = f"Headway demo: {len(states)} technicians, {now} UTC, {speed:g}x. Ctrl-C ends it."
            live.update(Group(technicians_table(title, states, names), Text(), *feed), refresh=True)


def _paced(deliveries: list[Delivery], speed: float) -> Iterator[list[Delivery]]:
    """Batches as their time comes. All that is before the first ping comes at once: nobody moves yet."""
    lead = next((n for n, one in enumerate(deliveries) if isinstance(one.value, Ping)), 0)
    yield deliveries[:lead]
    begin_ms, began = deliveries[lead].received_ms, time.monotonic()
    rest = iter(deliveries[lead:])
    waiting = list(islice(rest, 1))
    while waiting:
        now_ms = begin_ms + (time.monotonic() - began) * 1000 * speed
        batch = []
        while waiting and waiting[0].received_ms <= now_ms:
            batch.append(waiting[0])
            waiting = list(islice(rest, 1))
        if batch:
            yield batch
        time.sleep(REFRESH_S)


def _names(fences: tuple[Fence, ...], deliveries: list[Delivery]) -> dict[str, str]:
    people = {one.value.technician: one.value.name for one in deliveries if isinstance(one.value, Profile)}
    return {fence.fence: fence.name for fence in fences} | people


def _lines(signals: list[Signal], names: dict[str, str]) -> Iterator[Text]:
    for signal in signals:
        said = tell(signal.event, names)
        if said is not None:
            yield Text(f"{clock(signal.event.time_ms)[11:]}  {said}")


def _show(said: dict[str, Any]) -> None:
    made = table(f"a simulated day, seed {said['seed']}", "what", "value", right=("value",))
    for name, value in said.items():
        if isinstance(value, dict):
            continue
        made.add_row(name.replace("_", " "), f"{value}")
    for reason, count in said["pings_dropped"].items():
        made.add_row(f"pings dropped: {reason}", f"{count}")
    out.print(made)
    stops = table("stops", "kind", "true", "found", "right", "precision", "recall")
    for kind, found in said["stops"].items():
        stops.add_row(
            kind, *(f"{found[column]}" for column in ("true", "found", "right", "precision", "recall"))
        )
    out.print(stops)
