"""A `headway` command in a house of its own: everything that it starts or leaves behind can be told from the rest."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

WITHIN_S = 120.0
COLUMNS, LINES = "160", "50"


class Household:
    """A temporary folder that the command and all that it starts are told to use; who uses it belongs to the house."""

    def __init__(self) -> None:
        # Short, for the path of a socket in it may have 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="hw-"))

    def environ(self) -> dict[str, str]:
        """Without servers, so that the embedded ones are started."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
        return kept | {"TMPDIR": str(self.folder), "COLUMNS": COLUMNS, "LINES": LINES, "TERM": "xterm"}

    def processes(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._ours(process)]

    def left(self) -> list[str]:
        """Processes and files, by name."""
        names = []
        for process in self.processes():
            with suppress(psutil.Error):
                names.append(" ".join(process.cmdline()))
        # os.walk goes on where a folder vanishes under it, as those of ending processes do.
        return names + [
            os.path.relpath(os.path.join(folder, name), self.folder)
            for folder, folders, files in os.walk(self.folder)
            for name in (*folders, *files)
        ]

    def _ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("TMPDIR") == str(self.folder)
        except psutil.Error:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def headway(house: Household, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal."""
    command = [sys.executable, "-m", "streams.cli", *words]
    return subprocess.run(
        command, capture_output=True, check=False, text=True, env=house.environ() | environ, timeout=WITHIN_S
    )


_ON_ITS_TERMINAL = (
    "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"
)
"""A session's leader that opens a terminal is controlled by it: then its Ctrl-C reaches the command."""


class Terminal:
    """A command in a terminal of its own. `shown` is all that was written to it."""

    def __init__(self, house: Household, *words: str) -> None:
        self._master, slave = pty.openpty()
        command = [sys.executable, "-c", _ON_ITS_TERMINAL, sys.executable, "-m", "streams.cli", *words]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=house.environ(), start_new_session=True
        )
        os.close(slave)
        self._said = bytearray()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def shown(self) -> str:
        return self._said.decode(errors="replace")

    def press_ctrl_c(self) -> None:
        os.write(self._master, b"\x03")

    def sigkill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def ended(self) -> int:
        code = self.process.wait(WITHIN_S)
        self._reading.join(WITHIN_S)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ended()
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        # The terminal ends with the last process that has it, by an error.
        with suppress(OSError):
            while said := os.read(self._master, 65_536):
                self._said += said


def until(holds: Callable[[], object], what: Callable[[], object], within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
