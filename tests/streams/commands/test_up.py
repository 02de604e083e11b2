"""`headway up`, as a newcomer runs it in one terminal and asks it from another."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.commands.foreground import exports, with_port
from streams.errors import BadSettings
from streams.ingest.params import HttpParams
from streams.settings import Kafka, Redis, Settings
from tests.support.household import Household, Terminal, headway, until


@pytest.fixture
def house() -> Iterator[Household]:
    with Household() as made:
        yield made


def variables(shown: str) -> dict[str, str]:
    """What the printed line exports."""
    line = next(line for line in shown.splitlines() if line.startswith("export "))
    return dict(word.split("=", 1) for word in line.removeprefix("export ").split())


def running(terminal: Terminal) -> dict[str, str]:
    until(lambda: "Ctrl-C ends it" in terminal.shown, lambda: terminal.shown)
    return variables(re.sub(r"\x1b\[[0-9;]*m", "", terminal.shown))


def test_another_terminal_talks_to_it_by_the_printed_line_and_ctrl_c_leaves_nothing(
    house: Household, tmp_path: Path
) -> None:
    with Terminal(house, "up") as terminal:
        named = running(terminal)
        assert set(named) == {"HEADWAY_KAFKA", "HEADWAY_REDIS", "HEADWAY_KAFKA__EMBEDDED"}
        now_ms = time.time_ns() // 1_000_000 - 20_000
        file = tmp_path / "pings.ndjson"
        file.write_text(f'{{"type":"ping","technician":"ada","time_ms":{now_ms},"lat":30.2,"lon":-97.7}}\n')
        assert "1 events sent" in headway(house, "send", str(file), **named).stdout
        until(lambda: "30.20000, -97.70000" in headway(house, "who", **named).stdout, lambda: terminal.shown)
        assert "ada" in headway(house, "nearest", "30.2", "-97.7", **named).stdout
        terminal.press_ctrl_c()
        assert terminal.ended() == 0
        assert "stopped" in terminal.shown
        assert "Traceback" not in terminal.shown
        # Nothing was trained, and that is all that there is to say.
        warnings = [line for line in terminal.shown.splitlines() if "WARNING" in line]
        assert all("`headway train` makes them" in line for line in warnings)
    assert house.left() == []


def test_a_worker_that_dies_ends_it_with_a_word_on_why(house: Household) -> None:
    with Terminal(house, "up", "--no-http") as terminal:
        running(terminal)
        worker = next(
            process
            for process in house.processes()
            if "worker" in process.cmdline() and "guard.py" not in " ".join(process.cmdline())
        )
        psutil.Process(worker.pid).send_signal(signal.SIGKILL)
        assert terminal.ended() == 1
        assert "the telemetry worker was ended by SIGKILL" in terminal.shown
        assert "Traceback" not in terminal.shown
    assert house.left() == []


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_taken_port_is_replaced_unless_somebody_asked_for_it(taken: int) -> None:
    settings = Settings(http=HttpParams(port=taken))
    other = with_port(settings, {}).http.port
    assert other not in (0, taken)
    with pytest.raises(
        BadSettings, match=f"HEADWAY_HTTP__PORT is {taken}, and that port of 127.0.0.1 is taken"
    ):
        with_port(settings, {"HEADWAY_HTTP__PORT": str(taken)})


def test_a_free_port_stays_and_any_port_becomes_one_that_can_be_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    settings = Settings(http=HttpParams(port=port))
    assert with_port(settings, {"HEADWAY_HTTP__PORT": str(port)}) is settings
    assert with_port(Settings(http=HttpParams(port=0)), {"HEADWAY_HTTP__PORT": "0"}).http.port > 0


def test_the_printed_line_names_all_that_another_shell_needs() -> None:
    served = Settings(
        namespace="trial", kafka=Kafka(bootstrap="k:9092"), redis=Redis(url="redis://:a b@r:6379/0")
    )
    assert exports(served, {}) == "export HEADWAY_KAFKA=k:9092 HEADWAY_REDIS='redis://:a b@r:6379/0'"
    environ = {"HEADWAY_NAMESPACE": "trial", "HEADWAY_CONFIG": "mine"}
    line = exports(served, environ)
    assert line.endswith(f" HEADWAY_NAMESPACE=trial HEADWAY_CONFIG={os.getcwd()}/mine")
