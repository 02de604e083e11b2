"""Kafka for the command line, in plain blocking calls: write messages, read a topic to its end or follow it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError as ReaderError

from streams.adapters.kafka import READY_WITHIN_MS, away, client_options, partitions_by_topic, silent
from streams.errors import BadInput, HeadwayError
from streams.ports import Message
from streams.settings import Settings

POLL_MS = 200
POLL_RECORDS = 5_000
FETCH_WAIT_MS = 500
FLUSH_WITHIN_S = 60.0
STUCK_AFTER_S = 30.0
LARGEST_BYTES = 9 * 1_048_576
"""Of a message; each topic sets a limit of its own below it."""


class LogWriter:
    """Sends messages; `flush` returns when the broker has all of them."""

    def __init__(self, settings: Settings) -> None:
        """Raises `BrokerUnavailable` after some seconds where none answers."""
        self._settings = settings
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka.bootstrap,
                "acks": "all",
                "enable.idempotence": True,
                # As Java, aiokafka and kafka-python choose the partition of a key.
                "partitioner": "murmur2_random",
                "linger.ms": 20,
                "message.max.bytes": LARGEST_BYTES,
                "message.timeout.ms": round(FLUSH_WITHIN_S * 1000),
            },
            logger=silent(),
        )
        self._failed: list[KafkaError] = []
        self._partitions = partitions_by_topic(settings, self._producer)

    def send(self, message: Message) -> None:
        """Hand a message over; blocks while the buffer is full.

        Raises `BrokerUnavailable`, and `BadInput` where there is no such topic or partition.
        """
        self._check_place(message)
        arguments = _arguments(message)
        while True:
            self._producer.poll(0)
            self._raise_failed()
            try:
                self._producer.produce(on_delivery=self._delivered, **arguments)
                return
            except BufferError:
                # The buffer is full: wait until some are delivered, or fail.
                self._producer.poll(POLL_MS / 1000)
            except KafkaException as error:
                raise _refused(self._settings, error.args[0]) from error

    def flush(self) -> None:
        left = self._producer.flush(FLUSH_WITHIN_S + 1)
        self._raise_failed()
        if left:
            raise away(self._settings, f"{left} messages not confirmed in {FLUSH_WITHIN_S:.0f} s")

    def close(self) -> None:
        """Give up what was not flushed."""
        self._producer.purge()
        self._producer.flush(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _delivered(self, error: KafkaError | None, _: object) -> None:
        if error is not None:
            self._failed.append(error)

    def _check_place(self, message: Message) -> None:
        """A topic that is not there would be waited for."""
        if message.topic not in self._partitions:
            self._partitions = partitions_by_topic(self._settings, self._producer)
            if message.topic not in self._partitions:
                raise _missing(self._settings, message.topic)
        there = self._partitions[message.topic]
        if message.partition is not None and not 0 <= message.partition < there:
            raise BadInput(
                f"the topic {message.topic} has no partition {message.partition}: it has {there}, counted from 0"
            )

    def _raise_failed(self) -> None:
        if self._failed:
            raise _refused(self._settings, self._failed[0])


class LogReader:
    """Reads one topic, all `partitions`, from the beginning; no group, nothing committed."""

    def __init__(self, settings: Settings, topic: str, *, fetch_wait_ms: int = FETCH_WAIT_MS) -> None:
        """`fetch_wait_ms`: how long the broker may hold an answer back when there is nothing new.

        Raises `BrokerUnavailable` after some seconds where none answers, `BadInput` without the topic.
        """
        self._settings = settings
        check_reachable(settings)
        options = {
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "fetch_max_wait_ms": fetch_wait_ms,
        }
        with _reaching(settings):
            self._consumer = KafkaConsumer(**client_options(settings), **options)
            try:
                self._assigned = self._assign(topic)
            except BaseException:
                self._consumer.close()
                raise
        self.partitions = [tp.partition for tp in self._assigned]

    def skip_to_end(self) -> dict[int, int]:
        """Leave out what is there already. Where reading goes on, by partition."""
        ends = self.ends()
        for tp in self._assigned:
            self._consumer.seek(tp, ends[tp.partition])
        return ends

    def begins(self) -> dict[int, int]:
        """The offset of the oldest record that is kept, by partition."""
        return self._offsets(self._consumer.beginning_offsets)

    def ends(self) -> dict[int, int]:
        """The offset after the last record, by partition."""
        return self._offsets(self._consumer.end_offsets)

    def poll(self, wait_ms: int | None = None) -> list[Any]:
        """The records that have come since; waits up to 0.2 s for some, or as long as `wait_ms` says."""
        timeout_ms = POLL_MS if wait_ms is None else wait_ms
        with _reaching(self._settings):
            fetched = self._consumer.poll(timeout_ms=timeout_ms, max_records=POLL_RECORDS)
        return [record for records in fetched.values() for record in records]

    def to_end(self) -> Iterator[Any]:
        """Every record up to where the topic ends at the time of the call. Raises `BrokerUnavailable`."""
        ends, before, since = self.ends(), -1, time.monotonic()
        while (left := self._left(ends)) > 0:
            yield from (record for record in self.poll() if record.offset < ends[record.partition])
            if left != before:
                before, since = left, time.monotonic()
            elif time.monotonic() - since > STUCK_AFTER_S:
                raise away(self._settings, f"no record came for {STUCK_AFTER_S:.0f} s, {left} are left")

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _assign(self, topic: str) -> list[TopicPartition]:
        found = self._consumer.partitions_for_topic(topic)
        if not found:
            raise _missing(self._settings, topic)
        assigned = [TopicPartition(topic, partition) for partition in sorted(found)]
        self._consumer.assign(assigned)
        self._consumer.seek_to_beginning(*assigned)
        return assigned

    def _offsets(self, ask: Callable[[list[TopicPartition]], Mapping[TopicPartition, int]]) -> dict[int, int]:
        with _reaching(self._settings):
            return {tp.partition: offset for tp, offset in ask(self._assigned).items()}

    def _left(self, ends: Mapping[int, int]) -> int:
        with _reaching(self._settings):
            return sum(max(0, ends[tp.partition] - self._position(tp)) for tp in self._assigned)

    def _position(self, tp: TopicPartition) -> int:
        return self._consumer.position(tp, timeout_ms=READY_WITHIN_MS) or 0


class LogEnds:
    """Asks where several topics end, and reads nothing: no question waits behind a fetch that is held."""

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        """Raises `BrokerUnavailable` after some seconds where none answers, `BadInput` without a topic."""
        self._settings = settings
        check_reachable(settings)
        with _reaching(settings):
            self._consumer = KafkaConsumer(**client_options(settings), enable_auto_commit=False)
            try:
                self._partitions = [one for topic in topics for one in self._of(topic)]
            except BaseException:
                self._consumer.close()
                raise

    def ends(self) -> dict[str, dict[int, int]]:
        """The offset after the last record, by topic and partition."""
        with _reaching(self._settings):
            found = self._consumer.end_offsets(self._partitions)
        by_topic: dict[str, dict[int, int]] = {}
        for one, offset in found.items():
            by_topic.setdefault(one.topic, {})[one.partition] = offset
        return by_topic

    def close(self) -> None:
        self._consumer.close()

    def _of(self, topic: str) -> list[TopicPartition]:
        found = self._consumer.partitions_for_topic(topic)
        if not found:
            raise _missing(self._settings, topic)
        return [TopicPartition(topic, partition) for partition in sorted(found)]


def write_all(settings: Settings, messages: Iterable[Message]) -> int:
    """Send all and wait until the broker has them; how many they were."""
    with LogWriter(settings) as writer:
        count = 0
        for message in messages:
            writer.send(message)
            count += 1
        writer.flush()
    return count


def behind(ends: Mapping[int, int], positions: Mapping[int, int]) -> int:
    """How many records are still to be folded."""
    return sum(max(0, end - positions.get(partition, 0)) for partition, end in ends.items())


def check_reachable(settings: Settings) -> None:
    """Raises `BrokerUnavailable` after some seconds where an embedded broker is gone.

    A client of kafka-python that is told what its broker speaks, as for this one it must be, looks for it
    for ever. Others say after some seconds that there is none.
    """
    if settings.kafka.embedded:
        client = AdminClient({"bootstrap.servers": settings.kafka.bootstrap}, logger=silent())
        partitions_by_topic(settings, client)


def _arguments(message: Message) -> dict[str, Any]:
    arguments: dict[str, Any] = {"topic": message.topic, "key": message.key, "value": message.value}
    if message.partition is not None:
        arguments["partition"] = message.partition
    if message.timestamp_ms is not None:
        # 0 would be taken for the present.
        arguments["timestamp"] = max(1, message.timestamp_ms)
    if message.headers:
        arguments["headers"] = list(message.headers)
    return arguments


def _refused(settings: Settings, error: KafkaError) -> HeadwayError:
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return BadInput("a message is longer than its topic takes; send it in smaller parts")
    if error.code() == KafkaError._MSG_TIMED_OUT or error.retriable():
        return away(settings, error.str())
    return HeadwayError(f"Kafka at {settings.kafka.bootstrap} refused a message: {error.str()}")


def _missing(settings: Settings, topic: str) -> BadInput:
    return BadInput(
        f"there is no topic {topic} at {settings.kafka.bootstrap}; `headway topics --create` makes it"
    )


@contextmanager
def _reaching(settings: Settings) -> Iterator[None]:
    try:
        yield
    except (ReaderError, OSError) as error:
        raise away(settings, error) from error
