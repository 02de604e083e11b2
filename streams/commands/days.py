"""`headway simulate`: a simulated day for a system that runs elsewhere."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

from features.events import Ping
from streams import simulated
from streams.adapters.clock import wall_ms
from streams.adapters.log import LogReader, LogWriter, behind, write_all
from streams.bootstrap import open_store
from streams.commands.foreground import stopping
from streams.commands.show import clock, count, err, out, progress
from streams.driving import AHEAD, falling
from streams.errors import BadInput
from streams.fence_files import messages as fence_messages
from streams.fence_files import next_versions, on_topic
from streams.settings import CONFIGS, FOLDER, Settings
from streams.simulator.day import Day
from streams.simulator.live import LiveDay
from streams.simulator.stream import Delivery
from streams.topics import Topics

STEP_S = 0.25
BUSY = "09:30"
"""When all are on shift."""


def publish_day(
    served: Settings, *, seed: int, technicians: int | None, speed: float, begin: str | None, dated: bool
) -> None:
    """A day onto the topics of a system that runs elsewhere, until it is over or somebody stops it."""
    from_h = hour(begin or BUSY) if begin or not dated else None
    known, log_ms = on_topic(served).newest(), log_time_ms(served)
    today = simulated.day(seed, technicians, configs())
    plan = _plan(today, served, from_h, log_ms, dated)
    write_all(served, fence_messages(served, next_versions(today.world.fences, known, 0)))
    people = count(len(today.world.fleet), "technician")
    ends = clock(plan[-1].received_ms)
    err.print(
        f"{people}, {speed:g}x, until {ends} UTC; Ctrl-C ends it. `headway who` shows them", soft_wrap=True
    )
    _publish(served, plan, speed)


def configs() -> Path:
    """The folder of settings that the environment names, or our own."""
    return Path(os.environ.get(FOLDER) or CONFIGS)


def hour(text: str) -> float:
    """Hours after midnight of `09:30`. Raises `BadInput`."""
    try:
        at = datetime.strptime(text, "%H:%M")
    except ValueError:
        raise BadInput(f"--from {text!r} is no time of day; write it as 09:30") from None
    return at.hour + at.minute / 60


def local(today: Day | LiveDay, time_ms: int) -> datetime:
    """A moment by the clocks of the simulated city."""
    zone = timezone(timedelta(hours=today.world.params.city.utc_offset_h))
    return datetime.fromtimestamp(time_ms / 1000, zone)


def called(begin_ms: int) -> str:
    """What a day that was moved there has in the names of its appointments."""
    return clock(begin_ms)[:16].replace("-", "").replace(" ", "-").replace(":", "")


def log_time_ms(served: Settings) -> int:
    """The latest time that a tick has said on the log."""

    async def asking() -> int:
        store = open_store(served)
        try:
            loaded = [await store.load(partition) for partition in range(served.kafka.partitions)]
        finally:
            await store.close()
        return max(one.partition_state.clock_ms for one in loaded)

    return asyncio.run(asking())


def paced(deliveries: Sequence[Delivery], speed: float) -> Iterator[list[Delivery]]:
    """Batches as their time comes. All that is before the first ping comes at once: nobody moves yet."""
    lead = next((n for n, one in enumerate(deliveries) if isinstance(one.value, Ping)), 0)
    yield list(deliveries[:lead])
    begin_ms, began = deliveries[lead].received_ms, time.monotonic()
    rest = iter(deliveries[lead:])
    waiting = list(islice(rest, 1))
    while waiting:
        now_ms = begin_ms + (time.monotonic() - began) * 1000 * speed
        batch = []
        while waiting and waiting[0].received_ms <= now_ms:
            batch += waiting
            waiting = list(islice(rest, 1))
        yield batch
        time.sleep(STEP_S)


def _plan(today: Day, served: Settings, from_h: float | None, log_ms: int, dated: bool) -> list[Delivery]:
    """The day from an hour of it on; if it isn't to keep its date, moved to now, or on to the log's time."""
    from_ms = today.begin_ms
    if from_h is not None:
        from_ms = today.world.midnight_ms(today.day) + round(from_h * 3_600_000)
    if dated and log_ms > from_ms:
        raise BadInput(
            f"--dated begins at {clock(from_ms)} UTC, but the time on the log is {clock(log_ms)} UTC already; "
            "use a HEADWAY_NAMESPACE that is new, and run its workers with --no-ticks"
        )
    plan = list(simulated.joined(today.messages(served.kafka.partitions), from_ms))
    if not any(isinstance(one.value, Ping) for one in plan):
        raise BadInput(f"--from {from_h:g} h: by then the simulated day is over; choose an earlier time")
    if dated:
        return plan
    begin_ms = max(wall_ms(), log_ms)
    return list(simulated.moved(plan, simulated.move_to(today, from_ms, begin_ms, called(begin_ms))))


def _publish(served: Settings, plan: Sequence[Delivery], speed: float) -> None:
    sent = 0
    try:
        with (
            stopping(),
            LogWriter(served) as writer,
            _keeping_up(served) as keep_up,
            progress("simulating", len(plan)) as done,
        ):
            for batch in paced(plan, speed):
                for message in simulated.messages(served, batch):
                    writer.send(message)
                writer.flush()
                done(sent := sent + len(batch))
                keep_up()
    finally:
        out.print(f"{count(sent, 'message')} published")


@contextmanager
def _keeping_up(served: Settings) -> Iterator[Callable[[], None]]:
    """A call that waits for the workers: the embedded broker forgets what is too much for it."""
    with LogReader(served, Topics.of(served).technicians) as reader, asyncio.Runner() as runner:
        store = open_store(served)

        def left() -> int:
            ends = reader.ends()
            return behind(ends, runner.run(store.positions(ends)))

        def keep_up() -> None:
            for _ in falling(left, AHEAD):
                time.sleep(STEP_S)

        try:
            yield keep_up if served.kafka.embedded else lambda: None
        finally:
            runner.run(store.close())
