"""The engine of Headway: a worker as every role runs it, with an agent that only decodes. All settings are default."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from features.events import Ping
from streams.chunks import Chunk, WorkerOptions, run_worker
from streams.codec import decode
from tests.benchmarks.meter import Meter, Task


class Decoding:
    """An agent that decodes as the telemetry agent does, and stops the worker after `messages`."""

    def __init__(self, messages: int) -> None:
        self._messages, self._count, self._meter = messages, 0, Meter()

    async def assigned(self, partitions: set[int]) -> None:
        pass

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return {}

    async def process(self, chunk: Chunk) -> None:
        events = [decode(record.value, record.key) for record in chunk.records]
        assert type(events[-1]) is Ping, events[-1]
        first, self._count = self._count == 0, self._count + len(events)
        if first:
            self._meter.begin(self._count)
        elif self._count >= self._messages > self._count - len(events):
            self._meter.end(self._count)
            os.kill(os.getpid(), signal.SIGTERM)

    async def revoked(self, partitions: set[int]) -> None:
        pass

    async def tick(self, now_ms: int) -> None:
        pass


def main() -> int:
    task = Task.from_argv()

    @asynccontextmanager
    async def build() -> AsyncIterator[Decoding]:
        yield Decoding(task.messages)

    options = WorkerOptions(role="engine", group=task.group, bootstrap=task.bootstrap, topic=task.topic)
    return run_worker([(options, build)], level="WARNING")


if __name__ == "__main__":
    sys.exit(main())
