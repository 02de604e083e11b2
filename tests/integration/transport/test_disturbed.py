"""Workers, broker and Redis that die at the wrong moment: every record is applied exactly once all the same."""

import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.counting import CountingWorker, applied
from tests.support.servers import KafkaServer, RedisServer
from tests.support.transport import make_topic, publish, until

pytestmark = pytest.mark.kafka

COUNT = 24_000
SLOW = {"session_timeout_s": 6, "chunk_records": 20, "pause_s": 0.01}
"""So that there is something left to do when the last one is killed."""
Start = Callable[..., CountingWorker]


@pytest.fixture
def topic(namespace: str) -> str:
    return namespace


@pytest.fixture
def start(topic: str, tmp_path: Path) -> Iterator[Start]:
    """Starts counting workers; those that still run are killed at the end."""
    started: list[CountingWorker] = []

    def begin(bootstrap: str, url: str, **options: float) -> CountingWorker:
        worker = CountingWorker(bootstrap, topic, url, tmp_path / f"worker-{len(started)}.log", **options)
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.kill()


async def all_applied_once(url: str, topic: str, count: int) -> None:
    await until(lambda: len(applied(url, topic)) >= count, f"{count} numbers are applied")
    assert applied(url, topic) == dict.fromkeys(range(count), 1)


async def test_a_worker_that_is_killed_leaves_its_partitions_to_the_other(
    kafka: str, redis_url: str, topic: str, start: Start
) -> None:
    make_topic(kafka, topic)
    first = start(kafka, redis_url)
    await until(lambda: first.has(4), "the first worker has all partitions")
    second = start(kafka, redis_url)
    await until(lambda: first.has(2), "the first worker has given up two")
    publish(kafka, topic, range(COUNT // 2))
    await until(lambda: len(applied(redis_url, topic)) >= COUNT // 4, "they are at work")
    assert first.runs()
    assert second.runs()
    first.kill()
    publish(kafka, topic, range(COUNT // 2, COUNT))
    await until(lambda: second.has(4), "the second has all partitions", within_s=20)
    await all_applied_once(redis_url, topic, COUNT)
    assert second.stop() == 0
    assert all(" INFO " in f" {line} " for line in second.lines())


async def test_workers_that_come_and_go_apply_everything_once(
    kafka: str, redis_url: str, topic: str, start: Start
) -> None:
    chance = random.Random(3)
    make_topic(kafka, topic)
    publish(kafka, topic, range(COUNT))
    workers = [start(kafka, redis_url, **SLOW) for _ in range(2)]
    for _ in range(4):
        before = len(applied(redis_url, topic))
        await until(lambda before=before: len(applied(redis_url, topic)) != before, "something moves")
        victim = chance.randrange(2)
        assert all(worker.runs() for worker in workers)
        workers[victim].kill()
        workers[victim] = start(kafka, redis_url, **SLOW)
    await all_applied_once(redis_url, topic, COUNT)


async def test_a_worker_that_slept_through_its_own_funeral_is_fenced(
    kafka: str, redis_url: str, topic: str, start: Start
) -> None:
    make_topic(kafka, topic)
    publish(kafka, topic, range(COUNT))
    sleeper = start(kafka, redis_url, **SLOW)
    await until(lambda: bool(applied(redis_url, topic)), "it is at work")
    sleeper.process.send_signal(signal.SIGSTOP)
    heir = start(kafka, redis_url, **SLOW | {"pause_s": 0.002})
    await until(lambda: heir.has(4), "the other has all partitions")
    sleeper.process.send_signal(signal.SIGCONT)
    await all_applied_once(redis_url, topic, COUNT)
    assert sleeper.runs()
    assert heir.runs()


async def test_a_broker_that_stops_and_starts_is_waited_for(
    redis_url: str, topic: str, start: Start, tmp_path: Path
) -> None:
    broker = KafkaServer(tmp_path / "kafka").start()
    try:
        make_topic(broker.bootstrap, topic)
        worker = start(broker.bootstrap, redis_url, chunk_records=10)
        publish(broker.bootstrap, topic, range(COUNT))
        await until(lambda: bool(applied(redis_url, topic)), "it is at work")
        broker.stop()
        await until(lambda: worker.says("is away"), "the worker has noticed")
        broker.start()
        await until(lambda: worker.says("is back"), "the worker has noticed")
        publish(broker.bootstrap, topic, range(COUNT, COUNT + 400))
        await all_applied_once(redis_url, topic, COUNT + 400)
        assert worker.stop() == 0
    finally:
        broker.kill()
    warnings = [line for line in worker.lines() if not line.startswith("INFO")]
    assert [line.split(" at ")[0] for line in warnings] == ["WARNING Kafka", "WARNING Kafka"]
    assert "away; waiting" in warnings[0]
    assert "is back after" in warnings[1]


async def test_a_worker_that_starts_without_a_broker_waits_for_it(
    redis_url: str, topic: str, start: Start, tmp_path: Path
) -> None:
    broker = KafkaServer(tmp_path / "kafka").start()
    try:
        make_topic(broker.bootstrap, topic)
        publish(broker.bootstrap, topic, range(400))
        broker.stop()
        worker = start(broker.bootstrap, redis_url)
        await until(lambda: worker.says("waiting (starting)"), "the worker waits")
        broker.start()
        await all_applied_once(redis_url, topic, 400)
        broker.kill()
        await until(lambda: worker.says("is away"), "the worker has noticed")
        assert worker.stop() == 0
    finally:
        broker.kill()


async def test_a_redis_that_is_killed_and_comes_back_from_its_file_is_waited_for(
    kafka: str, topic: str, start: Start, tmp_path: Path
) -> None:
    store = RedisServer(tmp_path / "redis", append_only=True).start()
    try:
        make_topic(kafka, topic)
        publish(kafka, topic, range(COUNT))
        worker = start(kafka, store.url, chunk_records=20)
        await until(lambda: len(applied(store.url, topic)) > 100, "it is at work")
        store.kill()
        await until(lambda: worker.says("waiting"), "the worker waits")
        store.start()
        await all_applied_once(store.url, topic, COUNT)
        assert worker.stop() == 0
    finally:
        store.kill()
    waits = [line for line in worker.lines() if line.startswith("WARNING")]
    assert "Redis is away" in waits[0]
    assert any("going on" in line for line in waits)


async def test_a_worker_ends_with_the_process_that_started_it(
    kafka: str, redis_url: str, topic: str, start: Start
) -> None:
    make_topic(kafka, topic)
    worker = start(kafka, redis_url, parent_pid=1)
    assert worker.process.wait(30) == 0
    assert worker.says("the process that started this worker is gone")
