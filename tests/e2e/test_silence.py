"""Nobody has to say anything for silence to be heard."""

import time

import pytest

from features.events import MotionChanged, Ping
from streams import topics
from streams.adapters.log import write_all
from streams.codec import encode
from streams.driving import Driver, driver
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings
from streams.system import workers
from streams.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.redis]
HEARD_WITHIN_S = 120.0


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Silence begins after a second."""
    for name, value in (("NO_DATA_AFTER_S", "1"), ("OFFLINE_AFTER_S", "2")):
        monkeypatch.setenv(f"HEADWAY_TELEMETRY__SILENCE__{name}", value)
    monkeypatch.setenv("HEADWAY_WORKER__TICK_EVERY_S", "0.5")
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))
    topics.ensure(made)
    return made


def motions(driving: Driver) -> list[str]:
    """What was told so far, but for the time and the place."""
    told = [signal.event for signal in driving.heard.conclusions()]
    return [event.motion for event in told if isinstance(event, MotionChanged)]


def test_a_worker_that_begins_after_the_last_ping_hears_that_no_other_comes(settings: Settings) -> None:
    now_ms = time.time_ns() // 1_000_000
    ping = Ping(technician="ada", time_ms=now_ms, lat=30.2, lon=-97.7)
    with workers(settings, ("telemetry",), ticks=False) as system, driver(system) as driving:
        write_all(settings, [Message(Topics.of(settings).technicians, b"ada", encode(ping), None, now_ms)])
        driving.drain()
        assert driving.heard.conclusions() == []
    with workers(settings, ("telemetry",), ticks=True) as system, driver(system) as driving:
        deadline = time.monotonic() + HEARD_WITHIN_S
        while len(motions(driving)) < 2 and time.monotonic() < deadline:
            system.check()
            driving.listen(200)
        assert motions(driving) == ["NO_DATA", "OFFLINE"]
