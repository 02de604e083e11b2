"""A server process that doesn't outlive us: not an error, not Ctrl-C, not SIGKILL."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from streams.embedded import guard
from streams.errors import HeadwayError


class Guarded:
    """A command that runs under a guard. What it says goes to the end of `log`.

    `folder` is removed where we can't do it ourselves any more, because we were killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        folder: Path | None = None,
        stop_within_s: float = 10.0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.log, self._stop_within_s = log, stop_within_s
        with log.open("ab") as out:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", guard.__file__, str(stop_within_s), str(folder or ""), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                env=environ,
                # A session of its own, so that Ctrl-C reaches us alone and we stop things in order.
                start_new_session=True,
            )
        assert self._guard.stdout is not None
        said = self._guard.stdout.readline()
        if not said:
            raise HeadwayError(f"{command[0]} can't be started: {self.tail()}")
        self.pid = int(said)

    def running(self) -> bool:
        return self._guard.poll() is None

    def code(self) -> int | None:
        """The exit code where it has ended."""
        return self._guard.poll()

    def tail(self, lines: int = 10) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """Let it end in order, and by force where it doesn't. May be called again."""
        assert self._guard.stdin is not None
        # The guard may have ended with its command.
        with suppress(BrokenPipeError):
            if not self._guard.stdin.closed:
                self._guard.stdin.write(b".")
            self._guard.stdin.close()
        self._guard.wait(self._stop_within_s + 5.0)
        self._close()

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._guard.wait(10.0)
        self._close()

    def _close(self) -> None:
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody answers on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
