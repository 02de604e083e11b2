"""A whole system under one roof: broker and Redis where none is named, topics, and a process for each worker."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from streams import topics
from streams.embedded.broker import embedded_broker
from streams.embedded.guarded import Guarded
from streams.embedded.redis import embedded_redis
from streams.errors import HeadwayError
from streams.settings import Settings, variables

STOP_WITHIN_S = 15.0


class Worker(msgspec.Struct):
    """A worker process that does not outlive us."""

    role: str
    process: Guarded


class System(msgspec.Struct):
    """What runs. `settings` name the servers that the workers talk to."""

    settings: Settings
    workers: list[Worker]

    def check(self) -> None:
        """Raises `HeadwayError` with the end of its log where a worker has died."""
        for worker in self.workers:
            if worker.process.code() is not None:
                raise HeadwayError(
                    f"the {worker.role} worker stopped with exit code {worker.process.code()}; "
                    f"the end of its log:\n{worker.process.tail()}"
                )

    def troubles(self) -> list[str]:
        """What the workers' logs hold that an operator should know."""
        lines = (line for worker in self.workers for line in worker.process.tail(1000).splitlines())
        return [line for line in lines if any(word in line for word in ("WARNING", "ERROR", "CRITICAL"))]


@contextmanager
def servers(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[Settings, tuple[str, ...]]]:
    """The settings with running servers, and the names of those that had to be embedded; topics are there."""
    embedded = []
    with ExitStack() as stack:
        if not environ.get("HEADWAY_KAFKA"):
            kafka = msgspec.structs.replace(
                settings.kafka, bootstrap=stack.enter_context(embedded_broker()), embedded=True
            )
            settings = msgspec.structs.replace(settings, kafka=kafka)
            embedded.append("Kafka")
        if not environ.get("HEADWAY_REDIS"):
            redis = msgspec.structs.replace(settings.redis, url=stack.enter_context(embedded_redis()))
            settings = msgspec.structs.replace(settings, redis=redis)
            embedded.append("Redis")
        topics.ensure(settings)
        yield settings, tuple(embedded)


@contextmanager
def workers(settings: Settings, roles: tuple[str, ...], *, ticks: bool) -> Iterator[System]:
    """One process for each role, stopped at the end; what they did is safe by then."""
    with tempfile.TemporaryDirectory(prefix="headway-logs-") as folder, ExitStack() as stack:
        system = System(settings, [])
        for number, role in enumerate(roles):
            log = Path(folder) / f"{role}-{number}.log"
            system.workers.append(Worker(role, stack.enter_context(_process(settings, role, log, ticks))))
        yield system


def _process(settings: Settings, role: str, log: Path, ticks: bool) -> Guarded:
    command = [sys.executable, "-m", "streams.cli", "worker", role, "--ticks" if ticks else "--no-ticks"]
    return Guarded(command, log, stop_within_s=STOP_WITHIN_S, environ={**os.environ, **variables(settings)})
