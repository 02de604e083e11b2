"""A whole system under one roof."""

import os
import time
from pathlib import Path

import msgspec
import pytest

from streams.embedded.guarded import Guarded
from streams.errors import HeadwayError, UserError
from streams.settings import Settings
from streams.system import System, Worker, servers, workers


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    """A worker process with a log and nothing to do."""
    with Guarded(["sleep", "600"], tmp_path / "worker.log") as process:
        yield Worker("telemetry", process)


def say(worker: Worker, text: str) -> None:
    with worker.process.log.open("a") as log:
        log.write(text)


def ended(tmp_path: Path, code: int, says: str) -> Worker:
    process = Guarded(["sh", "-c", f"echo '{says}'; exit {code}"], tmp_path / "worker.log")
    while process.running():
        time.sleep(0.01)
    process.stop()
    return Worker("http", process)


def test_troubles_are_what_an_operator_should_know_each_once(worker: Worker) -> None:
    system = System(Settings(), [worker])
    say(worker, "2026-03-17 08:00:00,123 INFO    an ERROR that was none\n")
    say(worker, "2026-03-17 08:00:00,123 WARNING Kafka is away\n2026-03-17 08:00:01,123 ERR")
    assert system.troubles() == ["2026-03-17 08:00:00,123 WARNING Kafka is away"]
    say(worker, "OR   at last\nheadway: cannot listen\n")
    assert system.troubles()[1:] == ["2026-03-17 08:00:01,123 ERROR   at last", "headway: cannot listen"]
    assert len(system.troubles()) == 3


def test_troubles_are_found_however_long_the_log_is(worker: Worker) -> None:
    system = System(Settings(), [worker])
    say(worker, "2026-03-17 08:00:00,123 WARNING first\n")
    for _ in range(3):
        say(worker, "2026-03-17 08:00:00,123 INFO    nothing\n" * 2000)
        system.troubles()
    say(worker, "2026-03-17 08:00:00,123 WARNING last\n")
    assert [line[-5:] for line in system.troubles()] == ["first", " last"]


def test_a_worker_that_stopped_for_somebodys_mistake_says_which(tmp_path: Path) -> None:
    dead = ended(tmp_path, 2, "headway: cannot listen on 127.0.0.1:80")
    with pytest.raises(UserError, match=r"^the http worker can't work: cannot listen on 127.0.0.1:80$"):
        System(Settings(), [dead]).check()
    logged = ended(tmp_path, 2, "2026-03-17 08:00:00,123 ERROR   there is no topic x")
    with pytest.raises(UserError, match=r"can't work: there is no topic x$"):
        logged.check()


def test_a_worker_that_failed_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(
        HeadwayError, match="stopped with exit code 3; the end of its log:\nout of luck"
    ) as raised:
        System(Settings(), [ended(tmp_path, 3, "out of luck")]).check()
    assert not isinstance(raised.value, UserError)


def test_a_running_worker_is_no_trouble(worker: Worker) -> None:
    System(Settings(), [worker]).check()


def test_servers_that_are_named_are_used_and_the_others_embedded(namespace: str) -> None:
    with servers(Settings(namespace=namespace), {}) as (first, embedded):
        assert embedded == ("Kafka", "Redis")
        assert first.kafka.embedded
        assert Path(first.redis.url.removeprefix("unix://")).is_socket()
        named = {"HEADWAY_KAFKA": first.kafka.bootstrap, "HEADWAY_REDIS": first.redis.url}
        with servers(first, named) as (second, none):
            assert none == ()
            assert second == first
        with servers(first, {"HEADWAY_KAFKA": first.kafka.bootstrap}) as (third, one):
            assert one == ("Redis",)
            assert third.redis.url != first.redis.url
    assert not Path(first.redis.url.removeprefix("unix://")).exists()


def test_workers_that_cannot_work_say_so_and_their_logs_go_with_them(namespace: str) -> None:
    with servers(Settings(namespace=namespace), {}) as (served, _):
        elsewhere = msgspec.structs.replace(served, namespace=f"{namespace}-without-topics")
        with workers(elsewhere, ("telemetry",), ticks=False) as system:
            (worker,) = system.workers
            while worker.process.running():
                time.sleep(0.01)
            with pytest.raises(UserError, match=f"there is no topic {namespace}-without-topics.technicians"):
                system.check()
            log = worker.process.log
        assert not log.exists()
        assert any("there is no topic" in line for line in system.troubles())


def test_a_worker_gets_the_settings_that_are_not_its_environments(
    namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "HEADWAY_KAFKA", "127.0.0.1:1")
    monkeypatch.setitem(os.environ, "HEADWAY_NAMESPACE", "another")
    with (
        servers(Settings(namespace=namespace), {}) as (served, _),
        workers(served, ("telemetry",), ticks=False) as system,
    ):
        (worker,) = system.workers
        while f"on {namespace}.technicians at {served.kafka.bootstrap}" not in worker.process.tail():
            system.check()
