"""Workers that are killed and started again, servers that go away, and days published all the same."""

import asyncio
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from streams import simulated, topics
from streams.adapters.log import LogReader, behind, write_all
from streams.adapters.outbox import KafkaOutbox
from streams.embedded.guarded import Guarded
from streams.fence_files import messages as fence_messages
from streams.ports import Message
from streams.settings import Settings, variables
from streams.simulator.day import Day
from streams.topics import Topics
from tests.support.outcomes import Store

STOP_WITHIN_S = 30.0
DRAINED_WITHIN_S = 120.0
LOOK_EVERY_S = 0.05
PATIENCE_S = 15.0
KILLS = 10
HANGS_S = 4.0


class Supervised:
    """A worker in a process of its own, started again after it was killed. One log for all its lives."""

    def __init__(
        self,
        settings: Settings,
        log: Path,
        chunk_records: Callable[[], int] = lambda: 4_000,
        role: str = "telemetry",
    ) -> None:
        self.log, self._role = log, role
        self._settings, self._chunk_records = settings, chunk_records
        self._process = self._started()

    def kill(self) -> None:
        """SIGKILL."""
        self.check()
        self._process.kill()

    def restart(self) -> None:
        self._process = self._started()

    def stop(self) -> int | None:
        """Its exit code after SIGTERM."""
        self._process.stop()
        return self._process.code()

    def end(self) -> None:
        """By force, where it still runs."""
        if self._process.running():
            self._process.kill()

    def check(self) -> None:
        assert self._process.running(), f"a {self._role} worker ended by itself:\n{self._process.tail(40)}"

    def at_work(self) -> bool:
        """Whether it was given partitions in this life."""
        _, _, life = self.log.read_text(errors="replace").rpartition("starting on")
        return "this worker has partitions" in life

    def lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()

    def _started(self) -> Guarded:
        command = [sys.executable, "-m", "streams.cli", "worker", self._role, "--no-ticks"]
        size = {"HEADWAY_WORKER__CHUNK_RECORDS": str(self._chunk_records())}
        environ = {**os.environ, **variables(self._settings), **size}
        return Guarded(command, self.log, stop_within_s=STOP_WITHIN_S, environ=environ)


Take = Callable[[], object]
Blow = Callable[[], Awaitable[None]]


class Disturbances:
    """What goes wrong and when, as a seed has it: ten kills among the workers, and each server away once.

    Redis goes together with a worker that has sent what it concluded and waits for Redis to store it.
    """

    def __init__(
        self,
        chance: random.Random,
        workers: Sequence[Supervised],
        store: Store,
        broker: tuple[Take, Take],
        redis: tuple[Take, Take],
    ) -> None:
        self.passed = 0
        self._chance, self._workers, self._store = chance, workers, store
        self._all = [
            *[self._kill] * (KILLS - 1),
            self._away(*broker),
            self._away(*redis, self._hang_and_kill),
        ]
        chance.shuffle(self._all)
        self._returning: list[asyncio.Future[None]] = []

    def __len__(self) -> int:
        return len(self._all)

    async def run(self) -> None:
        """One after the other. A server may still be away when the next ones come."""
        for disturb in self._all:
            if self._chance.random() < 0.6:
                await self._progress()
            await asyncio.sleep(self._chance.uniform(0.0, 1.5))
            await disturb()
            self.passed += 1
        await asyncio.gather(*self._returning)

    async def _progress(self) -> None:
        """Let the next blow hit workers that fold. Where none can, because too much is away, it comes all the same."""
        before, began = self._store.positions(), time.monotonic()
        while self._store.positions() in (before, None) and time.monotonic() - began < PATIENCE_S:
            await asyncio.sleep(LOOK_EVERY_S)

    async def _kill(self) -> None:
        at_work = [worker for worker in self._workers if worker.at_work()]
        victim = self._chance.choice(at_work or self._workers)
        victim.kill()
        await asyncio.sleep(self._chance.choice((0.0, 1.0)))
        victim.restart()

    async def _hang_and_kill(self) -> None:
        await self._progress()
        self._store.hang(HANGS_S)
        await asyncio.sleep(HANGS_S / 2)
        await self._kill()

    def _away(self, take: Take, bring: Take, before: Blow | None = None) -> Blow:
        lasts_s = self._chance.uniform(0.5, 5.0)

        async def returning() -> None:
            await asyncio.sleep(lasts_s)
            await asyncio.to_thread(bring)

        async def begin() -> None:
            if before is not None:
                await before()
            await asyncio.to_thread(take)
            self._returning.append(asyncio.ensure_future(returning()))

        return begin


@contextmanager
def supervised(
    settings: Settings, folder: Path, count: int, chunk_records: Callable[[], int] = lambda: 4_000
) -> Iterator[list[Supervised]]:
    """So many workers, ended when the test ends in whatever way."""
    workers: list[Supervised] = []
    try:
        for number in range(count):
            workers.append(Supervised(settings, folder / f"worker-{number}.log", chunk_records))
        yield workers
    finally:
        for worker in workers:
            worker.end()


def prepared(settings: Settings, day: Day, tick_every_s: float = 20.0) -> list[Message]:
    """Makes topics and fences; what is to be published of a day."""
    topics.ensure(settings, history=True)
    write_all(settings, fence_messages(settings, day.world.fences))
    deliveries = day.messages(settings.kafka.partitions, tick_every_s=tick_every_s)
    return list(simulated.messages(settings, deliveries))


async def publish(
    settings: Settings,
    messages: Sequence[Message],
    allowed: Callable[[], int] = lambda: sys.maxsize,
    batch: int = 2_000,
    pause_s: float = 0.0,
) -> None:
    """Send messages in order, each once whatever happens to the broker, and never more of them than is `allowed`."""
    outbox = KafkaOutbox(settings.kafka.bootstrap, client="chaos")
    try:
        for begin in range(0, len(messages), batch):
            await until(lambda begin=begin: begin < allowed(), "more may be published")
            await outbox.send(messages[begin : begin + batch])
            await asyncio.sleep(pause_s)
    finally:
        await outbox.close()


async def drained(settings: Settings, workers: Sequence[Supervised]) -> None:
    """Returns when all of `technicians` is folded and stored."""
    store = Store(settings)

    def done() -> bool:
        for worker in workers:
            worker.check()
        positions = store.positions()
        return positions is not None and behind(ends, positions) == 0

    try:
        with LogReader(settings, Topics.of(settings).technicians) as reader:
            ends = reader.ends()
        await until(done, "all records are folded", DRAINED_WITHIN_S)
    finally:
        store.close()


async def until(holds: Callable[[], bool], what: str, within_s: float = 240.0) -> None:
    deadline = time.monotonic() + within_s
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(LOOK_EVERY_S)
