"""What a benchmark process is told to do, and how it measures itself."""

import sys
import time
from typing import Self

import msgspec


class Task(msgspec.Struct, frozen=True):
    """Read so many messages of a topic, as a group that has never read it. Handed over as JSON in `argv`."""

    bootstrap: str
    topic: str
    group: str
    messages: int

    @classmethod
    def from_argv(cls) -> Self:
        return msgspec.json.decode(sys.argv[1], type=cls)


class Sample(msgspec.Struct, frozen=True):
    """One run: `messages` in so many seconds by the clock, and of processor time of all the process's threads."""

    messages: int
    wall_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        return self.messages / self.wall_s

    @property
    def per_core_s(self) -> float:
        return self.messages / self.cpu_s


class Meter:
    """Measures from the first message that is done (the first chunk, where they come in chunks) to the last.

    So no engine's start is counted, nor what it had fetched before.
    """

    def __init__(self) -> None:
        self._count, self._wall_s, self._cpu_s = 0, 0.0, 0.0

    def begin(self, count: int) -> None:
        """`count` messages are done, and time counts from now on."""
        self._count, self._wall_s, self._cpu_s = count, time.monotonic(), time.process_time()

    def end(self, count: int) -> None:
        """`count` messages are done in all: say on stdout how long those since `begin` took."""
        wall_s, cpu_s = time.monotonic() - self._wall_s, time.process_time() - self._cpu_s
        sample = Sample(count - self._count, wall_s, cpu_s)
        sys.stdout.write(msgspec.json.encode(sample).decode() + "\n")
        sys.stdout.flush()
