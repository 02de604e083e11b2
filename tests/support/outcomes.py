"""Everything that a run of telemetry workers leaves behind, read past our own queries, for comparing runs."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import msgspec
import redis

from features.events import Cause, Signal
from streams import dead_letters
from streams.adapters.log import LogReader
from streams.adapters.redis_state import keys_of
from streams.codec import decode_signal
from streams.dead_letters import DeadLetter, Source
from streams.settings import Settings
from streams.topics import Topics

AWAY = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError)


class Stored(msgspec.Struct, frozen=True):
    """All that Redis holds of one partition, but for the name of the last writer."""

    position: int
    partition_state: bytes
    states: dict[bytes, bytes]
    index: list[bytes]


class Signalled(msgspec.Struct, frozen=True):
    """A record of `signals` as it was read."""

    cause: Cause
    timestamp_ms: int
    key: bytes
    value: bytes

    @property
    def signal(self) -> Signal:
        return decode_signal(self.value)


class Outcome(msgspec.Struct, frozen=True):
    """What a run left: `signals` (by partition) and `letters` with all repetitions, in the order of their logs."""

    signals: dict[int, list[Signalled]]
    letters: list[DeadLetter]
    stored: dict[int, Stored]


class Store:
    """Looks into the Redis of a run."""

    def __init__(self, settings: Settings) -> None:
        self._namespace, self._partitions = settings.namespace, range(settings.kafka.partitions)
        self._redis = redis.Redis.from_url(settings.redis.url, socket_timeout=10)

    def positions(self) -> Mapping[int, int] | None:
        """Where something is stored. None while Redis is away."""
        try:
            found = {partition: self._position(partition) for partition in self._partitions}
        except AWAY:
            return None
        return {partition: position for partition, position in found.items() if position is not None}

    def hang(self, seconds: float) -> None:
        """Have Redis take no commands from anybody for a while."""
        self._redis.client_pause(round(seconds * 1000))

    def content(self) -> dict[int, Stored]:
        return {partition: self._stored(partition) for partition in self._partitions}

    def close(self) -> None:
        self._redis.close()

    def _position(self, partition: int) -> int | None:
        found: Any = self._redis.hget(keys_of(self._namespace, partition).position, "position")
        return None if found is None else int(found)

    def _stored(self, partition: int) -> Stored:
        keys = keys_of(self._namespace, partition)
        position: Any = self._redis.hgetall(keys.position)
        states: Any = self._redis.hgetall(keys.state)
        index: Any = self._redis.zrange(keys.index, 0, -1)
        return Stored(int(position[b"position"]), position[b"partition_state"], states, index)


def outcome(settings: Settings) -> Outcome:
    """What a drained run has left so far."""
    names, store = Topics.of(settings), Store(settings)
    signals: dict[int, list[Signalled]] = {partition: [] for partition in range(settings.kafka.partitions)}
    with LogReader(settings, names.signals) as reader:
        for record in reader.to_end():
            cause = decode_signal(record.value).cause
            # The time has no key.
            signals[record.partition].append(
                Signalled(cause, record.timestamp, record.key or b"", record.value)
            )
    try:
        return Outcome(signals, letters(settings), store.content())
    finally:
        store.close()


def letters(settings: Settings) -> list[DeadLetter]:
    """All dead letters, repeated ones as often as they were sent."""
    with LogReader(settings, Topics.of(settings).dead_letters) as reader:
        records = [record for record in reader.to_end() if not dead_letters.is_note(record)]
    return [dead_letters.read(record.partition, record) for record in records]


def taken(signals: Sequence[Signalled]) -> list[Signalled]:
    """What a consumer takes of one partition: it drops a signal whose cause is not above the last one's."""
    chosen: list[Signalled] = []
    for signal in signals:
        if not chosen or signal.cause > chosen[-1].cause:
            chosen.append(signal)
    return chosen


def repetitions(signals: Sequence[Signalled]) -> list[tuple[Signalled, Signalled]]:
    """Each repeated signal beside the first of its cause."""
    first: dict[Cause, Signalled] = {}
    return [
        (first[signal.cause], signal)
        for signal in signals
        if first.setdefault(signal.cause, signal) is not signal
    ]


class Final(msgspec.Struct, frozen=True):
    """What counts of an outcome in the end, without the topic's name, which differs from run to run.

    `events` has id, time and bytes of each partition's and technician's events, in the order in which a
    consumer takes them; `letters` those of each source: one that was sent twice is the same letter.
    """

    events: dict[tuple[int, bytes], list[tuple[str, int, bytes]]]
    letters: dict[tuple[int, int], set[DeadLetter]]
    stored: dict[int, Stored]


def final(found: Outcome, topic: str) -> Final:
    events: dict[tuple[int, bytes], list[tuple[str, int, bytes]]] = {}
    for partition, signals in found.signals.items():
        for one in taken(signals):
            bare = one.value.replace(topic.encode(), b"", 1)
            events.setdefault((partition, one.key), []).append((one.signal.id, one.timestamp_ms, bare))
    told: dict[tuple[int, int], set[DeadLetter]] = {}
    for letter in found.letters:
        source = Source("", letter.source.partition, letter.source.offset)
        bare_letter = msgspec.structs.replace(letter, offset=0, source=source)
        told.setdefault((source.partition, source.offset), set()).add(bare_letter)
    return Final(events, told, found.stored)


def differences(found: Final, wanted: Final) -> list[str]:
    """Where two runs differ, a line each: whole runs are too much for anybody to read."""
    said = []
    for name in wanted.__struct_fields__:
        ours, theirs = getattr(found, name), getattr(wanted, name)
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) != theirs.get(key):
                said.append(f"{name} {key}: {_first(ours.get(key), theirs.get(key))}")
    return said


def _first(found: Any, wanted: Any) -> str:
    if isinstance(found, list) and isinstance(wanted, list):
        pairs = enumerate(zip_longest(found, wanted))
        return next(f"[{n}] {one!r:.600} not {other!r:.600}" for n, (one, other) in pairs if one != other)
    if isinstance(found, Stored) and isinstance(wanted, Stored):
        fields = [name for name in found.__struct_fields__ if getattr(found, name) != getattr(wanted, name)]
        return f"{fields}; position {found.position} not {wanted.position}"
    return f"{found!r:.600} not {wanted!r:.600}"
