"""When a system has come to rest."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import msgspec
import pytest

from features.events import Status, Tick
from streams import topics
from streams.adapters.log import write_all
from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_partitions import keys_of
from streams.agents.keyed import Meta, StoredMessage
from streams.codec import encode
from streams.ports import Message
from streams.settings import Settings
from streams.settling import Rest
from streams.system import servers
from streams.topics import Topics


@pytest.fixture(scope="module")
def served() -> Iterator[Settings]:
    with servers(Settings(namespace="settling"), {}) as (settings, _):
        yield settings


class House:
    """A system whose agents are moved by hand."""

    def __init__(self, settings: Settings, runner: asyncio.Runner, parts: ExitStack) -> None:
        self.settings, self.names = settings, Topics.of(settings)
        self._runner, self._link = runner, RedisLink(settings.redis.url)
        parts.callback(lambda: runner.run(self._link.close()))
        self.rest = Rest(settings, ("telemetry", "rebalance"), runner, parts)

    def say(self, topic: str, value: bytes, partition: int = 0) -> None:
        write_all(self.settings, [Message(topic, None, value, partition)])

    def read(self, stored: str, position: int, *unsent: StoredMessage) -> None:
        """An agent has read so far in the first partition, and was going to send this."""
        key = keys_of(self.settings.namespace, stored, 0).position
        state = msgspec.json.encode(Meta(unsent=unsent))
        self._runner.run(self._link.ask("HSET", key, "position", position, "partition_state", state))


@pytest.fixture
def house(served: Settings, namespace: str) -> Iterator[House]:
    settings = msgspec.structs.replace(served, namespace=namespace)
    topics.ensure(settings)
    with asyncio.Runner() as runner, ExitStack() as parts:
        yield House(settings, runner, parts)


def status() -> bytes:
    return encode(Status(technician="ada", time_ms=1, status="on_shift"))


def test_where_nothing_was_said_all_is_at_rest(house: House) -> None:
    assert house.rest.is_come(0)
    assert house.rest.left() == 0


def test_an_agent_that_has_not_read_everything_is_waited_for(house: House) -> None:
    house.say(house.names.technicians, status())
    assert not house.rest.is_come(0)
    assert house.rest.left() == 1
    house.read("technicians", 1)
    assert house.rest.is_come(0)
    assert [record.value for record in house.rest.topics["technicians"].taken()] == [status()]
    assert house.rest.topics["technicians"].taken() == []


def test_an_agent_that_does_not_run_is_not_waited_for(house: House) -> None:
    house.say(house.names.plans, b"a plan that nobody dispatches")
    assert house.rest.is_come(0)


def test_what_was_going_to_be_sent_has_to_be_on_the_log(house: House) -> None:
    house.say(house.names.territories, encode(Tick(time_ms=1)))
    plan = StoredMessage(house.names.plans, "north", "a plan", 0, 1)
    house.read("territories", 1, plan)
    assert not house.rest.is_come(0)
    assert house.rest.left() == 0
    house.say(house.names.plans, b"a plan")
    assert house.rest.is_come(0)


def test_what_was_said_before_is_no_news(house: House) -> None:
    house.say(house.names.technicians, status())
    with asyncio.Runner() as runner, ExitStack() as parts:
        later = House(house.settings, runner, parts)
        house.read("technicians", 1)
        assert later.rest.is_come(0)
        assert later.rest.topics["technicians"].taken() == []
