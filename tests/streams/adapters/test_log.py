"""Kafka for the command line, on the embedded broker and on a real one."""

import itertools
from collections.abc import Iterator

import msgspec
import pytest
from kafka import KafkaConsumer

from streams import topics
from streams.adapters import kafka as kafka_adapter
from streams.adapters import log
from streams.adapters.kafka import client_options
from streams.adapters.log import LogReader, LogWriter, behind, write_all
from streams.embedded.guarded import free_port
from streams.errors import BadInput, BrokerUnavailable
from streams.ports import Message
from streams.settings import Kafka, Settings
from streams.system import servers
from streams.topics import Topics


@pytest.fixture(scope="module")
def embedded() -> Iterator[Settings]:
    with servers(Settings(namespace="log"), {"HEADWAY_REDIS": "redis://127.0.0.1:1/0"}) as (settings, _):
        yield settings


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.kafka)])
def settings(request: pytest.FixtureRequest, namespace: str) -> Settings:
    if request.param == "embedded":
        made = msgspec.structs.replace(request.getfixturevalue("embedded"), namespace=namespace)
    else:
        made = Settings(namespace=namespace, kafka=Kafka(bootstrap=request.getfixturevalue("kafka")))
    # The numbered records are as old as Unix time: retention would delete them as they come in.
    topics.ensure(made, history=True)
    return made


def technicians(settings: Settings) -> str:
    return Topics.of(settings).technicians


def numbered(settings: Settings, count: int, first: int = 0) -> list[Message]:
    return [
        Message(technicians(settings), f"t{n % 7}".encode(), str(n).encode(), None, 1_000_000 + n)
        for n in range(first, first + count)
    ]


def test_what_was_written_is_read_once_and_in_order_by_key(settings: Settings) -> None:
    assert write_all(settings, numbered(settings, 20_000)) == 20_000
    with LogReader(settings, technicians(settings)) as reader:
        records = list(reader.to_end())
        assert list(reader.to_end()) == []
        assert sum(reader.ends().values()) == 20_000
        assert set(reader.begins().values()) == {0}
    assert sorted(int(record.value) for record in records) == list(range(20_000))
    assert all(record.timestamp == 1_000_000 + int(record.value) for record in records)
    for key, group in itertools.groupby(
        sorted(records, key=lambda one: (one.key, one.offset)), lambda one: one.key
    ):
        values = [int(record.value) for record in group]
        assert values == sorted(values), key


def test_the_end_is_where_it_was_when_it_was_asked_for(settings: Settings) -> None:
    write_all(settings, numbered(settings, 10))
    with LogReader(settings, technicians(settings)) as reader:
        rest = reader.to_end()
        first = next(rest)
        write_all(settings, numbered(settings, 5, first=10))
        assert len([first, *rest]) == 10
        assert len(list(reader.to_end())) == 5


def test_an_empty_topic_has_an_end(settings: Settings) -> None:
    with LogReader(settings, Topics.of(settings).plans) as reader:
        assert list(reader.to_end()) == []
        assert reader.poll() == []


def test_a_key_lands_in_the_partition_where_other_clients_put_it(settings: Settings) -> None:
    from kafka.partitioner import murmur2

    write_all(settings, numbered(settings, 14))
    with LogReader(settings, technicians(settings)) as reader:
        partitions = len(reader.partitions)
        for record in reader.to_end():
            assert record.partition == (murmur2(record.key) & 0x7FFFFFFF) % partitions


def test_a_message_arrives_as_it_was_also_with_nothing_in_it(settings: Settings) -> None:
    topic = technicians(settings)
    headers = (("a", b"\x00"), ("a", b""), ("b", "é".encode()))
    write_all(settings, [Message(topic, None, None, 2, 5, headers), Message(topic, b"", b"", 3, 0)])
    with LogReader(settings, topic) as reader:
        first, second = sorted(reader.to_end(), key=lambda record: record.partition)
    assert (first.partition, first.key, first.value, first.timestamp) == (2, None, None, 5)
    assert tuple(first.headers) == headers
    # Kafka's clients take 0 for the present; the first millisecond of 1970 is as good.
    assert (second.partition, second.key, second.value, second.timestamp) == (3, b"", b"", 1)


def test_a_topic_or_partition_that_is_not_there_is_said_and_not_made(settings: Settings) -> None:
    missing = f"{settings.namespace}.nothing"
    with pytest.raises(
        BadInput, match=f"there is no topic {missing} at .*; `headway topics --create` makes it"
    ):
        write_all(settings, [Message(missing, b"k", b"v")])
    with pytest.raises(BadInput, match=f"there is no topic {missing}"):
        LogReader(settings, missing)
    with pytest.raises(BadInput, match="has no partition 4: it has 4, counted from 0"):
        write_all(settings, [Message(technicians(settings), b"k", b"v", 4)])
    with pytest.raises(BadInput, match="has no partition -1"):
        write_all(settings, [Message(technicians(settings), b"k", b"v", -1)])
    consumer = KafkaConsumer(**client_options(settings))
    assert missing not in consumer.topics()
    consumer.close()


def test_a_topic_that_was_made_meanwhile_is_found(settings: Settings) -> None:
    later = msgspec.structs.replace(settings, namespace=f"{settings.namespace}-later")
    with LogWriter(settings) as writer:
        topics.ensure(later)
        writer.send(Message(technicians(later), b"k", b"v"))
        writer.flush()
    with LogReader(later, technicians(later)) as reader:
        assert [record.value for record in reader.to_end()] == [b"v"]


def test_a_large_fence_goes_through_and_what_is_too_large_is_a_mistake(settings: Settings) -> None:
    fences = Topics.of(settings).fences
    write_all(settings, [Message(fences, b"k", b"x" * 5_000_000)])
    with LogReader(settings, fences) as reader:
        assert [len(record.value) for record in reader.to_end()] == [5_000_000]
    with pytest.raises(BadInput, match="longer than its topic takes"):
        write_all(settings, [Message(fences, b"k", b"x" * 10_000_000)])


@pytest.mark.kafka
def test_what_a_real_topic_does_not_take_is_a_mistake_and_no_outage(kafka: str, namespace: str) -> None:
    settings = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka))
    topics.ensure(settings)
    with pytest.raises(BadInput, match="longer than its topic takes"):
        write_all(settings, [Message(technicians(settings), b"k", b"x" * 2_000_000)])


@pytest.mark.parametrize("embedded", [True, False])
def test_a_broker_that_is_not_there_is_said(embedded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (kafka_adapter, log):
        monkeypatch.setattr(module, "READY_WITHIN_MS", 1000)
    bootstrap = f"127.0.0.1:{free_port()}"
    nowhere = Settings(kafka=Kafka(bootstrap=bootstrap, embedded=embedded))
    for opened in (lambda: LogWriter(nowhere), lambda: LogReader(nowhere, "x")):
        with pytest.raises(BrokerUnavailable, match=f"Kafka at {bootstrap} does not answer"):
            opened()


def test_behind_counts_what_is_not_folded_and_nothing_twice() -> None:
    assert behind({0: 10, 1: 5, 2: 0}, {0: 4, 1: 9}) == 6
