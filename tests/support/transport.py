"""What tests of the transport publish with, and agents that they read with."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaProducer

from streams.chunks import Chunk, ChunkAgent, WorkerOptions
from streams.chunks.worker import work

WITHIN_S = 60.0


def make_topic(bootstrap: str, topic: str, partitions: int = 4, **config: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    # Else the broker would delete records that bear an old time as they come in.
    config = {"retention.ms": "-1"} | config
    spec = {"num_partitions": partitions, "replication_factor": 1, "configs": config}
    admin.create_topics({topic: spec}, wait_for_metadata=True)
    admin.close()


class RawName(str):
    """The name of a header that goes out as the bytes it is made of: Kafka takes any, its clients only text."""

    raw: bytes

    def __new__(cls, raw: bytes) -> Self:
        made = super().__new__(cls, raw.decode("latin-1"))
        made.raw = raw
        return made

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw


def publish(
    bootstrap: str,
    topic: str,
    numbers: Iterable[int],
    partitions: int = 4,
    headers: Sequence[tuple[str, bytes]] = (),
    **options: Any,
) -> None:
    """Each number as a record, to the partition that it gives modulo their count; returns when all are stored."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, acks="all", **options)
    for number in numbers:
        producer.send(
            topic, str(number).encode(), key=b"key", partition=number % partitions, headers=[*headers]
        )
    producer.flush()
    producer.close()


def options(bootstrap: str, topic: str, **more: Any) -> WorkerOptions:
    """As a worker has them, but quick to commit and patient at the end."""
    said: dict[str, Any] = {"commit_every_s": 0.2, "stop_within_s": 60.0} | more
    return WorkerOptions(role="reader", group=f"{topic}-group", bootstrap=bootstrap, topic=topic, **said)


class Reader:
    """An agent that remembers what it was given. Its positions are `stored` where that is set."""

    def __init__(self, stored: Mapping[int, int] | None = None) -> None:
        self.stored = dict(stored or {})
        self.chunks: list[Chunk] = []
        self.calls: list[str] = []
        self.ticks: list[int] = []

    async def assigned(self, partitions: set[int]) -> None:
        self.calls.append(f"assigned {sorted(partitions)}")

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return {partition: self.stored[partition] for partition in partitions if partition in self.stored}

    async def process(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)

    async def revoked(self, partitions: set[int]) -> None:
        self.calls.append(f"revoked {sorted(partitions)}")

    async def tick(self, now_ms: int) -> None:
        self.ticks.append(now_ms)

    def numbers(self, partition: int | None = None) -> list[int]:
        chunks = (chunk for chunk in self.chunks if partition in (None, chunk.partition))
        return [int(record.value or b"") for chunk in chunks for record in chunk.records]


class Run:
    """A worker in this process. `code` is its exit code once it has ended."""

    def __init__(self, *read: tuple[WorkerOptions, ChunkAgent]) -> None:
        self._stop = asyncio.Event()
        logs = [(options, partial(given, agent)) for options, agent in read]
        self._task = asyncio.create_task(work(logs, self._stop))

    async def stop(self) -> int:
        self._stop.set()
        return await self.ended()

    async def ended(self) -> int:
        return await asyncio.wait_for(self._task, WITHIN_S)


@asynccontextmanager
async def given(agent: ChunkAgent) -> AsyncIterator[ChunkAgent]:
    yield agent


@asynccontextmanager
async def running(
    options: WorkerOptions, agent: ChunkAgent, *more: tuple[WorkerOptions, ChunkAgent]
) -> AsyncIterator[Run]:
    """A worker of one log, or of `more`."""
    run = Run((options, agent), *more)
    try:
        yield run
    finally:
        await run.stop()


async def until(holds: Callable[[], bool | Awaitable[bool]], what: str, within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while True:
        found = holds()
        if await found if isinstance(found, Awaitable) else found:
            return
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(0.02)


def in_order(numbers: Sequence[int]) -> bool:
    return all(before < after for before, after in pairwise(numbers))
