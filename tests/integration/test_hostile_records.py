"""Records that no client of ours would send, through Kafka, Faust and Redis: none stops the worker."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from confluent_kafka import Producer
from kafka import KafkaProducer

from features.events import Ping, Status, Tick
from streams import topics
from streams.adapters.log import write_all
from streams.agents.telemetry import Telemetry
from streams.assembly.telemetry import telemetry
from streams.chunks import Chunk
from streams.codec import encode
from streams.dead_letters import KEPT_BYTES, KEPT_KEY_BYTES
from streams.driving import driver
from streams.errors import UserError
from streams.fence_book import FenceBook
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings
from streams.system import System, workers
from streams.topics import Topics
from tests.support.bad_messages import large_when_unpacked
from tests.support.outcomes import letters
from tests.support.transport import RawName

pytestmark = [pytest.mark.kafka, pytest.mark.redis]
NOW_MS = 1_700_000_000_000


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))
    for name, value in (("KAFKA", kafka), ("REDIS", redis_url), ("NAMESPACE", namespace)):
        monkeypatch.setenv(f"HEADWAY_{name}", value)
    topics.ensure(made, history=True)
    return made


@pytest.fixture
def producer(kafka: str) -> Iterator[KafkaProducer]:
    """Anybody's."""
    made = KafkaProducer(bootstrap_servers=kafka, compression_type="gzip", max_request_size=50_000_000)
    yield made
    made.close()


def ping(second: int) -> bytes:
    return encode(
        Ping(technician="ada", time_ms=NOW_MS + 1000 * second, lat=30.27, lon=-97.74, accuracy_m=5.0)
    )


def send(producer: KafkaProducer, settings: Settings, value: bytes | None, **more: Any) -> None:
    """To partition 0, where the good pings go as well."""
    said = {"key": b"ada", "timestamp_ms": NOW_MS, "partition": 0} | more
    producer.send(Topics.of(settings).technicians, value, **said).get(30)


def send_with_null(settings: Settings, value: bytes, headers: list[tuple[str, bytes | None]]) -> None:
    """The other client knows no null in a header."""
    options = {"compression.codec": "gzip", "message.max.bytes": 9_000_000}
    client = Producer({"bootstrap.servers": settings.kafka.bootstrap, **options})
    topic = Topics.of(settings).technicians
    client.produce(topic, value, b"ada", partition=0, timestamp=NOW_MS, headers=headers)
    assert client.flush(30) == 0


def drained(system: System, second: int) -> dict[str, int]:
    """What is counted once everything has been folded, and the time is `second`."""
    time_ms = NOW_MS + 1000 * second
    with driver(system) as driving:
        topic, value = Topics.of(system.settings).technicians, encode(Tick(time_ms=time_ms))
        said = (Message(topic, None, value, number, time_ms) for number in range(4))
        driving.publish(said, lambda _: None)
        driving.drain()
        system.check()
        return dict(driving.counts())


def test_what_is_large_when_unpacked_is_kept_in_part_and_does_not_go_back(
    settings: Settings, producer: KafkaProducer
) -> None:
    bad = large_when_unpacked()
    for second, one in enumerate(bad):
        send(producer, settings, one.value, key=one.key)
        send(producer, settings, ping(second))
    with workers(settings, ("telemetry",), ticks=False) as system:
        counts = drained(system, 60)
        assert system.troubles() == []
    assert (counts["kept"], counts["rejected.malformed"]) == (len(bad), len(bad))
    topic = Topics.of(settings).technicians
    for number, (letter, one) in enumerate(zip(letters(settings), bad, strict=True)):
        key, value = one.key or b"", one.value or b""
        assert (letter.key, letter.value) == (key[:KEPT_KEY_BYTES], value[:KEPT_BYTES]), one.name
        large = value if len(value) > KEPT_BYTES else key
        assert f"of {len(large)} bytes" in letter.detail
        assert sha256(large).hexdigest() in letter.detail
        assert letter.detail.endswith(f"the original is at {topic}:0:{2 * number}")
        assert one.says in letter.detail
    command = [sys.executable, "-m", "streams.cli", "dead-letters", "replay", "--all"]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=os.environ)
    assert done.returncode == 2
    assert f"{len(bad)} can't be sent back" in done.stderr
    assert "only its beginning is kept" in " ".join(done.stderr.split())


def test_odd_headers_spoil_neither_a_state_nor_a_letter(settings: Settings, producer: KafkaProducer) -> None:
    """A status waits in the state for its turn: a second worker must be able to read it there."""
    status = encode(Status(technician="ada", time_ms=NOW_MS, status="on_shift"))
    send_with_null(settings, status, [("trace", None), ("door", None), ("x", b"x" * 3_000_000)])
    with workers(settings, ("telemetry",), ticks=False) as system:
        drained(system, 0)
    send(producer, settings, ping(1), headers=[(RawName(b"\xff\xfe"), b"1")])
    send(producer, settings, b"junk", headers=[(RawName(b"\xff\xfe"), b"")])
    send(producer, settings, ping(2))
    with workers(settings, ("telemetry",), ticks=False) as system:
        counts = drained(system, 60)
        assert system.troubles() == []
    assert (counts["statuses"], counts["kept"], counts["rejected.malformed"]) == (1, 2, 1)
    (letter,) = letters(settings)
    assert (letter.value, letter.source.offset) == (b"junk", 3)


def test_other_partitions_than_the_settings_say_are_a_users_mistake(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_KAFKA__PARTITIONS", "2")
    said = r"can't work: kafka\.partitions is 2, but the topic \S+technicians has 4 partitions"
    with workers(settings, ("telemetry",), ticks=False) as system, pytest.raises(UserError, match=said):
        ended_within(system, 60.0)


def ended_within(system: System, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        system.check()
        time.sleep(0.1)


async def test_who_no_longer_hears_of_fences_does_not_work_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(book: FenceBook, records: Sequence[object]) -> None:
        raise ZeroDivisionError("a bug")

    names = Topics.of(settings)
    monkeypatch.setattr(FenceBook, "hear", fail)
    async with telemetry(settings) as agent:
        await agent.process(chunk_of(names.technicians, 0))
        write_all(settings, [Message(names.fences, b"yard", b"{}", 0, NOW_MS)])
        with pytest.raises(ZeroDivisionError, match="a bug"):
            await worked_on(agent, names.technicians)


async def worked_on(agent: Telemetry, topic: str) -> None:
    for offset in range(1, 600):
        await agent.process(chunk_of(topic, offset))
        await asyncio.sleep(0.1)


def chunk_of(topic: str, offset: int) -> Chunk:
    record = ConsumerRecord(topic, 0, offset, NOW_MS, 0, b"ada", ping(offset), None, 3, 0, ())
    return Chunk(topic, 0, [record])
