"""A broker that is away, in two lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.chunks import outage
from streams.chunks.outage import OutageWatch, reachable
from streams.embedded.guarded import free_port
from tests.support.transport import until


class Broker:
    """Is away while `away`."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0

    async def __call__(self, bootstrap: str) -> bool:
        self.asked += 1
        return not self.away


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "PROBE_EVERY_S", 0.01)


@asynccontextmanager
async def watching(broker: Broker) -> AsyncIterator[OutageWatch]:
    watch = OutageWatch("kafka:9092", broker)
    task = asyncio.create_task(watch.run())
    yield watch
    task.cancel()


async def test_an_outage_is_two_lines_however_much_is_complained(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    async with watching(broker) as watch:
        broker.away = True
        for _ in range(100):
            watch.notice("Unable connect to node with id 1")
            await asyncio.sleep(0)
        await until(lambda: broker.asked > 3, "it is looked for")
        broker.away = False
        await until(lambda: len(caplog.records) >= 2, "it is said to be back")
    away, back = (record.getMessage() for record in caplog.records)
    assert away == "Kafka at kafka:9092 is away; waiting for it"
    assert back == "Kafka at kafka:9092 is back after 0 s"


async def test_a_complaint_about_a_broker_that_answers_is_nothing(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    async with watching(broker) as watch:
        watch.notice("Failed fetch messages from 1")
        await until(lambda: broker.asked == 1, "it is looked for")
    assert caplog.records == []


async def test_complaints_that_go_on_are_something(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "UNEASY_AFTER_S", 0.03)
    broker = Broker()
    async with watching(broker) as watch:

        def complained() -> bool:
            watch.notice("Failed fetch messages from 1: it hangs")
            return bool(caplog.records)

        await until(complained, "it is said")
        for _ in range(20):
            watch.notice("Failed fetch messages from 1: it hangs")
            await asyncio.sleep(0.005)
    (line,) = caplog.records
    assert line.getMessage() == (
        "Kafka at kafka:9092 answers, but not as it should: Failed fetch messages from 1: it hangs"
    )


async def test_a_complaint_may_come_from_another_thread(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    broker.away = True
    async with watching(broker) as watch:
        await asyncio.to_thread(watch.notice, "Unable connect to node with id 1")
        await until(lambda: bool(caplog.records), "it is said")


async def test_one_of_several_brokers_is_enough() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await reachable(f"127.0.0.1:{free_port()}, 127.0.0.1:{port}")
    server.close()


async def test_none_is_not() -> None:
    assert not await reachable(f"127.0.0.1:{free_port()}")
