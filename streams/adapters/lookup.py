"""Whether a topic is there, before a consumer looks for it in vain for long."""

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.errors import BadInput, BrokerUnavailable


async def look_for_topic(bootstrap: str, topic: str) -> None:
    """Raises `BrokerUnavailable`, and `BadInput` where there is no such topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    try:
        await consumer.start()
        found = topic in await consumer.topics()
    except KafkaError as error:
        raise BrokerUnavailable(f"Kafka at {bootstrap} does not answer ({error})") from error
    finally:
        await consumer.stop()
    if not found:
        raise BadInput(f"there is no topic {topic} at {bootstrap}; `headway topics --create` makes it")
