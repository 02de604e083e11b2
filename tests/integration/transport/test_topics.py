"""The topics on a real Kafka: made as they are described, and left alone when they are there."""

from typing import Any

import msgspec
import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from streams import topics
from streams.adapters import kafka as admin
from streams.errors import BadSettings, BrokerUnavailable
from streams.settings import Kafka, Settings
from streams.topics import ALL, Topics

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka: str, namespace: str) -> Settings:
    return Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka, partitions=6, retention_h=2.0))


def test_each_topic_has_its_partitions_and_configuration(settings: Settings) -> None:
    topics.ensure(settings)
    names = Topics.of(settings)
    assert partitions(settings) == {
        names.technicians: 6,
        names.signals: 6,
        names.territories: 6,
        names.plans: 6,
        names.fences: 1,
        names.dead_letters: 1,
    }
    fences, technicians = configuration(settings, names.fences), configuration(settings, names.technicians)
    assert (fences["cleanup.policy"], fences["retention.ms"]) == ("compact", "-1")
    assert (technicians["cleanup.policy"], technicians["retention.ms"]) == ("delete", "7200000")
    assert technicians["message.timestamp.type"] == "CreateTime"
    assert int(technicians["message.timestamp.after.max.ms"]) > 10**15


def test_what_is_there_stays_as_it_is(settings: Settings) -> None:
    topics.ensure(settings)
    topics.ensure(
        msgspec.structs.replace(settings, kafka=msgspec.structs.replace(settings.kafka, retention_h=9.0))
    )
    assert configuration(settings, Topics.of(settings).technicians)["retention.ms"] == "7200000"


def test_a_history_is_kept_however_old_its_records_are(settings: Settings) -> None:
    topics.ensure(settings, history=True)
    assert configuration(settings, Topics.of(settings).technicians)["retention.ms"] == "-1"


def test_another_number_of_partitions_is_refused(settings: Settings) -> None:
    topics.ensure(settings)
    other = msgspec.structs.replace(settings, kafka=msgspec.structs.replace(settings.kafka, partitions=8))
    with pytest.raises(BadSettings, match="has 6 partitions, but the settings ask for 8"):
        topics.ensure(other)


def test_a_broker_that_does_not_answer_is_named(namespace: str) -> None:
    settings = Settings(namespace=namespace, kafka=Kafka(bootstrap="127.0.0.1:1"))
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1 does not answer"):
        topics.ensure(settings)


def test_a_group_that_never_was_has_committed_nothing(settings: Settings) -> None:
    topics.ensure(settings)
    lag = admin.lag(settings, "nobody", Topics.of(settings).fences)
    assert lag == {0: admin.Lag(end=0, committed=None)}


def partitions(settings: Settings) -> dict[str, int]:
    names = [f"{settings.namespace}.{topic.name}" for topic in ALL]
    client = KafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap)
    found = {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics(names)}
    client.close()
    return found


def configuration(settings: Settings, topic: str) -> dict[str, Any]:
    client = KafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap)
    found = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    client.close()
    return values(found, topic)


def values(found: Any, topic: str) -> dict[str, Any]:
    (configs,) = found.values() if isinstance(found, dict) else found
    return {name: config["value"] for name, config in configs[topic].items()}
