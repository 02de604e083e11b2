"""The parts of the telemetry agent, by processor time of its thread: the agent with real Redis, without Kafka.

The store, the outbox and the fences are timed as the agent uses them; decoding is timed alone, over the
same records; what is left is the fold's own.
"""

import asyncio
import gc
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from zlib import crc32

import redis

from features.fence_index import FenceIndex
from features.fences import prepare
from features.fix import Fix, Sighting
from features.params import TelemetryParams
from streams import bootstrap, codec, settings
from streams.agents.telemetry import Telemetry
from streams.chunks import Chunk
from streams.ports import Loaded, Message, Step, TechnicianStore
from streams.simulator.load import Load, LoadParams
from tests.benchmarks.meter import Sample
from tests.benchmarks.rows import Row
from tests.benchmarks.running import Servers, said

PINGS = 200_000
PARTITIONS = 4
CHUNK = 4_000
SEED = 1
UNIT = "us/ping"


class Read(NamedTuple):
    """A record as the transport hands it over."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Watch:
    """Adds up what happens while it runs, by the clock and of this thread's processor time."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            self.wall_s += time.perf_counter() - wall_s
            self.cpu_s += time.thread_time() - cpu_s


class TimedStore:
    """A `TechnicianStore` whose commits are timed."""

    def __init__(self, store: TechnicianStore, watch: Watch) -> None:
        self._store, self._watch = store, watch

    async def load(self, partition: int) -> Loaded:
        return await self._store.load(partition)

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return await self._store.positions(partitions)

    async def commit(self, step: Step) -> None:
        with self._watch.running():
            await self._store.commit(step)

    def forget(self, partition: int) -> None:
        self._store.forget(partition)


class TimedFences(FenceIndex):
    """A `FenceIndex` whose sightings are timed."""

    watch = Watch()

    def sight(self, fixes: Sequence[Fix], before: Sequence[Fix | None]) -> list[tuple[Sighting, ...]]:
        with self.watch.running():
            return super().sight(fixes, before)


class Nowhere:
    """An `Outbox` that forgets."""

    async def send(self, messages: Sequence[Message]) -> None:
        pass


def measure(servers: Servers, runs: int, scale: float) -> list[Row]:
    pings = round(PINGS * scale)
    load = Load(SEED, LoadParams())
    chunks = list(_chunks(load, pings))
    # In a worker they come and go; here the garbage collector would look at all of them, again and again.
    gc.collect()
    gc.freeze()
    taken: dict[str, list[Sample]] = {}
    for number in range(runs):
        watches = asyncio.run(_one_run(servers, load, chunks, f"bench-parts-{number}"))
        for name, watch in watches.items():
            taken.setdefault(name, []).append(Sample(pings, watch.wall_s, watch.cpu_s))
        said.print(f"parts {number + 1}/{runs}: {watches['agent'].cpu_s / pings * 1e6:.1f} {UNIT}")
    return [
        Row.of(name, UNIT, (1e6 / s.per_core_s for s in samples), samples) for name, samples in taken.items()
    ]


async def _one_run(servers: Servers, load: Load, chunks: list[Chunk], namespace: str) -> dict[str, Watch]:
    used = settings.load({"HEADWAY_REDIS": servers.redis, "HEADWAY_NAMESPACE": namespace})
    decoding, agent, commit, sight = Watch(), Watch(), Watch(), Watch()
    with decoding.running():
        for chunk in chunks:
            [codec.decode(record.value, record.key) for record in chunk.records]
    store, fences = bootstrap.open_store(used), _fences(load, used.telemetry)
    fences.watch = sight
    telemetry = _telemetry(TimedStore(store, commit), fences, used.telemetry)
    with agent.running():
        for chunk in chunks:
            await telemetry.process(chunk)
    await store.close()
    with redis.Redis.from_url(servers.redis) as client:
        client.flushdb()
    return {"agent": agent, "decode": decoding, "geometry": sight, "redis_commit": commit} | {
        "fold": _rest(agent, decoding, commit, sight)
    }


def _telemetry(store: TechnicianStore, fences: FenceIndex, params: TelemetryParams) -> Telemetry:
    return Telemetry(
        topic="technicians",
        signals="signals",
        dead_letters="dead-letters",
        store=store,
        outbox=Nowhere(),
        fences=lambda: fences,
        params=params,
    )


def _fences(load: Load, params: TelemetryParams) -> TimedFences:
    return TimedFences([prepare(fence) for fence in load.fences], params.fences.reach_m)


def _rest(whole: Watch, *parts: Watch) -> Watch:
    rest = Watch()
    rest.wall_s = whole.wall_s - sum(part.wall_s for part in parts)
    rest.cpu_s = whole.cpu_s - sum(part.cpu_s for part in parts)
    return rest


def _chunks(load: Load, pings: int) -> Iterator[Chunk]:
    """Each partition's records in chunks, in turns."""
    logs: list[list[Read]] = [[] for _ in range(PARTITIONS)]
    for batch in load.batches(pings, PARTITIONS):
        for received_ms, key, value, partition in batch:
            log = logs[crc32(key) % PARTITIONS if partition is None and key else partition or 0]
            log.append(Read(len(log), received_ms, key, value))
    for begin in range(0, max(map(len, logs)), CHUNK):
        for partition, log in enumerate(logs):
            if records := log[begin : begin + CHUNK]:
                yield Chunk("technicians", partition, records)
