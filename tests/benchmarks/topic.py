"""Topics that are full before anything is measured."""

from collections.abc import Iterable

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from streams.simulator.load import Record

PARTITIONS = 4
READY_WITHIN_S = 30.0
QUEUED_MESSAGES = 100_000
ANY = -1
"""The partition that the key decides."""


def create(bootstrap: str, name: str, partitions: int = PARTITIONS) -> None:
    """Raises `confluent_kafka.KafkaException`."""
    admin = _admin(bootstrap)
    # The records are of another day, which a broker would soon throw away.
    wanted = NewTopic(name, partitions, 1, config={"retention.ms": "-1"})
    (created,) = admin.create_topics([wanted]).values()
    created.result(READY_WITHIN_S)


def forget_group(bootstrap: str, group: str) -> None:
    """So that it begins anew. Raises `confluent_kafka.KafkaException` while a member is in it."""
    admin = _admin(bootstrap)
    (deleted,) = admin.delete_consumer_groups([group]).values()
    deleted.result(READY_WITHIN_S)


def fill(bootstrap: str, topic: str, batches: Iterable[list[Record]]) -> int:
    """Write all records; how many there were. Raises `RuntimeError` where the broker refuses one."""
    refused: list[object] = []
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "queue.buffering.max.messages": QUEUED_MESSAGES,
            "delivery.report.only.error": True,
            "on_delivery": lambda error, _: refused.append(error),
        }
    )
    count = 0
    for batch in batches:
        for received_ms, key, value, partition in batch:
            producer.produce(
                topic, value, key, ANY if partition is None else partition, timestamp=received_ms
            )
        count += len(batch)
        while len(producer) > QUEUED_MESSAGES // 2:
            producer.poll(0.01)
    producer.flush()
    if refused:
        raise RuntimeError(f"{len(refused)} records could not be written to {topic}: {refused[0]}")
    return count


def ends(bootstrap: str, topic: str) -> dict[int, int]:
    """The offset after the last record, by partition."""
    admin = _admin(bootstrap)
    partitions = admin.list_topics(topic, READY_WITHIN_S).topics[topic].partitions
    latest = {TopicPartition(topic, partition): OffsetSpec.latest() for partition in partitions}
    found = admin.list_offsets(latest, request_timeout=READY_WITHIN_S)
    return {tp.partition: answer.result().offset for tp, answer in found.items()}


def _admin(bootstrap: str) -> AdminClient:
    # Level 5 are notices: without it each client says good-bye on stderr.
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 5})
