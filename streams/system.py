"""A whole system under one roof: broker and Redis where none is named, topics, and a process for each worker."""

import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from streams import topics
from streams.archive.params import ArchiveParams
from streams.embedded.broker import embedded_broker
from streams.embedded.guarded import Guarded
from streams.embedded.redis import embedded_redis
from streams.errors import HeadwayError, UserError
from streams.settings import Settings, named, variables, without_servers

STOP_WITHIN_S = 15.0
TAIL_LINES = 200
USER_ERROR = 2
"""The exit code of a process that ended for somebody's mistake: the last trouble in its log says which."""

_TROUBLE = re.compile(r"^(\S+ \S+ (WARNING|ERROR|CRITICAL)\b|headway: |Traceback )")
_PREFIX = re.compile(r"^(headway: |\S+ \S+ [A-Z]+ +)")


class Worker(msgspec.Struct):
    """A worker process that does not outlive us. Of its log the first `read_bytes` have been looked at."""

    role: str
    process: Guarded
    read_bytes: int = 0

    def check(self) -> None:
        """Raises `UserError` or `HeadwayError` with the end of the log where the process has ended."""
        code = self.process.code()
        if code == USER_ERROR:
            raise UserError(f"the {self.role} worker can't work: {_PREFIX.sub('', self._trouble())}")
        if code is not None:
            raise HeadwayError(
                f"the {self.role} worker {_ending(code)}; the end of its log:\n{self.process.tail()}"
            )

    def _trouble(self) -> str:
        """The last line of the log that tells of trouble; what comes after it tells of the stop."""
        told = [line for line in self.process.tail(TAIL_LINES).splitlines() if _TROUBLE.match(line)]
        return told[-1] if told else self.process.tail(1) or "nothing in its log"

    def new_lines(self) -> list[str]:
        """The whole lines that the log has got since the last call; none when it is gone."""
        if not self.process.log.exists():
            return []
        with self.process.log.open("rb") as log:
            log.seek(self.read_bytes)
            whole, end, _ = log.read().rpartition(b"\n")
        self.read_bytes += len(whole) + len(end)
        return whole.decode(errors="replace").splitlines()


class System(msgspec.Struct):
    """What runs. `settings` name the servers that the workers talk to."""

    settings: Settings
    workers: list[Worker]
    heard: list[str] = []

    def check(self) -> None:
        """Raises `HeadwayError` with the end of its log where a worker has died."""
        for worker in self.workers:
            worker.check()

    def troubles(self) -> list[str]:
        """What the workers' logs hold so far that an operator should know."""
        self.heard += [line for worker in self.workers for line in worker.new_lines() if _TROUBLE.match(line)]
        return self.heard


def _ending(code: int) -> str:
    """How a process ended, by its exit code; the guard passes on a signal as the code below 256."""
    try:
        return f"was ended by {signal.Signals(256 - code).name}"
    except ValueError:
        return f"stopped with exit code {code}"


@contextmanager
def servers(
    settings: Settings, environ: Mapping[str, str], *, history: bool = False
) -> Iterator[tuple[Settings, tuple[str, ...]]]:
    """The settings with running servers, and the names of those that had to be embedded; topics are there.

    `history`: what will be published happened long ago, and must be kept all the same.
    """
    embedded = []
    with ExitStack() as stack:
        if not named(environ, "kafka"):
            kafka = msgspec.structs.replace(
                settings.kafka, bootstrap=stack.enter_context(embedded_broker()), embedded=True
            )
            settings = msgspec.structs.replace(settings, kafka=kafka)
            embedded.append("Kafka")
        if not named(environ, "redis"):
            redis = msgspec.structs.replace(settings.redis, url=stack.enter_context(embedded_redis()))
            settings = msgspec.structs.replace(settings, redis=redis)
            embedded.append("Redis")
        topics.ensure(settings, history=history)
        yield settings, tuple(embedded)


@contextmanager
def workers(settings: Settings, roles: tuple[str, ...], *, ticks: bool) -> Iterator[System]:
    """One process for each role, stopped at the end; what they did is safe by then.

    An embedded broker counts anew each time, so where no folder was named for the archive it goes with the logs.
    """
    with tempfile.TemporaryDirectory(prefix="headway-logs-", ignore_cleanup_errors=True) as folder:
        if settings.kafka.embedded and settings.archive.folder == ArchiveParams().folder:
            archive = msgspec.structs.replace(settings.archive, folder=f"{folder}/archive")
            settings = msgspec.structs.replace(settings, archive=archive)
        system = System(settings, [])
        with ExitStack() as stack:
            for number, role in enumerate(roles):
                log = Path(folder) / f"{role}-{number}.log"
                system.workers.append(Worker(role, stack.enter_context(_process(settings, role, log, ticks))))
            yield system
        # What they said while they stopped; the logs go now.
        system.troubles()


def _process(settings: Settings, role: str, log: Path, ticks: bool) -> Guarded:
    command = [sys.executable, "-m", "streams.cli", "worker", role, "--ticks" if ticks else "--no-ticks"]
    http_port = {"HEADWAY_HTTP__PORT": str(settings.http.port)}
    environ = {**without_servers(os.environ), **variables(settings), **http_port}
    return Guarded(command, log, folder=log.parent, stop_within_s=STOP_WITHIN_S, environ=environ)
