"""Both doors on a real Kafka: what they confirm is on the log, and what they refuse is a dead letter."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from features.events import Ping, Status
from features.rejection import Rejection
from streams import topics
from streams.adapters.log import LogReader
from streams.codec import decode
from streams.day_codec import decode_territory
from streams.dead_letters import DeadLetter, once, read
from streams.embedded.guarded import free_port
from streams.ingest.params import HttpParams
from streams.settings import Kafka, Settings
from streams.topics import Topics
from tests.support.ingest import BAD, OFFICE, PING, STATUS, TICK

pytestmark = pytest.mark.kafka
READY_WITHIN_S = 30.0


@pytest.fixture
def settings(kafka: str, namespace: str) -> Settings:
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), http=HttpParams(port=free_port()))
    topics.ensure(made)
    return made


def environment(settings: Settings) -> Mapping[str, str]:
    return os.environ | {
        "HEADWAY_KAFKA": settings.kafka.bootstrap,
        "HEADWAY_REDIS": "redis://127.0.0.1:1/0",
        "HEADWAY_NAMESPACE": settings.namespace,
        "HEADWAY_HTTP__PORT": str(settings.http.port),
        "HEADWAY_HTTP__SEND_WITHIN_S": "2",
    }


def events(settings: Settings) -> list[object]:
    with LogReader(settings, Topics.of(settings).technicians) as reader:
        return [decode(record.value, record.key) for record in reader.to_end()]


def letters(settings: Settings) -> list[DeadLetter]:
    with LogReader(settings, Topics.of(settings).dead_letters) as reader:
        return once([read(record.partition, record) for record in reader.to_end()])


@contextmanager
def http_worker(settings: Settings, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "worker", "http"],
            env=environment(settings),
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def until_it_answers(session: aiohttp.ClientSession, worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and worker.poll() is None:
        try:
            async with session.get("/healthz") as response:
                assert response.status == 200
                return
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)
    raise AssertionError(f"the http worker does not answer; its exit code is {worker.poll()}")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_what_http_confirms_is_on_the_log_and_what_it_refuses_a_dead_letter(
    settings: Settings, tmp_path: Path, stop: signal.Signals
) -> None:
    log = tmp_path / "http.log"
    with http_worker(settings, log) as worker:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{settings.http.port}") as session:
            await until_it_answers(session, worker)
            began_ms = time.time_ns() // 1_000_000
            body = b"[" + b",".join([PING, BAD, STATUS, TICK]) + b"]"
            headers = {"Content-Type": "application/json"}
            async with session.post("/v1/events", data=body, headers=headers) as response:
                assert response.status == 202
                said = await response.json()
        assert [refused["index"] for refused in said["rejected"]] == [1, 3]
        assert {type(event) for event in events(settings)} == {Ping, Status}
        refused = letters(settings)
        assert {letter.value for letter in refused} == {BAD, TICK}
        assert all(letter.source.outside and letter.received_ms >= began_ms for letter in refused)
        worker.send_signal(stop)
        assert worker.wait(30) == 0
    assert "Traceback" not in log.read_text()
    assert "ERROR" not in log.read_text()


async def test_a_door_without_kafka_says_so_stays_up_and_ends_when_told(
    tmp_path: Path, namespace: str
) -> None:
    nowhere = Kafka(bootstrap=f"127.0.0.1:{free_port()}")
    settings = Settings(namespace=namespace, kafka=nowhere, http=HttpParams(port=free_port()))
    log = tmp_path / "http.log"
    with http_worker(settings, log) as worker:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{settings.http.port}") as session:
            await until_it_answers(session, worker)
            headers = {"Content-Type": "application/json"}
            async with session.post("/v1/events", data=PING, headers=headers) as response:
                assert (response.status, response.headers["Retry-After"]) == (503, "5")
        worker.terminate()
        assert worker.wait(30) == 0
    assert "clients hear 503" in log.read_text()


def headway_send(settings: Settings, file: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "streams.cli", "send", file]
    return subprocess.run(command, env=environment(settings), input=given, capture_output=True, check=False)


def test_a_file_is_sent_and_its_bad_lines_reported(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join([PING, BAD, b"", STATUS, TICK]))
    done = headway_send(settings, str(file))
    assert (done.returncode, done.stderr.strip()) == (1, b""), (
        "a script must see that something is left to do"
    )
    assert b"line 2: malformed: lat is 91: " in done.stdout
    assert b"line 5: malformed: a tick" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        b"2 events sent, 2 rejected (2 malformed); `headway dead-letters list` shows them"
    )
    assert {type(event) for event in events(settings)} == {Ping, Status}
    assert [str(letter.source).split(" by ")[1].split(":")[0] for letter in letters(settings)] == [
        "file events.ndjson#2",
        "file events.ndjson#5",
    ]


def test_standard_input_is_a_file_too(settings: Settings) -> None:
    done = headway_send(settings, "-", PING + b"\n")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, b"1 events sent, 0 rejected")
    assert [type(event) for event in events(settings)] == [Ping]


def test_a_day_of_an_office_comes_from_a_file_and_stands_on_the_log_of_its_territory(
    settings: Settings,
) -> None:
    done = headway_send(settings, "-", b"\n".join(OFFICE))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, b"5 events sent, 0 rejected")
    with LogReader(settings, Topics.of(settings).territories) as reader:
        records = list(reader.to_end())
    assert [record.value for record in records] == list(OFFICE)
    assert len({record.partition for record in records}) == 1
    assert not any(isinstance(decode_territory(one.value, one.key), Rejection) for one in records)


def test_a_file_without_any_line_is_a_mistake_told_in_words(settings: Settings, tmp_path: Path) -> None:
    for given, says in ((b"", b"held no event"), (b"[]", b"begins with '['")):
        done = headway_send(settings, "-", given)
        assert (done.returncode, says in done.stderr) == (2, True)
        assert b"Traceback" not in done.stderr
    done = headway_send(settings, str(tmp_path / "none"))
    assert (done.returncode, b"cannot read" in done.stderr) == (2, True)
