"""Chunks of a real Kafka: what arrives, in which order, and where reading begins and is committed."""

import asyncio
import gc
import logging

import pytest
from kafka import KafkaAdminClient, TopicPartition

from streams.adapters import kafka as admin
from streams.chunks import Chunk
from streams.errors import Fenced, StoreUnavailable
from streams.settings import Kafka, Settings
from tests.support.transport import Reader, in_order, make_topic, options, publish, running, until

pytestmark = pytest.mark.kafka

COUNT = 12_000


@pytest.fixture
def topic(kafka: str, namespace: str) -> str:
    make_topic(kafka, namespace)
    return namespace


def lag(kafka: str, topic: str) -> int:
    settings = Settings(kafka=Kafka(bootstrap=kafka))
    parts = admin.lag(settings, f"{topic}-group", topic).values()
    return sum(part.end - (part.committed or 0) for part in parts)


async def test_every_record_arrives_once_and_in_the_order_of_its_partition(kafka: str, topic: str) -> None:
    publish(kafka, topic, range(COUNT))
    agent = Reader()
    async with running(options(kafka, topic, chunk_records=500), agent):
        await until(lambda: len(agent.numbers()) >= COUNT, "all records are read")
    assert sorted(agent.numbers()) == list(range(COUNT))
    assert all(in_order(agent.numbers(partition)) for partition in range(4))
    assert {len(chunk.records) <= 500 for chunk in agent.chunks} == {True}


async def test_a_record_keeps_its_key_time_and_headers(kafka: str, topic: str) -> None:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=kafka)
    producer.send(
        topic, b"7", key=b"tech-1", partition=2, timestamp_ms=1_767_225_600_123, headers=[("a", b"b")]
    )
    producer.close()
    agent = Reader()
    async with running(options(kafka, topic), agent):
        await until(lambda: bool(agent.chunks), "the record is read")
    (record,) = agent.chunks[0].records
    assert (record.offset, record.key, record.value) == (0, b"tech-1", b"7")
    assert (record.timestamp, list(record.headers)) == (1_767_225_600_123, [("a", b"b")])


async def test_while_a_worker_runs_its_group_is_behind_by_nothing_that_is_done(
    kafka: str, topic: str
) -> None:
    publish(kafka, topic, range(COUNT))
    agent = Reader()
    async with running(options(kafka, topic), agent):
        await until(lambda: len(agent.numbers()) >= COUNT, "all records are read")
        await until(lambda: lag(kafka, topic) == 0, "everything is committed")


async def test_without_stored_positions_a_worker_resumes_where_its_group_was(kafka: str, topic: str) -> None:
    publish(kafka, topic, range(COUNT))
    first, second = Reader(), Reader()
    async with running(options(kafka, topic), first):
        await until(lambda: len(first.numbers()) >= COUNT, "all records are read")
    publish(kafka, topic, range(COUNT, COUNT + 100))
    async with running(options(kafka, topic), second):
        await until(lambda: len(second.numbers()) >= 100, "the new records are read")
    assert sorted(second.numbers()) == list(range(COUNT, COUNT + 100))


async def test_positions_turned_back_by_half_have_exactly_that_half_read_again(
    kafka: str, topic: str
) -> None:
    publish(kafka, topic, range(COUNT))
    first = Reader()
    async with running(options(kafka, topic), first):
        await until(lambda: len(first.numbers()) >= COUNT, "all records are read")
    half = COUNT // 8
    second = Reader(stored=dict.fromkeys(range(4), half))
    async with running(options(kafka, topic), second):
        await until(lambda: len(second.numbers()) >= COUNT // 2, "the half is read again")
        await until(lambda: lag(kafka, topic) == 0, "everything is committed")
    assert sorted(second.numbers()) == list(range(COUNT // 2, COUNT))


async def test_a_stored_position_wins_over_a_commit_that_is_behind_it(kafka: str, topic: str) -> None:
    publish(kafka, topic, range(400))
    agent = Reader(stored={0: 100, 1: 100, 2: 100, 3: 90})
    async with running(options(kafka, topic), agent):
        await until(lambda: len(agent.numbers()) >= 10, "what is new is read")
    assert agent.numbers() == list(range(363, 400, 4))


async def test_a_position_beyond_the_log_stops_the_worker_and_says_what_to_do(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(kafka, topic, range(40))
    agent = Reader(stored={1: 11})
    async with running(options(kafka, topic), agent) as run:
        assert await run.ended() == 1
    assert agent.chunks == []
    assert f"partition 1 of {topic} was made from 11 records, but the topic ends at 10" in caplog.text
    assert "Traceback" not in caplog.text


async def test_records_that_are_gone_are_counted_and_reading_goes_on(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(kafka, topic, range(400))
    client = KafkaAdminClient(bootstrap_servers=kafka)
    client.delete_records({TopicPartition(topic, 0): 60})
    client.close()
    agent = Reader(stored={0: 25, 1: 100, 2: 100, 3: 100})
    async with running(options(kafka, topic), agent):
        await until(lambda: len(agent.numbers()) >= 40, "what is left is read")
    assert agent.numbers() == list(range(240, 400, 4))
    assert f"{topic}[0]: 35 records are gone; reading on from 60" in caplog.text


async def test_records_cut_off_under_a_reader_are_counted_too(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    agent = Gate()
    async with running(options(kafka, topic, chunk_records=10, fetch_bytes=1_000), agent):
        publish(kafka, topic, range(0, 40_000, 4))
        await until(lambda: bool(agent.chunks), "the first chunk is at hand")
        client = KafkaAdminClient(bootstrap_servers=kafka)
        client.delete_records({TopicPartition(topic, 0): 9_000})
        client.close()
        agent.stored = {0: agent.chunks[0].next_offset}
        agent.opened.set()
        await until(lambda: 39_996 in agent.numbers(), "what is left is read")
    assert in_order(agent.numbers())
    assert "records are gone; reading on from 9000" in caplog.text


class Gate(Reader):
    """Takes its first chunk and works on it until `opened`."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()

    async def process(self, chunk: Chunk) -> None:
        await super().process(chunk)
        await self.opened.wait()


async def test_a_busy_agent_has_few_chunks_waiting_and_then_gets_them_all(kafka: str, topic: str) -> None:
    publish(kafka, topic, range(COUNT))
    agent = Gate()
    async with running(options(kafka, topic, chunk_records=100, waiting_chunks=3), agent):
        await until(lambda: bool(agent.chunks), "the first chunk is at hand")
        await asyncio.sleep(1.0)
        alive = sum(isinstance(each, Chunk) and each.topic == topic for each in gc.get_objects())
        agent.opened.set()
        await until(lambda: len(agent.numbers()) >= COUNT, "all records are read")
    # At hand, waiting, and the one that the reader holds in its hand.
    assert alive <= 5
    assert sorted(agent.numbers()) == list(range(COUNT))


class Failing(Reader):
    """Fails on the chunk that has `number`."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    async def process(self, chunk: Chunk) -> None:
        if any(int(record.value or b"") == self.number for record in chunk.records):
            raise ZeroDivisionError("a bug")
        await super().process(chunk)


async def test_an_agent_that_fails_stops_the_worker_and_its_chunk_is_not_acknowledged(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(kafka, topic, range(0, 4_000, 4))
    failing, mended = Failing(2_000), Reader()
    async with running(options(kafka, topic, chunk_records=50), failing) as run:
        assert await run.ended() == 1
    assert caplog.text.count("ZeroDivisionError: a bug") == 1
    assert f"failed on {topic}[0], offsets 500 to 549" in caplog.text
    assert lag(kafka, topic) == 500
    async with running(options(kafka, topic), mended):
        await until(lambda: len(mended.numbers()) >= 500, "the rest is read")
    assert mended.numbers() == list(range(2_000, 4_000, 4))


class FencedOnce(Reader):
    """Finds at `number` that another worker has moved the position on to `moved_to`."""

    def __init__(self, number: int, moved_to: int) -> None:
        super().__init__()
        self.number, self.moved_to = number, moved_to

    async def process(self, chunk: Chunk) -> None:
        if not self.stored and any(int(record.value or b"") == self.number for record in chunk.records):
            self.stored = {chunk.partition: self.moved_to}
            raise Fenced("another worker has moved the position")
        await super().process(chunk)


async def test_a_fenced_partition_is_dropped_and_read_again_from_its_stored_position(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(kafka, topic, range(4_000))
    agent = FencedOnce(2_000, moved_to=600)
    async with running(options(kafka, topic, chunk_records=50), agent) as run:
        await until(lambda: len(agent.numbers()) >= 3_900, "the rest is read")
        await until(lambda: lag(kafka, topic) == 0, "everything is committed")
        assert await run.stop() == 0
    assert agent.numbers(0) == [*range(0, 2_000, 4), *range(2_400, 4_000, 4)]
    assert sorted(agent.numbers(1) + agent.numbers(2) + agent.numbers(3)) == [
        n for n in range(4_000) if n % 4
    ]
    assert agent.calls == ["assigned [0, 1, 2, 3]", "revoked [0]", "assigned [0]", "revoked [0, 1, 2, 3]"]
    assert caplog.text.count("another worker has moved the position") == 1


class StoreAway(Reader):
    """Its store is away until `back`."""

    def __init__(self) -> None:
        super().__init__()
        self.back = False
        self.tries = 0

    async def process(self, chunk: Chunk) -> None:
        self.tries += 1
        if not self.back:
            raise StoreUnavailable("Redis is away")
        await super().process(chunk)


async def test_while_a_store_is_away_a_worker_waits_and_keeps_its_partitions(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    publish(kafka, topic, range(400))
    agent = StoreAway()
    said = options(kafka, topic, session_timeout_s=6.0, heartbeat_every_s=1.0)
    async with running(said, agent):
        await until(lambda: agent.tries >= 2, "the agent tries again")
        # Longer than the group waits for a worker that it hears nothing of.
        await asyncio.sleep(7.0)
        agent.back = True
        await until(lambda: len(agent.numbers()) >= 400, "all records are read")
    assert sorted(agent.numbers()) == list(range(400))
    assert agent.calls == ["assigned [0, 1, 2, 3]", "revoked [0, 1, 2, 3]"]
    assert caplog.text.count("Redis is away") == 1
    assert caplog.text.count("going on (at") == 1


async def test_a_worker_can_be_stopped_while_its_store_is_away(kafka: str, topic: str) -> None:
    publish(kafka, topic, range(400))
    agent = StoreAway()
    async with running(options(kafka, topic, settle_s=0.2), agent) as run:
        await until(lambda: agent.tries >= 1, "the agent has a chunk")
        assert await run.stop() == 0
    assert lag(kafka, topic) == 400


async def test_a_worker_says_the_time_to_its_agent(kafka: str, topic: str) -> None:
    agent = Reader()
    async with running(options(kafka, topic, tick_every_s=0.05), agent):
        await until(lambda: len(agent.ticks) >= 3, "three ticks are heard")
    assert in_order(agent.ticks)


async def test_a_topic_that_is_not_there_is_a_users_mistake(
    kafka: str, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(options(kafka, namespace), Reader()) as run:
        assert await run.ended() == 2
    assert f"there is no topic {namespace}" in caplog.text
