"""`headway up`: a system in the foreground, until Ctrl-C."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from streams.commands.settings import settings
from streams.commands.show import err, out
from streams.settings import Settings
from streams.system import System, servers, workers


def run_up(roles: tuple[str, ...]) -> None:
    """Start servers and workers, say how to reach them, and wait."""
    with stopping(), servers(settings(), os.environ) as (served, embedded):
        for name in embedded:
            err.print(f"embedded {name}: for trying out, it keeps nothing", style="dim")
        with workers(served, roles, ticks=True) as system:
            _say(served, embedded)
            _watch(system)


def _say(served: Settings, embedded: tuple[str, ...]) -> None:
    out.print("running; in another terminal:", style="bold")
    said = {"HEADWAY_KAFKA": served.kafka.bootstrap, "HEADWAY_REDIS": served.redis.url}
    if "Kafka" in embedded:
        said["HEADWAY_KAFKA__EMBEDDED"] = "true"
    out.print("export " + " ".join(f"{name}={value}" for name, value in said.items()), soft_wrap=True)
    out.print("Ctrl-C ends it.", style="dim")


def _watch(system: System) -> None:
    told = 0
    while True:
        system.check()
        for line in (troubles := system.troubles())[told:]:
            err.print(line)
        told = len(troubles)
        time.sleep(0.5)


@contextmanager
def stopping(*, code: int = 0) -> Iterator[None]:
    """Ctrl-C and SIGTERM end a command in order, leaving nothing running, with this exit code."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        err.print("stopped", style="dim")
        raise typer.Exit(code) from None
    finally:
        signal.signal(signal.SIGTERM, before)
