"""Kafka for the command line, in plain blocking calls: write messages, read a topic to its end or follow it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from streams.adapters.kafka import client_options
from streams.errors import BadInput, BrokerUnavailable
from streams.ports import Message
from streams.settings import Settings

POLL_MS = 200
POLL_RECORDS = 5_000


class LogWriter:
    """Sends messages; `flush` returns when the broker has all of them."""

    def __init__(self, settings: Settings) -> None:
        self._bootstrap = settings.kafka.bootstrap
        self._producer = _connected(
            self._bootstrap,
            lambda: KafkaProducer(**client_options(settings), linger_ms=20, batch_size=1 << 18, acks="all"),
        )
        self._failed: list[BaseException] = []

    def send(self, message: Message) -> None:
        """Hand a message over; blocks while the buffer is full. Raises `BrokerUnavailable`."""
        self._raise_failed()
        future = self._producer.send(
            message.topic,
            value=message.value,
            key=message.key,
            partition=message.partition,
            timestamp_ms=message.timestamp_ms,
            headers=list(message.headers),
        )
        future.add_errback(self._failed.append)

    def flush(self) -> None:
        try:
            self._producer.flush(timeout=60)
        except KafkaError as error:
            raise _away(self._bootstrap, error) from error
        self._raise_failed()

    def close(self) -> None:
        self._producer.close(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _raise_failed(self) -> None:
        if self._failed:
            raise _away(self._bootstrap, self._failed[0])


class LogReader:
    """Reads one topic, all partitions, from the beginning; no group, nothing committed."""

    def __init__(self, settings: Settings, topic: str, *, from_end: bool = False) -> None:
        self._bootstrap = settings.kafka.bootstrap
        self._consumer = _connected(
            self._bootstrap,
            lambda: KafkaConsumer(
                **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
            ),
        )
        partitions = self._consumer.partitions_for_topic(topic)
        if not partitions:
            raise BadInput(
                f"there is no topic {topic} at {self._bootstrap}; `headway topics --create` makes it"
            )
        self._partitions = [TopicPartition(topic, partition) for partition in sorted(partitions)]
        self._consumer.assign(self._partitions)
        seek = self._consumer.seek_to_end if from_end else self._consumer.seek_to_beginning
        seek(*self._partitions)

    def ends(self) -> dict[int, int]:
        """The offset after the last record, by partition."""
        return {tp.partition: end for tp, end in self._consumer.end_offsets(self._partitions).items()}

    def poll(self, wait_ms: int | None = None) -> list[Any]:
        """The records that have come since; waits up to 0.2 s for some, or as long as `wait_ms` says."""
        timeout_ms = POLL_MS if wait_ms is None else wait_ms
        fetched = self._consumer.poll(timeout_ms=timeout_ms, max_records=POLL_RECORDS)
        return [record for records in fetched.values() for record in records]

    def to_end(self) -> Iterator[Any]:
        """Every record up to where the topic ends at the time of the call."""
        ends = self.ends()
        while any(self._consumer.position(tp) < ends[tp.partition] for tp in self._partitions):
            yield from (record for record in self.poll() if record.offset < ends[record.partition])

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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


def _connected(bootstrap: str, make: Any) -> Any:
    try:
        return make()
    except (KafkaError, OSError) as error:
        raise _away(bootstrap, error) from error


def _away(bootstrap: str, error: BaseException) -> BrokerUnavailable:
    return BrokerUnavailable(
        f"Kafka at {bootstrap} does not answer ({type(error).__name__}: {error}); "
        "is it running, and is HEADWAY_KAFKA right?"
    )
