"""Servers that don't outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.embedded.guarded import Guarded
from streams.errors import HeadwayError

ROOT = Path(__file__).resolve().parents[3]
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
PARENT = """
import sys, time
from pathlib import Path
from streams.embedded.redis import embedded_redis
with embedded_redis() as url:
    print(url.removeprefix("unix://"), flush=True)
    time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def test_a_server_runs_until_it_is_stopped(tmp_path: Path) -> None:
    with Guarded(["sleep", "600"], tmp_path / "log") as server:
        assert server.running()
        assert alive(server.pid)
    assert not alive(server.pid)


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    server = Guarded([sys.executable, "-c", STUBBORN], tmp_path / "log", stop_within_s=0.2)
    assert eventually(lambda: server.tail() == "up")
    server.stop()
    assert not alive(server.pid)


def test_its_folder_is_left_to_a_starter_that_lives(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    Guarded(["sleep", "600"], tmp_path / "log", folder=folder).stop()
    assert folder.exists()


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HeadwayError, match="no-such-command can't be started"):
        Guarded(["no-such-command"], tmp_path / "log")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_who_started_it_is_gone(number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    assert parent.stdout is not None
    socket = Path(parent.stdout.readline().decode().strip())
    assert socket.is_socket()
    assert len(using(socket.parent)) == 2
    parent.send_signal(number)
    parent.wait(10)
    assert eventually(lambda: not using(socket.parent) and not socket.parent.exists())


def using(folder: Path) -> list[int]:
    """The processes whose command line names a folder: the server and its guard."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if str(folder) in line]
