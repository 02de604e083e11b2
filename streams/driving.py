"""Drive a log through a running system: publish without running ahead of the workers, and hear what they conclude."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import msgspec

from features.events import Cause, Signal
from features.technician import TechnicianState
from streams import dead_letters
from streams.adapters.log import LogReader, LogWriter, behind
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


class Heard(msgspec.Struct):
    """Everything that came out so far, each event once."""

    signals: dict[Cause, Signal]
    letters: list[dead_letters.DeadLetter]

    def conclusions(self) -> list[Signal]:
        return [self.signals[cause] for cause in sorted(self.signals)]


class Driver:
    """Publishes to a system and listens to it, in one thread."""

    def __init__(self, system: System, runner: asyncio.Runner) -> None:
        names = Topics.of(system.settings)
        self.system, self._runner = system, runner
        self._store, self._queries = open_store(system.settings), open_queries(system.settings)
        self._writer = LogWriter(system.settings)
        self._input = LogReader(system.settings, names.technicians)
        self._signals = LogReader(system.settings, names.signals)
        self._letters = LogReader(system.settings, names.dead_letters)
        self.heard = Heard({}, [])

    def publish(self, messages: Iterable[Message], progress: Callable[[int], None]) -> int:
        """Send all messages, in batches that wait for the workers; how many they were."""
        sent, source = 0, iter(messages)
        while batch := list(islice(source, BATCH)):
            for message in batch:
                self._writer.send(message)
            sent += len(batch)
            progress(sent)
            self.listen(wait=False)
            if sent % (10 * BATCH) == 0:
                self._writer.flush()
                self.wait_until_behind(AHEAD)
        self._writer.flush()
        return sent

    def send(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._writer.send(message)

    def wait_until_behind(self, most: int) -> None:
        """Wait until the workers have at most so many records left. Raises `HeadwayError` where they stand still."""
        self.system.check()
        last, since = -1, time.monotonic()
        while (left := self.left()) > most:
            self.system.check()
            self.listen(wait=True)
            if left != last:
                last, since = left, time.monotonic()
            elif time.monotonic() - since > STUCK_AFTER_S:
                raise HeadwayError(
                    f"the workers have not moved for {STUCK_AFTER_S:.0f} s with {left} records left; "
                    "is a telemetry worker running on this namespace?"
                )

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
        for record in self._letters.to_end():
            self.heard.letters.append(dead_letters.read(record.partition, record))
        self.heard.letters = dead_letters.once(self.heard.letters)
        return self.heard

    def listen(self, *, wait: bool) -> list[Signal]:
        """What was concluded since, for whoever shows it live."""
        self.heard.letters += [
            dead_letters.read(record.partition, record) for record in self._letters.poll(0)
        ]
        new = (self._hear(record) for record in self._signals.poll(None if wait else 0))
        return [signal for signal in new if signal is not None]

    def close(self) -> None:
        for part in (self._writer, self._input, self._signals, self._letters):
            part.close()
        self._runner.run(self._store.close())
        self._runner.run(self._queries.close())

    def technicians(self) -> Sequence[TechnicianState]:
        """Everybody's state as it stands now."""
        return self._runner.run(self._queries.technicians())

    def _hear(self, record: Any) -> Signal | None:
        signal = decode_signal(record.value)
        if signal.cause in self.heard.signals:
            return None
        self.heard.signals[signal.cause] = signal
        return signal


@contextmanager
def driver(system: System) -> Iterator[Driver]:
    """A driver of this system, closed at the end."""
    with asyncio.Runner() as runner:
        driving = Driver(system, runner)
        try:
            yield driving
        finally:
            driving.close()
