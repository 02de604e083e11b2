"""A live day through a running system, step by step: what is received goes in, what comes back is heard, and
only when every agent has come to rest does the time go on. So a day runs as fast as its agents, and each run of
it is the same.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from operator import attrgetter

import msgspec

from features.events import Assignment, Reminder, Route, Signal
from features.plan_events import PlanOutbound
from features.rejection import Rejection
from features.technician import TechnicianState
from features.territory_events import RiskChanged
from streams import dead_letters, simulated
from streams.adapters.log import LogReader, LogWriter
from streams.bootstrap import open_queries
from streams.codec import decode, decode_signal
from streams.day_codec import decode_plan, decode_territory
from streams.driving import STUCK_AFTER_S
from streams.errors import HeadwayError
from streams.settling import Rest, is_position
from streams.simulator.app import Heard
from streams.simulator.dispatcher import Dispatcher
from streams.simulator.live import LiveDay
from streams.simulator.stream import FLUSH_S, TERRITORIES, TOPIC, Delivery, ticks
from streams.system import System
from streams.topics import Topics

LOOK_MS = 15
"""How long one look waits for something new."""


class News(msgspec.Struct):
    """What has come back, each once: for technicians, for dispatchers, of risks, and what telemetry concluded."""

    heard: list[Heard] = []
    plans: list[PlanOutbound] = []
    risks: list[RiskChanged] = []
    signals: list[Signal] = []


class Lockstep:
    """One live day through a system whose workers are running. What it opens is closed with `parts`."""

    def __init__(
        self,
        system: System,
        living: LiveDay,
        dispatcher: Dispatcher,
        runner: asyncio.Runner,
        parts: ExitStack,
        *,
        step_s: float,
    ) -> None:
        settings = system.settings
        self.system, self.living, self.dispatcher = system, living, dispatcher
        self.pings = 0
        self.step_ms = round(step_s * 1000)
        self._runner, self._partitions = runner, settings.kafka.partitions
        self._queries = open_queries(settings)
        parts.callback(lambda: runner.run(self._queries.close()))
        self._writer = parts.enter_context(closing(LogWriter(settings)))
        self._letters = parts.enter_context(closing(LogReader(settings, Topics.of(settings).dead_letters)))
        self._rest = Rest(settings, [worker.role for worker in system.workers], runner, parts)
        self._causes: set[object] = set()

    def open(self) -> News:
        """Say what the office says before the day, and what comes of it."""
        opening = self.living.opening()
        return self._through([*opening, *self._ticks(self.living.now_ms)])

    def step(self, until_ms: int | None = None) -> News:
        """Live one step (or until then), wait until all is at rest, and hear what came of it."""
        since_ms = self.living.now_ms
        until_ms = since_ms + self.step_ms if until_ms is None else until_ms
        return self._through(self.due(since_ms, until_ms))

    def due(self, since_ms: int, until_ms: int) -> list[Delivery]:
        """What happens until then, in order of reception, with the time told at its end."""
        received = [*self.living.advance(until_ms), *self.dispatcher.decide(since_ms, until_ms)]
        received.sort(key=attrgetter("received_ms"))
        return [*received, *self._ticks(until_ms)]

    def run(self, progress: Callable[[int], None], hear: Callable[[News], None]) -> None:
        """All of the day, and then until silence has been noticed."""
        hear(self.open())
        while not self.living.over:
            hear(self.step())
            progress(self.living.now_ms)
        hear(self.finish())

    def finish(self) -> News:
        """After everybody has gone home: until silence has been noticed."""
        return self.step(self.living.now_ms + round(FLUSH_S * 1000))

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Publish without waiting for anybody."""
        for message in simulated.messages(self.system.settings, deliveries):
            self.pings += message.value is not None and message.value.startswith(b'{"type":"ping"')
            self._writer.send(message)
        self._writer.flush()

    def listen(self) -> News:
        """What has come back by now, without waiting; technicians and dispatcher hear it."""
        for topic in self._rest.topics.values():
            topic.read()
        return self._taken()

    def counts(self) -> Mapping[str, int]:
        """What was kept and dropped in all partitions, by name."""
        return self._runner.run(self._queries.counts())

    def letters(self) -> list[dead_letters.DeadLetter]:
        """What nobody could process."""
        records = [record for record in self._letters.to_end() if not dead_letters.is_note(record)]
        return dead_letters.once([dead_letters.read(record.partition, record) for record in records])

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
        return self._taken()

    def _taken(self) -> News:
        topics = self._rest.topics
        news = News(
            [*self._sent_to_technicians()],
            [*self._fresh(decode_plan(record.value) for record in topics["plans"].taken())],
            [one for one in self._said_of_territories() if isinstance(one, RiskChanged)],
            [*self._fresh(decode_signal(record.value) for record in topics["signals"].taken())],
        )
        self.living.hear_all(news.heard)
        self.dispatcher.hear(news.plans)
        return news

    def left(self) -> int:
        """How many records the agents have still to read."""
        return self._rest.left()

    def technicians(self) -> Sequence[TechnicianState]:
        """Everybody's state as it stands now."""
        return self._runner.run(self._queries.technicians())

    def _sent_to_technicians(self) -> Iterator[Heard]:
        for record in self._rest.topics["technicians"].taken():
            if record.value is None or is_position(record.value):
                continue
            event = decode(record.value, record.key)
            if isinstance(event, Assignment | Route | Reminder):
                yield event

    def _said_of_territories(self) -> Iterator[object]:
        records = [record for record in self._rest.topics["territories"].taken() if record.value]
        risks = [record for record in records if record.value.startswith(b'{"type":"risk_changed"')]
        yield from self._fresh(decode_territory(record.value, record.key) for record in risks)

    def _fresh(self, events: Iterable[msgspec.Struct | Rejection]) -> Iterator:
        """Those that were not sent before. What was sent twice has the same cause."""
        for event in events:
            if isinstance(event, Rejection):
                continue
            cause = (type(event), getattr(event, "cause", None))
            if cause not in self._causes:
                self._causes.add(cause)
                yield event

    def _ticks(self, time_ms: int) -> Iterator[Delivery]:
        for topic in (TOPIC, TERRITORIES):
            yield from ticks(time_ms, self._partitions, topic)


@contextmanager
def lockstep(system: System, living: LiveDay, dispatcher: Dispatcher, *, step_s: float) -> Iterator[Lockstep]:
    """A live day through this system; what was opened is closed at the end."""
    with asyncio.Runner() as runner, ExitStack() as parts:
        yield Lockstep(system, living, dispatcher, runner, parts, step_s=step_s)
