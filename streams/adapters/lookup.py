"""Whether a topic is there, before a consumer looks for it in vain for long, and with how many partitions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.errors import BadInput, BrokerUnavailable


async def look_for_topic(bootstrap: str, topic: str) -> None:
    """Raises `BrokerUnavailable`, and `BadInput` where there is no such topic."""
    async with _looking(bootstrap) as consumer:
        _check(topic in await consumer.topics(), bootstrap, topic)


async def partitions_of(bootstrap: str, topic: str) -> int:
    """How many partitions a topic has. Raises `BrokerUnavailable`, and `BadInput` where there is no such topic."""
    # To ask for a topic by name would make it where the broker makes topics by itself.
    await look_for_topic(bootstrap, topic)
    async with _looking(bootstrap, topic) as consumer:
        found = consumer.partitions_for_topic(topic)
        _check(bool(found), bootstrap, topic)
        return len(found)


@asynccontextmanager
async def _looking(bootstrap: str, *topics: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap)
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        raise BrokerUnavailable(f"Kafka at {bootstrap} does not answer ({error})") from error
    finally:
        await consumer.stop()


def _check(found: bool, bootstrap: str, topic: str) -> None:
    if not found:
        raise BadInput(f"there is no topic {topic} at {bootstrap}; `headway topics --create` makes it")
