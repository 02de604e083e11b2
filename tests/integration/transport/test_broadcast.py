"""A broadcast on a real Kafka: first everything that is there, then what follows."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from aiokafka.consumer import fetcher

from streams.adapters.broadcast import Broadcast
from streams.chunks import records as chunk_records
from streams.errors import BadInput, BrokerUnavailable
from tests.support.transport import RawName, make_topic, publish, until

pytestmark = pytest.mark.kafka


@pytest.fixture
def plain_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are read as in a worker."""
    for name in ("PartitionRecords", "MemoryRecords"):
        monkeypatch.setattr(fetcher, name, getattr(fetcher, name))
    chunk_records.install()


async def test_all_that_is_there_is_heard_before_start_returns(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace)
    publish(kafka, namespace, range(5_000))
    heard: list[ConsumerRecord[Any, Any]] = []
    broadcast = Broadcast(kafka, namespace, heard.extend)
    await broadcast.start()
    assert sorted(int(record.value) for record in heard) == list(range(5_000))
    publish(kafka, namespace, range(5_000, 5_010))
    await until(lambda: len(heard) == 5_010, "what follows is heard")
    await broadcast.stop()


async def test_each_reader_hears_everything(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace, partitions=1)
    publish(kafka, namespace, range(10), partitions=1)
    for _ in range(2):
        heard: list[ConsumerRecord[Any, Any]] = []
        broadcast = Broadcast(kafka, namespace, heard.extend)
        await broadcast.start()
        await broadcast.stop()
        assert [int(record.value) for record in heard] == list(range(10))


async def test_an_empty_topic_is_heard_at_once(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace)
    broadcast = Broadcast(kafka, namespace, lambda _: None)
    await broadcast.start()
    broadcast.check()
    await broadcast.stop()


async def test_a_listener_that_fails_is_told_of_by_check(kafka: str, namespace: str) -> None:
    make_topic(kafka, namespace)

    def fail(records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        raise ZeroDivisionError("a bug")

    broadcast = Broadcast(kafka, namespace, fail)
    await broadcast.start()
    publish(kafka, namespace, range(1))

    def failed() -> bool:
        try:
            broadcast.check()
        except ZeroDivisionError:
            return True
        return False

    await until(failed, "check raises")
    await broadcast.stop()


async def test_a_fence_record_with_a_header_name_of_any_bytes_is_heard_and_what_follows_too(
    kafka: str, namespace: str, plain_records: None
) -> None:
    make_topic(kafka, namespace, partitions=1)
    publish(kafka, namespace, range(3), partitions=1)
    publish(kafka, namespace, range(3, 6), partitions=1, headers=[(RawName(b"\xff\xfe"), b"1")])
    heard: list[ConsumerRecord[Any, Any]] = []
    broadcast = Broadcast(kafka, namespace, heard.extend)
    await broadcast.start()
    publish(kafka, namespace, range(6, 9), partitions=1, headers=[(RawName(b"\xc0\xaf"), b"")])
    await until(lambda: len(heard) == 9, "what follows is heard")
    broadcast.check()
    await broadcast.stop()
    assert [int(record.value) for record in heard] == list(range(9))


async def test_a_topic_that_is_not_there_is_said(kafka: str, namespace: str) -> None:
    with pytest.raises(BadInput, match=f"there is no topic {namespace}"):
        await Broadcast(kafka, namespace, lambda _: None).start()


async def test_a_broker_that_is_not_there_is_said(namespace: str) -> None:
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1"):
        await Broadcast("127.0.0.1:1", namespace, lambda _: None).start()
