"""Whatever dies during a day, its events and states are those of a quiet day.

`HEADWAY_CHAOS_SEED` chooses another day and another order of blows.
"""

import asyncio
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from streams import simulated
from streams.settings import Kafka, Redis, Settings
from streams.simulator.day import Day
from streams.topics import Topics
from tests.support.chaos import Disturbances, Supervised, drained, prepared, publish, supervised, until
from tests.support.operator_log import strange
from tests.support.outcomes import Final, Outcome, Store, differences, final, outcome, repetitions
from tests.support.servers import KafkaServer, RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.redis, pytest.mark.timeout(400)]

SEED = int(os.environ.get("HEADWAY_CHAOS_SEED", "3"))
TECHNICIANS = 9


@pytest.fixture(scope="module")
def day() -> Day:
    return simulated.day(SEED, TECHNICIANS)


@pytest.fixture(scope="module")
def quiet(kafka: str, redis_url: str, day: Day, tmp_path_factory: pytest.TempPathFactory) -> Final:
    """What comes of the day where nothing happens to one worker."""
    settings = at(kafka, redis_url, f"quiet-{os.getpid()}")
    return asyncio.run(undisturbed(settings, day, tmp_path_factory.mktemp("quiet")))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "redis", append_only=True).start()
    yield server
    server.kill()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KafkaServer]:
    server = KafkaServer(tmp_path / "kafka").start()
    yield server
    server.kill()


async def undisturbed(settings: Settings, day: Day, folder: Path) -> Final:
    messages = prepared(settings, day)
    with supervised(settings, folder, 1) as workers:
        await publish(settings, messages)
        await drained(settings, workers)
        assert workers[0].stop() == 0
    found = outcome(settings)
    assert not any(repetitions(signals) for signals in found.signals.values())
    assert strange(workers[0].lines()) == []
    return final(found, Topics.of(settings).technicians)


async def test_ten_kills_and_a_redis_and_a_broker_that_go_away_change_nothing(
    broker: KafkaServer, store: RedisServer, quiet: Final, namespace: str, tmp_path: Path, day: Day
) -> None:
    settings, chance = at(broker.bootstrap, store.url, namespace), random.Random(SEED)
    messages = prepared(settings, day)
    with supervised(settings, tmp_path, 2, lambda: chance.randint(20, 1_000)) as workers:
        servers = (broker.stop, broker.start), (store.kill, store.start)
        blows = Disturbances(chance, workers, Store(settings), *servers)
        share = len(messages) / (len(blows) + 1)
        publishing = asyncio.ensure_future(
            publish(settings, messages, lambda: round(share * (blows.passed + 1)), batch=100, pause_s=0.05)
        )
        await blows.run()
        await publishing
        await drained(settings, workers)
        await until(lambda: all(worker.at_work() for worker in workers), "both have partitions again")
        assert [worker.stop() for worker in workers] == [0, 0]
    assert_alike(outcome(settings), quiet, settings, workers)


@pytest.mark.parametrize("again", [False, True], ids=["the worker lives on", "the worker is started again"])
@pytest.mark.parametrize("kept", [0.5, 0.0], ids=["half is kept", "nothing is kept"])
async def test_what_redis_has_forgotten_is_read_again_and_nothing_else(
    kafka: str,
    store: RedisServer,
    quiet: Final,
    namespace: str,
    tmp_path: Path,
    day: Day,
    kept: float,
    again: bool,
) -> None:
    settings = at(kafka, store.url, namespace)
    messages = prepared(settings, day)
    first, last = round(len(messages) * kept), len(messages) - settings.kafka.partitions
    with supervised(settings, tmp_path, 1) as workers:
        await publish(settings, messages[:first])
        await drained(settings, workers)
        kept_positions = Store(settings).positions() or {}
        shutil.copytree(tmp_path / "redis", tmp_path / "copy")
        await publish(settings, messages[first:last])
        await drained(settings, workers)
        forgotten_positions = Store(settings).positions() or {}
        if again:
            workers[0].kill()
        turn_back(store, tmp_path)
        if again:
            workers[0].restart()
        # A tick for each partition: without any record a worker has no reason to look.
        await publish(settings, messages[last:])
        await drained(settings, workers)
        assert workers[0].stop() == 0
    found = outcome(settings)
    assert_alike(found, quiet, settings, workers)
    for partition, signals in found.signals.items():
        begin, end = kept_positions.get(partition, 0), forgotten_positions[partition]
        repeated = [twice.cause for _, twice in repetitions(signals) if twice.cause.offset < end]
        assert repeated == sorted({one.cause for one in signals if begin <= one.cause.offset < end})


def at(kafka: str, redis_url: str, namespace: str) -> Settings:
    return Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))


def turn_back(store: RedisServer, folder: Path) -> None:
    """Redis comes back from an older copy of its file."""
    store.kill()
    shutil.rmtree(folder / "redis")
    shutil.copytree(folder / "copy", folder / "redis")
    store.start()


def assert_alike(found: Outcome, quiet: Final, settings: Settings, workers: Sequence[Supervised]) -> None:
    """The same in the end; what came twice came identical; no worker said anything strange."""
    assert differences(final(found, Topics.of(settings).technicians), quiet) == []
    for signals in found.signals.values():
        assert all(first == again for first, again in repetitions(signals))
    assert strange(line for worker in workers for line in worker.lines()) == []
