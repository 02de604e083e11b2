"""The embedded servers do what the system asks of them."""

import msgspec
import pytest
import redis

from streams import topics
from streams.adapters.broadcast import Broadcast
from streams.adapters.outbox import KafkaOutbox
from streams.embedded.broker import embedded_broker
from streams.embedded.redis import embedded_redis
from streams.errors import BadSettings
from streams.ports import Message
from streams.settings import Kafka, Settings
from streams.topics import Topics
from tests.support.transport import Reader, in_order, options, running, until


def test_the_embedded_redis_runs_scripts() -> None:
    with embedded_redis() as url:
        client = redis.Redis.from_url(url)
        assert (
            client.eval("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])", 1, "a", "b")
            == b"b"
        )
        client.close()


def test_two_of_each_live_side_by_side() -> None:
    with (
        embedded_redis() as one,
        embedded_redis() as other,
        embedded_broker() as here,
        embedded_broker() as there,
    ):
        assert one != other
        assert here != there


async def test_workers_outbox_and_broadcast_work_on_the_embedded_broker() -> None:
    with embedded_broker() as bootstrap:
        settings = Settings(kafka=Kafka(bootstrap=bootstrap, embedded=True, partitions=4))
        topics.ensure(settings)
        names = Topics.of(settings)
        outbox, agent = KafkaOutbox(bootstrap), Reader()
        async with running(options(bootstrap, names.technicians), agent):
            await outbox.send(
                [
                    Message(names.technicians, b"k", str(number).encode(), number % 4)
                    for number in range(2_000)
                ]
            )
            await until(lambda: len(agent.numbers()) >= 2_000, "all records are read")
        heard: list[object] = []
        broadcast = Broadcast(bootstrap, names.technicians, heard.extend)
        await broadcast.start()
        await broadcast.stop()
        await outbox.close()
    assert sorted(agent.numbers()) == list(range(2_000))
    assert all(in_order(agent.numbers(partition)) for partition in range(4))
    assert len(heard) == 2_000


async def test_a_position_is_resumed_at_on_the_embedded_broker_too() -> None:
    with embedded_broker() as bootstrap:
        outbox, agent = KafkaOutbox(bootstrap), Reader(stored={0: 60, 1: 0})
        await outbox.send([Message("t", None, str(number).encode(), 0) for number in range(100)])
        await outbox.close()
        async with running(options(bootstrap, "t"), agent):
            await until(lambda: len(agent.numbers()) >= 40, "the rest is read")
    assert agent.numbers() == list(range(60, 100))


def test_the_embedded_broker_has_four_partitions_and_says_so() -> None:
    with embedded_broker() as bootstrap:
        settings = Settings(kafka=Kafka(bootstrap=bootstrap, embedded=True, partitions=4))
        topics.ensure(settings)
        eight = msgspec.structs.replace(settings, kafka=msgspec.structs.replace(settings.kafka, partitions=8))
        with pytest.raises(BadSettings, match=r"kafka\.partitions is 8"):
            topics.ensure(eight)
