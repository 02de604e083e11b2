"""The outbox on a real Kafka: everything arrives, in order, also through an outage."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.adapters.outbox import KafkaOutbox
from streams.errors import HeadwayError
from streams.ports import Message
from tests.support.servers import KafkaServer
from tests.support.transport import make_topic

pytestmark = pytest.mark.kafka


def read(bootstrap: str, topic: str, partitions: int = 4) -> list[Any]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    tps = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(tps)
    ends = consumer.end_offsets(tps)
    found: list[Any] = []
    while any(consumer.position(tp) < ends[tp] for tp in tps):
        found += [record for records in consumer.poll(500).values() for record in records]
    consumer.close()
    return found


def numbered(topic: str, numbers: range, partition: int | None = 0) -> list[Message]:
    return [Message(topic, f"key-{number}".encode(), str(number).encode(), partition) for number in numbers]


async def test_when_send_returns_the_broker_has_all_of_it(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace)
    outbox = KafkaOutbox(kafka)
    await outbox.send([Message(namespace, b"k", b"v", 2, 1_767_225_600_123, (("reason", b"late"),))])
    await outbox.send([Message(namespace, None, None, 1)])
    await outbox.close()
    first, second = sorted(read(kafka, namespace), key=lambda record: -record.partition)
    assert (first.partition, first.key, first.value, first.timestamp) == (2, b"k", b"v", 1_767_225_600_123)
    assert list(first.headers) == [("reason", b"late")]
    assert (second.partition, second.key, second.value) == (1, None, None)


async def test_a_key_goes_where_other_clients_send_it(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace)
    outbox = KafkaOutbox(kafka)
    await outbox.send(numbered(namespace, range(100), partition=None))
    await outbox.close()
    producer = KafkaProducer(bootstrap_servers=kafka)
    for number in range(100):
        producer.send(namespace, b"other", key=f"key-{number}".encode())
    producer.close()
    records = read(kafka, namespace)
    assert len(records) == 200
    assert len({(record.key, record.partition) for record in records}) == 100


@pytest.fixture
def broker(tmp_path: Path, kafka: str) -> Iterator[KafkaServer]:
    server = KafkaServer(tmp_path / "kafka").start()
    yield server
    server.kill()


async def test_through_an_outage_nothing_is_lost_doubled_or_overtaken(
    broker: KafkaServer, namespace: str
) -> None:
    make_topic(broker.bootstrap, namespace)
    outbox = KafkaOutbox(broker.bootstrap)
    await outbox.send(numbered(namespace, range(1_000)))
    sending = asyncio.create_task(outbox.send(numbered(namespace, range(1_000, 30_000))))
    await asyncio.sleep(0.01)
    await asyncio.to_thread(broker.stop)
    late = asyncio.create_task(outbox.send(numbered(namespace, range(30_000, 31_000))))
    await asyncio.sleep(1.0)
    assert not late.done()
    await asyncio.to_thread(broker.start)
    await asyncio.gather(sending, late)
    await outbox.close()
    assert [int(record.value) for record in read(broker.bootstrap, namespace)] == list(range(31_000))


async def test_an_outbox_can_be_closed_while_the_broker_is_away(broker: KafkaServer, namespace: str) -> None:
    make_topic(broker.bootstrap, namespace)
    outbox = KafkaOutbox(broker.bootstrap)
    await outbox.send(numbered(namespace, range(10)))
    await asyncio.to_thread(broker.kill)
    sending = asyncio.create_task(outbox.send(numbered(namespace, range(10, 20))))
    await asyncio.sleep(0.2)
    await outbox.close()
    with pytest.raises(HeadwayError, match="closed with 10 messages on their way"):
        await sending


async def test_a_message_that_the_broker_refuses_is_named(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace, **{"max.message.bytes": "1000"})
    outbox = KafkaOutbox(kafka)
    with pytest.raises(HeadwayError, match=f"refused a message for {namespace}.*large"):
        await outbox.send([Message(namespace, None, b"x" * 5_000, 0)])
    with pytest.raises(HeadwayError, match=f"of 10000001 bytes for {namespace} can't be sent.*large"):
        await outbox.send([Message(namespace, b"k", b"x" * 10_000_000, 0)])
    await outbox.send(numbered(namespace, range(1)))
    await outbox.close()
