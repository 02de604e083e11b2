"""Topics that are full before anything is measured."""

from collections.abc import Iterable

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from streams.simulator.load import Record

PARTITIONS = 4
READY_WITHIN_S = 30.0
QUEUED_MESSAGES = 100_000
ANY = -1
"""The partition that the key decides."""


def create(bootstrap: str, name: str, partitions: int = PARTITIONS) -> None:
    """Raises `confluent_kafka.KafkaException`."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    (created,) = admin.create_topics([NewTopic(name, partitions, 1)]).values()
    created.result(READY_WITHIN_S)


def forget_group(bootstrap: str, group: str) -> None:
    """So that it begins anew. Raises `confluent_kafka.KafkaException` while a member is in it."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
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
