"""A broker that goes away in the middle of a worker's start, after it was seen and before the group is reached."""

from pathlib import Path

import pytest

from streams.chunks import worker
from tests.support.servers import KafkaServer
from tests.support.transport import Reader, Run, make_topic, options, publish, until

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def _seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async def seen(*_: object) -> bool:
        return True

    monkeypatch.setattr(worker, "look_for_topic", seen)


async def test_it_is_waited_for(tmp_path: Path, namespace: str, caplog: pytest.LogCaptureFixture) -> None:
    broker, reader = KafkaServer(tmp_path / "kafka").start(), Reader()
    try:
        make_topic(broker.bootstrap, namespace)
        publish(broker.bootstrap, namespace, range(100))
        broker.stop()
        run = Run((options(broker.bootstrap, namespace), reader))
        await until(lambda: "waiting (reaching the group)" in caplog.text, "it waits")
        broker.start()
        await until(lambda: len(reader.numbers()) == 100, "all is read")
        assert await run.stop() == 0
    finally:
        broker.kill()


async def test_a_worker_that_waits_for_it_can_be_stopped(
    tmp_path: Path, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker = KafkaServer(tmp_path / "kafka")
    run = Run((options(broker.bootstrap, namespace), Reader()))
    await until(lambda: "waiting (reaching the group)" in caplog.text, "it waits")
    assert await run.stop() == 0
    assert "leaving at once" not in caplog.text
