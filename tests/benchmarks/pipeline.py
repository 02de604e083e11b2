"""The whole telemetry agent: a real worker process, from the log to Redis and the signals.

2,000 technicians and 1,000 fences; a tick every 5 s of event time, in which every technician pings once.
The worker finds the whole log written. It is watched from outside: its stored positions and its processor time.
"""

import time
from collections.abc import Iterable, Iterator, Mapping

import msgspec
import psutil
import redis

from features.events import Tick
from features.technician import PartitionState
from streams import codec, settings, topics
from streams.adapters.redis_state import keys_of
from streams.settings import Settings
from streams.simulator.load import Load, LoadParams, Record
from streams.system import System, workers
from tests.benchmarks import topic
from tests.benchmarks.meter import Sample
from tests.benchmarks.rows import Row
from tests.benchmarks.running import WITHIN_S, Failed, Servers, said

NAMESPACE = "bench-pipeline"
PINGS = 600_000
SEED = 1
LOOK_EVERY_S = 0.02
LAST_TICKS_S = (10.0, 20.0)


def measure(servers: Servers, runs: int, scale: float) -> list[Row]:
    used, pings = prepare(servers, round(PINGS * scale))
    samples = []
    for number in range(runs):
        sample = one_run(used, pings)
        samples.append(sample)
        said.print(f"pipeline {number + 1}/{runs}: {sample.per_s:,.0f}/s, {sample.per_core_s:,.0f}/core-s")
        _begin_anew(used)
    return [
        Row.of("pipeline", "pings/s", (sample.per_s for sample in samples), samples),
        Row.of("pipeline_core", "pings/core-s", (sample.per_core_s for sample in samples), samples),
    ]


def prepare(servers: Servers, pings: int) -> tuple[Settings, int]:
    """Topics with fences and pings, a settled end behind them. The settings to use, and how many pings."""
    environ = {
        "HEADWAY_KAFKA": servers.kafka,
        "HEADWAY_REDIS": servers.redis,
        "HEADWAY_NAMESPACE": NAMESPACE,
        # The records are of another day, which a broker would soon throw away.
        "HEADWAY_KAFKA__RETENTION_H": "1000000",
    }
    used = settings.load(environ)
    topics.ensure(used)
    load, names = Load(SEED, LoadParams()), topics.Topics.of(used)
    said.print(f"pipeline: writing {len(load.fences):,} fences and {pings:,} pings")
    topic.fill(
        servers.kafka, names.fences, [[(0, codec.key_of(f), codec.encode(f), None) for f in load.fences]]
    )
    topic.fill(servers.kafka, names.technicians, _ended(load.batches(pings, used.kafka.partitions), used))
    return used, pings


def _ended(batches: Iterable[list[Record]], used: Settings) -> Iterator[list[Record]]:
    """With ticks at the end, so that nothing waits for its successor."""
    last_ms = 0
    for batch in batches:
        last_ms = max(last_ms, *(received_ms for received_ms, *_ in batch))
        yield batch
    for after_s in LAST_TICKS_S:
        time_ms = last_ms + round(after_s * 1000)
        tick = codec.encode(Tick(time_ms=time_ms))
        yield [(time_ms, None, tick, partition) for partition in range(used.kafka.partitions)]


def one_run(used: Settings, pings: int) -> Sample:
    """Raises `Failed` where not every ping was kept, dropped or rejected."""
    ends = topic.ends(used.kafka.bootstrap, topics.Topics.of(used).technicians)
    with workers(used, ("telemetry",), ticks=False) as system, redis.Redis.from_url(used.redis.url) as store:
        sample = watched(system, Folding(store, used), sum(ends.values()), pings)
        _check(_counts(store, used), pings)
    return sample


class Folding:
    """How far the worker is, as Redis has it."""

    def __init__(self, store: "redis.Redis[bytes]", used: Settings) -> None:
        self._store = store
        self._keys = [
            keys_of(used.namespace, partition).position for partition in range(used.kafka.partitions)
        ]

    def records(self) -> int:
        asking = self._store.pipeline(transaction=False)
        for key in self._keys:
            asking.hget(key, "position")
        return sum(int(position or 0) for position in asking.execute())


def watched(system: System, folding: Folding, end: int, pings: int) -> Sample:
    """From the first chunk that is stored to the last. Ticks, which are few among `end` records, don't count."""
    process = psutil.Process(system.workers[0].process.pid)
    began = _until(system, folding, 1)
    began_s, began_cpu_s = time.monotonic(), _cpu_s(process)
    _until(system, folding, end)
    wall_s, cpu_s = time.monotonic() - began_s, _cpu_s(process) - began_cpu_s
    return Sample(round((end - began) * pings / end), wall_s, cpu_s)


def _until(system: System, folding: Folding, wanted: int) -> int:
    deadline = time.monotonic() + WITHIN_S
    while (records := folding.records()) < wanted:
        system.check()
        if time.monotonic() > deadline:
            raise Failed(f"the worker folded {records:,} of {wanted:,} records in {WITHIN_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
    return records


def _cpu_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _counts(store: "redis.Redis[bytes]", used: Settings) -> dict[str, int]:
    total: dict[str, int] = {}
    for partition in range(used.kafka.partitions):
        text = store.hget(keys_of(used.namespace, partition).position, "partition_state") or b"{}"
        for name, count in msgspec.json.decode(text, type=PartitionState).counts.items():
            total[name] = total.get(name, 0) + count
    return total


def _check(counts: Mapping[str, int], pings: int) -> None:
    """Every ping has come to one end."""
    dropped = sum(count for name, count in counts.items() if name.startswith("dropped."))
    ended = counts.get("kept", 0) + dropped + counts.get("rejected_pings", 0)
    if not counts.get("pings", 0) == ended == pings:
        raise Failed(f"of {pings:,} pings {ended:,} were kept, dropped or rejected: {dict(counts)}")


def _begin_anew(used: Settings) -> None:
    with redis.Redis.from_url(used.redis.url) as store:
        store.flushdb()
    topic.forget_group(used.kafka.bootstrap, f"{used.namespace}-telemetry")
