"""Kafka for the whole system: how to reach it, topics, how far a group is behind.

Blocking calls, for start-up and people.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import AdminClient
from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import CoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError, for_code

from streams.embedded.broker import PARTITIONS as EMBEDDED_PARTITIONS
from streams.errors import BadSettings, BrokerUnavailable, HeadwayError
from streams.settings import Settings

EMBEDDED_API = (2, 3)
"""What the embedded broker speaks. It answers the question which versions it knows, but not as kafka-python asks."""
READY_WITHIN_MS = 5_000


class Lag(msgspec.Struct, frozen=True):
    """Of one partition: the offset after its last record, and the group's next one (None before it began)."""

    end: int
    committed: int | None


def client_options(settings: Settings) -> dict[str, Any]:
    """What every client of kafka-python needs to reach the broker."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka.bootstrap.split(","),
        "bootstrap_timeout_ms": READY_WITHIN_MS,
    }
    if settings.kafka.embedded:
        options["api_version"] = EMBEDDED_API
    return options


def create(settings: Settings, topics: Mapping[str, tuple[int, Mapping[str, str]]]) -> None:
    """Create the topics (name to partitions and configuration) that aren't there yet.

    Raises `BrokerUnavailable`, and `BadSettings` where one is there with another number of partitions.
    """
    wanted = {
        name: {
            "num_partitions": partitions,
            "replication_factor": settings.kafka.replication,
            "configs": dict(config),
        }
        for name, (partitions, config) in topics.items()
    }
    with _admin(settings) as admin:
        answer = admin.create_topics(wanted, timeout_ms=READY_WITHIN_MS, raise_errors=False)
        _raise_failed(answer["topics"])
        admin.wait_for_topics(list(topics))
        found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics(list(topics))}
    _check_partitions(found, {name: partitions for name, (partitions, _) in topics.items()})


def touch(settings: Settings, names: Sequence[str]) -> None:
    """Have the embedded broker make the topics: it can't create any, but makes what somebody asks for."""
    if settings.kafka.partitions != EMBEDDED_PARTITIONS:
        raise BadSettings(
            f"kafka.partitions is {settings.kafka.partitions}, but every topic of the embedded broker has "
            f"{EMBEDDED_PARTITIONS}; set it to {EMBEDDED_PARTITIONS} or name a real broker in HEADWAY_KAFKA"
        )
    client = AdminClient({"bootstrap.servers": settings.kafka.bootstrap}, logger=silent())
    for name in names:
        partitions_by_topic(settings, client, name)


def partitions_by_topic(settings: Settings, client: Any, topic: str | None = None) -> dict[str, int]:
    """How many partitions each topic has; `client` is one of librdkafka's. Raises `BrokerUnavailable`.

    The embedded broker makes a topic that is asked for by name. To ask for all makes none.
    """
    try:
        found = client.list_topics(topic, timeout=READY_WITHIN_MS / 1000).topics
    except KafkaException as error:
        raise away(settings, error.args[0].str()) from error
    return {name: len(one.partitions) for name, one in found.items()}


def silent() -> logging.Logger:
    """For a client of librdkafka of whose troubles we tell ourselves."""
    logger = logging.Logger("librdkafka")
    logger.addHandler(logging.NullHandler())
    return logger


def away(settings: Settings, why: object) -> BrokerUnavailable:
    said = f"Kafka at {settings.kafka.bootstrap} does not answer ({why}); is it running, and is HEADWAY_KAFKA right?"
    if not settings.kafka.embedded:
        said += " For the broker of `headway up`, HEADWAY_KAFKA__EMBEDDED=true must be set as well."
    return BrokerUnavailable(said)


def lag(settings: Settings, group: str, topic: str) -> dict[int, Lag]:
    """How far a consumer group is in a topic, by partition. Raises `BrokerUnavailable`."""
    with _admin(settings) as admin:
        (described,) = admin.describe_topics([topic])
        partitions = [TopicPartition(topic, part["partition_index"]) for part in described["partitions"]]
        # -1 asks for the offset after the last record.
        ends = admin.list_partition_offsets(dict.fromkeys(partitions, -1))
        committed = _committed(admin, group)
    return {
        partition.partition: Lag(ends[partition].offset, committed.get(partition)) for partition in partitions
    }


def committed(settings: Settings, group: str, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """Where a group is in a topic, by partition; absent where it never was. Raises `BrokerUnavailable`.

    By librdkafka, for the embedded broker answers it alone.
    """
    consumer = Consumer({"bootstrap.servers": settings.kafka.bootstrap, "group.id": group}, logger=silent())
    try:
        places = [Place(topic, partition) for partition in partitions]
        found = consumer.committed(places, timeout=READY_WITHIN_MS / 1000)
    except KafkaException as error:
        raise away(settings, error.args[0].str()) from error
    finally:
        consumer.close()
    return {place.partition: place.offset for place in found if place.offset >= 0}


def _committed(admin: KafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    try:
        offsets = admin.list_group_offsets([group])[group]
    except CoordinatorNotAvailableError:
        # No group has ever committed anything on this broker.
        return {}
    return {partition: found.offset for partition, found in offsets.items() if found.offset >= 0}


def _raise_failed(topics: Sequence[Mapping[str, Any]]) -> None:
    for topic in topics:
        error = for_code(topic["error_code"])
        if topic["error_code"] and error is not TopicAlreadyExistsError:
            reason = topic["error_message"] or error.__name__
            raise HeadwayError(f"the topic {topic['name']} can't be created: {reason}")


def _check_partitions(found: Mapping[str, int], wanted: Mapping[str, int]) -> None:
    for name, partitions in wanted.items():
        if found.get(name) != partitions:
            raise BadSettings(
                f"the topic {name} has {found.get(name)} partitions, but the settings ask for {partitions}; "
                "set kafka.partitions to what is there, or choose another namespace: "
                "keys would change partition, and their state would not follow"
            )


@contextmanager
def _admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    with _reaching(settings):
        admin = KafkaAdminClient(**client_options(settings))
        try:
            yield admin
        finally:
            admin.close()


@contextmanager
def _reaching(settings: Settings) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise away(settings, error) from error
