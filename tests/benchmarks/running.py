"""Servers and processes of a benchmark."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from tests.benchmarks.meter import Sample, Task
from tests.support.servers import KafkaServer, RedisServer

HOUSE = Path(__file__).resolve().parents[2]
WITHIN_S = 300.0
said = Console(stderr=True, highlight=False)


class Failed(Exception):
    """A benchmark's process did not do what it should; the message has the end of what it wrote."""


class Servers(msgspec.Struct, frozen=True):
    """A real Kafka (host:port) and a real Redis (URL)."""

    kafka: str
    redis: str


@contextmanager
def servers() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
        kafka = KafkaServer(Path(folder) / "kafka")
        redis = RedisServer(Path(folder) / "redis")
        try:
            yield Servers(kafka.start().bootstrap, redis.start().url)
        finally:
            redis.stop()
            kafka.stop()


def run(module: str, task: Task, environ: Mapping[str, str] | None = None) -> Sample:
    """Run a module of this folder in a process of its own; what it measured. Raises `Failed`."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", msgspec.json.encode(task).decode()]
    try:
        done = subprocess.run(
            command, cwd=HOUSE, env=environ, capture_output=True, timeout=WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{module} took more than {WITHIN_S:.0f} s: {_end(expired.stderr)}") from expired
    lines = [line for line in done.stdout.splitlines() if line.startswith(b'{"messages"')]
    if len(lines) != 1:
        raise Failed(f"{module} measured nothing (exit code {done.returncode}): {_end(done.stderr)}")
    return msgspec.json.decode(lines[0], type=Sample)


def _end(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")[-2000:]
