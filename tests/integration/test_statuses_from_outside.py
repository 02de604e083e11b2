"""Statuses by HTTP and from a file, through Kafka, Faust and Redis: what they say is taken, the impossible refused."""

import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import msgspec
import pytest

from features.events import Ping, Status, StatusChanged
from features.wire import Event
from streams import topics
from streams.codec import encode
from streams.driving import driver
from streams.embedded.guarded import free_port
from streams.ingest.params import HttpParams
from streams.settings import Kafka, Redis, Settings
from streams.system import System, workers

pytestmark = [pytest.mark.kafka, pytest.mark.redis]
READY_WITHIN_S = 60.0
TOLD = ("on_shift", "off_shift", "on_break", "on_shift")
"""Nobody who is off shift goes on a break: of these the third is impossible."""


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    http = HttpParams(port=free_port())
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url), http=http)
    for name, value in (("KAFKA", kafka), ("REDIS", redis_url), ("NAMESPACE", namespace)):
        monkeypatch.setenv(f"HEADWAY_{name}", value)
    monkeypatch.setenv("HEADWAY_HTTP__PORT", str(http.port))
    topics.ensure(made)
    return made


def day_of(technician: str) -> bytes:
    """A technician's statuses as JSON lines, ten seconds apart, and a ping by which they are no longer waited for."""
    began_ms = time.time_ns() // 1_000_000 - 100_000
    events: list[Event] = [
        Status(technician=technician, time_ms=began_ms + number * 10_000, status=status)
        for number, status in enumerate(TOLD)
    ]
    events.append(Ping(technician=technician, time_ms=began_ms + 90_000, lat=30.2, lon=-97.7))
    return b"\n".join(encode(event) for event in events)


def post(settings: Settings, system: System, lines: bytes) -> dict[str, object]:
    address = f"http://127.0.0.1:{settings.http.port}/v1/events"
    request = urllib.request.Request(address, lines, {"Content-Type": "application/x-ndjson"})
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        system.check()
        try:
            with urllib.request.urlopen(request) as response:
                return msgspec.json.decode(response.read())
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def send(folder: Path, lines: bytes) -> str:
    file = folder / "statuses.ndjson"
    file.write_bytes(lines)
    command = [sys.executable, "-m", "streams.cli", "send", str(file)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_an_impossible_status_is_refused_by_whichever_door_it_came(
    settings: Settings, tmp_path: Path
) -> None:
    with workers(settings, ("telemetry", "http"), ticks=False) as system, driver(system) as driving:
        assert post(settings, system, day_of("by-http")) == {"accepted": 5, "rejected": []}
        assert "5 events sent, 0 rejected" in send(tmp_path, day_of("by-file"))
        heard = driving.drain()
    told = [signal.event for signal in heard.conclusions()]
    for technician in ("by-http", "by-file"):
        changes = [
            event for event in told if isinstance(event, StatusChanged) and event.technician == technician
        ]
        assert [change.after for change in changes] == ["on_shift", "off_shift", "on_shift"]
    assert {letter.key for letter in heard.letters} == {b"by-http", b"by-file"}
    assert [letter.reason for letter in heard.letters] == ["impossible_transition"] * 2
    assert all("off_shift -> on_break" in letter.detail for letter in heard.letters)
    assert all(b'"on_break"' in (letter.value or b"") for letter in heard.letters)
    assert not any(letter.source.outside for letter in heard.letters), (
        "what the fold refuses stood on the log"
    )
