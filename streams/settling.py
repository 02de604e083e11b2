"""When a system has come to rest: every agent has read everything, also what the others made of it.

An agent stores its position before it sends, and with it what it is going to send. So the log is at rest when
each agent's stored position is the end of its log, what was to be sent has been read on the log itself, and
no log has grown since its end was asked for.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any

import msgspec

from streams.adapters.log import LogEnds, LogReader
from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_partitions import keys_of
from streams.agents.keyed import StoredMessage
from streams.settings import Settings
from streams.topics import Topics


class Reading(msgspec.Struct, frozen=True):
    """An agent's part: which role runs it, what it reads, under which name its position is stored."""

    role: str
    topic: str
    stored: str


READINGS = (
    Reading("telemetry", "technicians", "technicians"),
    Reading("risk", "signals", "risk"),
    Reading("dispatch", "signals", "acknowledgements"),
    Reading("rebalance", "territories", "territories"),
    Reading("dispatch", "plans", "dispatch"),
)
LOOK_MS = 15
"""How long one look waits for something new."""
FOLLOWED = ("technicians", "signals", "territories", "plans")


class Followed:
    """A topic from now on: `new` has what was read and not yet taken, `seen` all that tells more than a position."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._reader = LogReader(settings, topic, fetch_wait_ms=LOOK_MS)
        self.new: list[Any] = []
        self.seen: set[bytes] = set()
        self._read = self._reader.skip_to_end()

    def read(self, wait_ms: int = 0) -> None:
        self._take(self._reader.poll(wait_ms))

    def read_to(self, ends: Mapping[int, int]) -> None:
        """Read on, up to where the topic was said to end."""
        while any(self._read.get(partition, 0) < end for partition, end in ends.items()):
            self.read(LOOK_MS)

    def taken(self) -> list[Any]:
        new, self.new = self.new, []
        return new

    def close(self) -> None:
        self._reader.close()

    def _take(self, records: Any) -> None:
        for record in records:
            self.new.append(record)
            self._read[record.partition] = record.offset + 1
            if record.value is not None and not is_position(record.value):
                self.seen.add(record.value)


def is_position(value: bytes) -> bool:
    """Whether a record is one of the many that only say where somebody is, or what time it is."""
    return value.startswith((b'{"type":"ping"', b'{"type":"tick"'))


class Rest:
    """Follows all topics of a system, and knows when the agents of these roles have come to rest."""

    def __init__(
        self, settings: Settings, roles: Sequence[str], runner: asyncio.Runner, parts: ExitStack
    ) -> None:
        names = Topics.of(settings)
        self._settings, self._runner = settings, runner
        self._readings = [reading for reading in READINGS if reading.role in roles]
        self.topics = {
            name: parts.enter_context(closing(Followed(settings, getattr(names, name)))) for name in FOLLOWED
        }
        self._names = {getattr(names, name): name for name in FOLLOWED}
        self._log = parts.enter_context(closing(LogEnds(settings, list(self._names))))
        self._link = RedisLink(settings.redis.url, timeout_s=settings.redis.timeout_s)
        self._meta = msgspec.json.Decoder(_Unsent)
        parts.callback(lambda: runner.run(self._link.close()))

    def is_come(self, wait_ms: int) -> bool:
        """Whether all is at rest; waits up to so long for something new."""
        for topic in self.topics.values():
            topic.read()
        self.topics["signals"].read(wait_ms)
        ends = self._ends()
        stored = self._runner.run(self._stored())
        if any(self._behind(ends, stored)):
            return False
        for name, topic in self.topics.items():
            topic.read_to(ends[name])
        return all(self._was_sent(unsent) for _, unsent in stored.values()) and ends == self._ends()

    def left(self) -> int:
        """How many records the agents have still to read."""
        return sum(self._behind(self._ends(), self._runner.run(self._stored())))

    def _ends(self) -> dict[str, dict[int, int]]:
        return {self._names[topic]: ends for topic, ends in self._log.ends().items()}

    def _behind(
        self,
        ends: Mapping[str, Mapping[int, int]],
        stored: Mapping[tuple[str, int], tuple[int, tuple[StoredMessage, ...]]],
    ) -> Iterator[int]:
        for reading in self._readings:
            for partition, end in ends[reading.topic].items():
                yield max(0, end - stored[reading.stored, partition][0])

    async def _stored(self) -> dict[tuple[str, int], tuple[int, tuple[StoredMessage, ...]]]:
        """Each agent's position in each partition, and what it was going to send then."""
        wanted = [
            (reading.stored, partition)
            for reading in self._readings
            for partition in range(self._settings.kafka.partitions)
        ]
        keys = [keys_of(self._settings.namespace, name, partition).position for name, partition in wanted]
        answers = await self._link.ask_each([("HMGET", key, "position", "partition_state") for key in keys])
        return {
            one: (int(position or 0), self._meta.decode(meta or b"{}").unsent)
            for one, (position, meta) in zip(wanted, answers, strict=True)
        }

    def _was_sent(self, unsent: Sequence[StoredMessage]) -> bool:
        return all(
            one.value is None or one.value.encode() in self.topics[self._names[one.topic]].seen
            for one in unsent
            if one.topic in self._names
        )


class _Unsent(msgspec.Struct, frozen=True):
    """Of what is stored beside a position, the part that matters here."""

    unsent: tuple[StoredMessage, ...] = ()
