"""`headway topics`."""

import asyncio

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.adapters.log import write_all
from streams.bootstrap import open_store
from streams.ports import Message
from streams.settings import Settings
from streams.topics import READERS, Topics, group_of
from tests.support.cli import Headway, mistake
from tests.support.technicians import step, technician


def publish(settings: Settings, partition: int, count: int, name: str = "technicians") -> None:
    topic = getattr(Topics.of(settings), name)
    write_all(settings, (Message(topic, b"k", b"v", partition) for _ in range(count)))


def fold(settings: Settings, partition: int, position: int) -> None:
    """As if a worker had come so far."""

    async def folding() -> None:
        store = open_store(settings)
        await store.commit(step(None, position, technician("ada"), partition=partition))
        await store.close()

    asyncio.run(folding())


def test_each_partition_says_how_far_it_is_folded(headway: Headway, settings: Settings) -> None:
    publish(settings, 0, 3)
    publish(settings, 2, 5)
    fold(settings, 2, 4)
    lines = headway("topics").lines
    assert [line.split()[1:3] for line in lines if f"{settings.namespace}.technicians " in line] == [
        ["4", "8"]
    ]
    assert [line.split() for line in lines[-5:-1]] == [
        ["0", "nothing", "yet", "3", "3"],
        ["1", "nothing", "yet", "0", "0"],
        ["2", "4", "5", "1"],
        ["3", "nothing", "yet", "0", "0"],
    ]
    assert lines[-1] == "the telemetry workers are 4 records behind"


def test_workers_that_have_folded_all_are_up_to_date(headway: Headway, settings: Settings) -> None:
    publish(settings, 1, 2)
    fold(settings, 1, 2)
    assert headway("topics").lines[-1] == "the telemetry workers are up to date"


def test_missing_topics_are_said_and_made_on_demand(
    headway: Headway, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_NAMESPACE", f"{settings.namespace}-new")
    said = mistake(headway("topics"))
    assert f"no topics of namespace '{settings.namespace}-new'" in said
    assert said.endswith("`headway topics --create` makes them")
    assert headway("topics", "--create").code == 0
    assert headway("topics").lines[-1] == "the telemetry workers are up to date"


def test_without_redis_it_tells_what_kafka_says(
    headway: Headway, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_REDIS", "redis://127.0.0.1:1/0")
    said = headway("topics")
    assert said.code == 1
    assert f"{settings.namespace}.signals" in said.out
    assert "Redis at redis://127.0.0.1:1/0 is not available" in said.err
    assert "HEADWAY_REDIS right?" in said.err


def test_each_agent_says_how_far_behind_its_group_is(headway: Headway, settings: Settings) -> None:
    publish(settings, 0, 3, "signals")
    publish(settings, 2, 5, "signals")
    consumer = Consumer(
        {"bootstrap.servers": settings.kafka.bootstrap, "group.id": group_of(settings, "risk")}
    )
    consumer.commit(offsets=[TopicPartition(Topics.of(settings).signals, 2, 4)], asynchronous=False)
    consumer.close()
    told = {line.split()[0]: line.split()[2:] for line in headway("topics").lines if line.split()}
    assert (told["risk"], told["acknowledgements"]) == (["4"], ["not", "begun"])
    assert set(READERS) - {"telemetry"} <= set(told)
