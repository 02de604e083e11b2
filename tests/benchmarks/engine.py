"""The engine alone: messages that are read and decoded, by one process, beside a stock Faust and Quix Streams.

All three read the same topic of 4 partitions, alone and in turns, each in a process and a group of its own.
"""

import uuid

import msgspec

from streams.simulator.load import Load, LoadParams
from tests.benchmarks import topic
from tests.benchmarks.meter import Sample, Task
from tests.benchmarks.rows import Row
from tests.benchmarks.running import Servers, run, said

MESSAGES = {"ours": 1_200_000, "quix": 400_000, "faust": 50_000}
"""Enough for each to take some 5 s."""
TOPIC = "bench.engine"
SEED = 1


def measure(servers: Servers, runs: int, scale: float) -> list[Row]:
    messages = {engine: round(count * scale) for engine, count in MESSAGES.items()}
    _fill(servers, max(messages.values()))
    samples: dict[str, list[Sample]] = {engine: [] for engine in messages}
    for number in range(runs):
        for engine, count in messages.items():
            task = Task(servers.kafka, TOPIC, f"{engine}-{uuid.uuid4().hex[:8]}", count)
            sample = run(f"engine_{engine}", task)
            samples[engine].append(sample)
            said.print(
                f"engine {number + 1}/{runs} {engine}: {sample.per_s:,.0f}/s, {sample.per_core_s:,.0f}/core-s"
            )
    return _rows(samples)


def _fill(servers: Servers, count: int) -> None:
    said.print(f"engine: writing {count:,} messages")
    topic.create(servers.kafka, TOPIC)
    # A little more than anybody reads: nobody has to wait for the end of a fetch.
    topic.fill(servers.kafka, TOPIC, Load(SEED, LoadParams()).batches(round(count * 1.05)))


def _rows(samples: dict[str, list[Sample]]) -> list[Row]:
    by_clock = {
        engine: Row.of("engine", "messages/s", (s.per_s for s in taken), taken)
        for engine, taken in samples.items()
    }
    by_core = {
        engine: Row.of("engine_core", "messages/core-s", (s.per_core_s for s in taken), taken)
        for engine, taken in samples.items()
    }
    ours = by_clock["ours"]
    return [
        ours.beside("quix", by_clock["quix"]),
        msgspec.structs.replace(ours, name="engine_faust").beside("faust", by_clock["faust"]),
        by_core["ours"].beside("quix", by_core["quix"]),
    ]
