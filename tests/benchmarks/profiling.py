"""Where the time of the pipeline goes, by room and by function."""

import os
import sys
import tempfile
from pathlib import Path

import msgspec
import redis
from rich.console import Console
from rich.table import Table

from streams import topics
from streams.embedded.guarded import Guarded
from streams.settings import variables
from streams.system import System, Worker
from tests.benchmarks import pipeline, topic
from tests.benchmarks.meter import Sample
from tests.benchmarks.running import HOUSE, Servers
from tests.benchmarks.sampler import Profile

FUNCTIONS = 40


def profile_pipeline(servers: Servers, scale: float) -> None:
    """Run the pipeline once under a sampler and print what it saw."""
    used, pings = pipeline.prepare(servers, round(pipeline.PINGS * scale))
    end = sum(topic.ends(servers.kafka, topics.Topics.of(used).technicians).values())
    with tempfile.TemporaryDirectory(prefix="headway-profile-") as folder:
        written = Path(folder) / "profile.json"
        command = [sys.executable, "-m", "tests.benchmarks.profiled_worker", str(written)]
        environ = {**os.environ, **variables(used), "PYTHONPATH": str(HOUSE)}
        with Guarded(command, Path(folder) / "worker.log", environ=environ) as process:
            system = System(used, [Worker("telemetry", process)])
            with redis.Redis.from_url(used.redis.url) as store:
                sample = pipeline.watched(system, pipeline.Folding(store, used), end, pings)
        profile = msgspec.json.decode(written.read_bytes(), type=Profile)
    _show(profile, sample, pings)


def _show(profile: Profile, sample: Sample, pings: int) -> None:
    console = Console(width=140)
    console.print(f"{sample.per_s:,.0f} pings/s, {sample.per_core_s:,.0f} pings/core-s, under the sampler")
    total, main_s = sum(profile.rooms.values()), profile.threads_s["MainThread"]
    us = main_s / total / pings * 1e6
    threads = Table(title="Threads")
    for heading in ("thread", "us/ping"):
        threads.add_column(heading)
    for name, used_s in sorted(profile.threads_s.items(), key=lambda one: -one[1]):
        threads.add_row(name, f"{used_s / pings * 1e6:.2f}")
    threads.add_row("(garbage collection in MainThread)", f"{profile.collecting_s / pings * 1e6:.2f}")
    console.print(threads)
    console.print(
        _table("MainThread by room", [(room, "", n) for room, n in profile.rooms.items()], total, us)
    )
    console.print(_table("MainThread by function", profile.functions[:FUNCTIONS], total, us))


def _table(title: str, counted: list[tuple[str, str, int]], total: int, us: float) -> Table:
    table = Table(title=title)
    for heading in ("share", "us/ping", "room", "function"):
        table.add_column(heading)
    for room, function, count in sorted(counted, key=lambda one: -one[2]):
        table.add_row(f"{count / total:.1%}", f"{count * us:.2f}", room, function)
    return table
