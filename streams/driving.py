"""Drive a log through a running system: publish without running ahead of the workers, and hear what they conclude."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from typing import Any

import msgspec

from features.events import Cause, Signal
from features.technician import TechnicianState
from streams import dead_letters
from streams.adapters.log import POLL_MS, LogReader, LogWriter, behind
from streams.bootstrap import open_queries, open_store
from streams.codec import decode_signal
from streams.errors import HeadwayError
from streams.ports import Message
from streams.system import System
from streams.topics import Topics

BATCH = 500
AHEAD = 12_000
"""Records that may wait for the workers; the embedded broker keeps no more than 5 MiB a partition."""
STUCK_AFTER_S = 60.0
LISTEN_S = 0.5
"""Longer than this nobody listens while more and more comes."""


class Heard(msgspec.Struct):
    """Everything that came out so far, each event once."""

    signals: dict[Cause, Signal]
    letters: list[dead_letters.DeadLetter]

    def conclusions(self) -> list[Signal]:
        return [self.signals[cause] for cause in sorted(self.signals)]


class Driver:
    """Publishes to a system and listens to it, in one thread. What it opens is closed with `parts`."""

    def __init__(self, system: System, runner: asyncio.Runner, parts: ExitStack) -> None:
        settings, names = system.settings, Topics.of(system.settings)
        self.system, self._runner = system, runner
        self._store, self._queries = open_store(settings), open_queries(settings)
        parts.callback(lambda: runner.run(self._store.close()))
        parts.callback(lambda: runner.run(self._queries.close()))
        self._writer = parts.enter_context(closing(LogWriter(settings)))
        self._input = parts.enter_context(closing(LogReader(settings, names.technicians)))
        self._signals = parts.enter_context(closing(LogReader(settings, names.signals)))
        self._letters = parts.enter_context(closing(LogReader(settings, names.dead_letters)))
        self.heard = Heard({}, [])

    def publish(self, messages: Iterable[Message], progress: Callable[[int], None]) -> int:
        """Send all messages, in batches that wait for the workers; how many they were."""
        sent, source = 0, iter(messages)
        while batch := list(islice(source, BATCH)):
            for message in batch:
                self._writer.send(message)
            sent += len(batch)
            progress(sent)
            self.listen()
            if sent % (10 * BATCH) == 0:
                self._writer.flush()
                self.wait_until_behind(AHEAD)
        self._writer.flush()
        return sent

    def send(self, messages: Iterable[Message]) -> None:
        """Send messages at their time, but not so many that the broker can't keep them for the workers."""
        for message in messages:
            self._writer.send(message)
        self.wait_until_behind(AHEAD)

    def wait_until_behind(self, most: int) -> None:
        """Wait until the workers have at most so many records left. Raises `HeadwayError` where they stand still."""
        self.system.check()
        for _ in falling(self.left, most):
            self.system.check()
            self.listen(POLL_MS)

    def left(self) -> int:
        ends = self._input.ends()
        return behind(ends, self._runner.run(self._store.positions(ends)))

    def counts(self) -> Mapping[str, int]:
        """What was kept and dropped in all partitions, by name."""
        return self._runner.run(self._queries.counts())

    def drain(self) -> Heard:
        """Wait until every record is folded and everything that it made has been heard."""
        self.wait_until_behind(0)
        for record in self._signals.to_end():
            self._hear(record)
        self._hear_letters(self._letters.to_end())
        self.heard.letters = dead_letters.once(self.heard.letters)
        return self.heard

    def listen(self, wait_ms: int = 0) -> list[Signal]:
        """What was concluded since: all that comes until nothing has come for `wait_ms`."""
        self._hear_letters(self._letters.poll(0))
        until, new = time.monotonic() + LISTEN_S, []
        while records := self._signals.poll(wait_ms):
            new += [signal for record in records if (signal := self._hear(record)) is not None]
            if time.monotonic() > until:
                break
        return new

    def technicians(self) -> Sequence[TechnicianState]:
        """Everybody's state as it stands now."""
        return self._runner.run(self._queries.technicians())

    def _hear_letters(self, records: Iterable[Any]) -> None:
        self.heard.letters += [
            dead_letters.read(record.partition, record)
            for record in records
            if not dead_letters.is_note(record)
        ]

    def _hear(self, record: Any) -> Signal | None:
        signal = decode_signal(record.value)
        if signal.cause in self.heard.signals:
            return None
        self.heard.signals[signal.cause] = signal
        return signal


def falling(left: Callable[[], int], most: int) -> Iterator[int]:
    """What is left, again and again, until it is at most `most`. Raises `HeadwayError` where it doesn't fall."""
    last, since = -1, time.monotonic()
    while (now_left := left()) > most:
        yield now_left
        if now_left != last:
            last, since = now_left, time.monotonic()
        elif time.monotonic() - since > STUCK_AFTER_S:
            raise HeadwayError(
                f"the workers have not moved for {STUCK_AFTER_S:.0f} s with {now_left} records left; "
                "is a telemetry worker running on this namespace?"
            )


@contextmanager
def driver(system: System) -> Iterator[Driver]:
    """A driver of this system, closed at the end."""
    with asyncio.Runner() as runner, ExitStack() as parts:
        yield Driver(system, runner, parts)
