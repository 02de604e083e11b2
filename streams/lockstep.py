"""A live day through a running system: what is received goes in, what comes back is heard.

In lockstep the time goes on only when every agent has come to rest. So a day runs as fast as its agents, and
what technicians hear in which step is the same in each run. Paced, it goes on by the clock on the wall.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from operator import attrgetter

from features.technician import TechnicianState
from streams import dead_letters, simulated
from streams.adapters.log import LogReader, LogWriter
from streams.bootstrap import open_queries
from streams.day_news import Desk, News
from streams.driving import AHEAD, STUCK_AFTER_S, falling
from streams.errors import HeadwayError
from streams.settling import LOOK_MS, Rest
from streams.simulator.dispatcher import Dispatcher
from streams.simulator.live import LiveDay
from streams.simulator.move import Move
from streams.simulator.stream import FLUSH_S, TERRITORIES, TOPIC, Delivery, ticks
from streams.system import System
from streams.topics import Topics

TICK_MS = 60_000
"""Agents hold a time that leaps by more than two minutes for wrong."""
PACE_S = 0.5
"""Of the clock on the wall, from one step to the next."""


class Lockstep:
    """One live day. `system` has the workers to wait for. What it opens is closed with `parts`."""

    def __init__(
        self,
        system: System,
        living: LiveDay,
        dispatcher: Dispatcher,
        runner: asyncio.Runner,
        parts: ExitStack,
        *,
        step_s: float,
        move: Move | None,
    ) -> None:
        settings = system.settings
        self.system, self.living, self.dispatcher = system, living, dispatcher
        self.pings = 0
        self.step_ms = round(step_s * 1000)
        self._runner, self._partitions, self._move = runner, settings.kafka.partitions, move
        self._queries = open_queries(settings)
        parts.callback(lambda: runner.run(self._queries.close()))
        self._writer = parts.enter_context(closing(LogWriter(settings)))
        self._letters = parts.enter_context(closing(LogReader(settings, Topics.of(settings).dead_letters)))
        self._rest = Rest(settings, [worker.role for worker in system.workers], runner, parts)
        self._desk = Desk(self._rest.topics, move)

    def run(self, progress: Callable[[int], None], hear: Callable[[News], None]) -> None:
        """All of the day in lockstep, and then until silence has been noticed."""
        hear(self.open())
        while not self.living.over:
            hear(self.step())
            progress(self.living.now_ms)
        hear(self.finish())

    def open(self) -> News:
        """Say what the office says before the day, and what comes of it."""
        return self._through(self.opening())

    def step(self, until_ms: int | None = None) -> News:
        """Live one step (or until then), wait until all is at rest, and hear what came of it."""
        until_ms = self.living.now_ms + self.step_ms if until_ms is None else until_ms
        return self._through(self._due(until_ms))

    def finish(self) -> News:
        """After everybody has gone home: until silence has been noticed."""
        return self.step(self.living.now_ms + round(FLUSH_S * 1000))

    def paced(self, speed: float, hear: Callable[[News], None]) -> None:
        """The rest of the day, so many simulated seconds a second."""
        begin_ms, began = self.living.now_ms, time.monotonic()
        while not self.living.over:
            time.sleep(PACE_S)
            self.system.check()
            self.send(self._due(begin_ms + round((time.monotonic() - began) * 1000 * speed)))
            hear(self.listen())
            for _ in falling(self.left, AHEAD):
                hear(self.listen())

    def opening(self) -> list[Delivery]:
        """What the office says before the day."""
        return [*self.living.opening(), *self._ticks(self.living.now_ms)]

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Publish without waiting for anybody."""
        moved = deliveries if self._move is None else simulated.moved(deliveries, self._move)
        for message in simulated.messages(self.system.settings, moved):
            self.pings += message.value is not None and message.value.startswith(b'{"type":"ping"')
            self._writer.send(message)
        self._writer.flush()

    def listen(self) -> News:
        """What has come back by now, without waiting."""
        for topic in self._rest.topics.values():
            topic.read()
        return self._heard()

    def left(self) -> int:
        """How many records the agents have still to read."""
        return self._rest.left()

    def technicians(self) -> Sequence[TechnicianState]:
        """Everybody's state as it stands now."""
        return self._runner.run(self._queries.technicians())

    def counts(self) -> Mapping[str, int]:
        """What was kept and dropped in all partitions, by name."""
        return self._runner.run(self._queries.counts())

    def letters(self) -> list[dead_letters.DeadLetter]:
        """What nobody could process."""
        records = [record for record in self._letters.to_end() if not dead_letters.is_note(record)]
        return dead_letters.once([dead_letters.read(record.partition, record) for record in records])

    def _due(self, until_ms: int) -> list[Delivery]:
        """What happens until then, in order of reception, with the time told in between and at the end."""
        since_ms = self.living.now_ms
        received = [*self.living.advance(until_ms), *self.dispatcher.decide(since_ms, until_ms)]
        for time_ms in (*range(since_ms + TICK_MS, until_ms, TICK_MS), until_ms):
            received += self._ticks(time_ms)
        return sorted(received, key=attrgetter("received_ms"))

    def _through(self, deliveries: Iterable[Delivery]) -> News:
        self.send(deliveries)
        left, since = -1, time.monotonic()
        while not self._rest.is_come(LOOK_MS):
            self.system.check()
            if (now_left := self._rest.left()) != left:
                left, since = now_left, time.monotonic()
            elif time.monotonic() - since > STUCK_AFTER_S:
                raise HeadwayError(
                    f"the workers have not moved for {STUCK_AFTER_S:.0f} s with {left} records left; "
                    "are all of them running on this namespace?"
                )
        return self._heard()

    def _heard(self) -> News:
        """Technicians and dispatcher hear it as well."""
        news = self._desk.taken()
        self.living.hear_all(news.heard)
        self.dispatcher.hear(news.plans)
        return news

    def _ticks(self, time_ms: int) -> Iterator[Delivery]:
        for topic in (TOPIC, TERRITORIES):
            yield from ticks(time_ms, self._partitions, topic)


@contextmanager
def lockstep(
    system: System, living: LiveDay, dispatcher: Dispatcher, *, step_s: float, move: Move | None = None
) -> Iterator[Lockstep]:
    """A live day through this system, at its own time or moved; what was opened is closed at the end."""
    with asyncio.Runner() as runner, ExitStack() as parts:
        yield Lockstep(system, living, dispatcher, runner, parts, step_s=step_s, move=move)
