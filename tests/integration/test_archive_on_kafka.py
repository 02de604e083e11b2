"""The archive worker on a real Kafka, killed at random: every event is in its files once, merged or not."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from features.events import Cause, Located, Ping, Signal
from features.territory_events import RequestRebalance
from streams import topics
from streams.adapters.log import write_all
from streams.archive.params import ArchiveParams
from streams.archive.reading import read
from streams.codec import encode
from streams.embedded.guarded import Guarded
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings, variables
from streams.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.redis, pytest.mark.timeout(240)]
EVENTS, KILLS, WITHIN_S = 3_000, 3, 90.0
AT_MS = 1_773_756_000_000
APART_MS = 200_000
"""Between two events: all of them lie within a week, of which most days are over when the last comes."""


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str, tmp_path: Path) -> Settings:
    made = Settings(
        namespace=namespace,
        kafka=Kafka(bootstrap=kafka),
        redis=Redis(url=redis_url),
        archive=ArchiveParams(folder=str(tmp_path / "archive"), max_rows=200, flush_after_s=0.5),
    )
    topics.ensure(made, history=True)
    return made


def worker(settings: Settings, folder: Path) -> Guarded:
    command = [sys.executable, "-m", "streams.cli", "worker", "archive", "--no-ticks"]
    limits = {
        "HEADWAY_ARCHIVE__MAX_ROWS": "200",
        "HEADWAY_ARCHIVE__FLUSH_AFTER_S": "0.5",
        "HEADWAY_ARCHIVE__MERGE_AFTER_DAYS": "1",
        "HEADWAY_ARCHIVE__MERGE_QUIET_S": "0",
        "HEADWAY_ARCHIVE__MERGE_LOOK_S": "0.1",
        "HEADWAY_WORKER__TICK_EVERY_S": "0.1",
    }
    environ = {**os.environ, **variables(settings), **limits}
    return Guarded(command, folder / "archive.log", stop_within_s=30.0, environ=environ)


def written(settings: Settings) -> list[Message]:
    """Pings, signals of which a third are sent twice as after a crash, commands, and bytes that are nothing."""
    names, sent = Topics.of(settings), []
    for n in range(EVENTS):
        who, at_ms = f"tech-{n % 7}", AT_MS + n * APART_MS
        sent.append(
            Message(
                names.technicians,
                who.encode(),
                encode(Ping(technician=who, time_ms=at_ms, lat=1, lon=2, seq=n)),
            )
        )
        signal = Signal(id=str(n), cause=Cause("t", n % 4, n, 0), event=Located(who, at_ms, 1.0, 2.0))
        sent += [Message(names.signals, None, encode(signal), n % 4)] * (2 if n % 3 == 0 else 1)
        if n % 10 == 0:
            wish = RequestRebalance(territory="north", time_ms=at_ms, by=str(n))
            sent.append(Message(names.territories, b"north", encode(wish)))
            sent.append(Message(names.plans, b"north", b"{broken %d" % n))
    return sent


def until_archived(folder: Path, expected: dict[str, int]) -> None:
    deadline, found = time.monotonic() + WITHIN_S, {}
    while found != expected:
        assert time.monotonic() < deadline, f"of {expected} there are {found}"
        time.sleep(0.2)
        found = {kind: len(read(folder, kind)) for kind in expected} if folder.exists() else {}


def publish_slowly(settings: Settings, messages: Sequence[Message], parts: int) -> None:
    size = len(messages) // parts + 1
    for begin in range(0, len(messages), size):
        write_all(settings, messages[begin : begin + size])


def test_every_event_is_archived_once_whatever_ends_the_worker(settings: Settings, tmp_path: Path) -> None:
    chance, messages = random.Random(5), written(settings)
    folder = Path(settings.archive.folder) / settings.namespace
    size = len(messages) // (KILLS + 1) + 1
    running = worker(settings, tmp_path)
    for turn in range(KILLS + 1):
        publish_slowly(settings, messages[turn * size : (turn + 1) * size], 3)
        time.sleep(chance.uniform(0.5, 2.0))
        if turn < KILLS:
            running.kill()
            running = worker(settings, tmp_path)
    try:
        until_archived(
            folder,
            {
                "ping": EVENTS,
                "located": EVENTS,
                "request_rebalance": EVENTS // 10,
                "undecodable": EVENTS // 10,
            },
        )
    finally:
        running.stop()

    assert sorted(read(folder, "ping")["seq"]) == list(range(EVENTS))
    assert sorted(read(folder, "located")["id"].astype(int)) == list(range(EVENTS))
    assert sorted(read(folder, "request_rebalance")["by"].astype(int)) == list(range(0, EVENTS, 10))
    assert set(read(folder, "undecodable")["value"]) == {b"{broken %d" % n for n in range(0, EVENTS, 10)}
    assert [path for path in folder.rglob("*") if path.name.endswith(".part")] == []
    assert list(folder.glob("date=*/kind=*/merged-*.parquet"))


def test_a_folder_that_cannot_be_written_stops_the_worker_at_its_start(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    elsewhere = {**os.environ, **variables(settings), "HEADWAY_ARCHIVE__FOLDER": str(file)}
    command = [sys.executable, "-m", "streams.cli", "worker", "archive"]
    done = subprocess.run(command, env=elsewhere, capture_output=True, text=True, timeout=60, check=False)

    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert f"archive.folder: nothing can be written in {file}/{settings.namespace} (Not a directory)" in said
    assert "Traceback" not in said
