"""`headway up`: a system in the foreground, until Ctrl-C."""

import os
import shlex
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec
import typer

from streams.commands.settings import settings
from streams.commands.show import err, out
from streams.embedded.guarded import free_port
from streams.errors import BadSettings
from streams.settings import FOLDER, Settings
from streams.system import System, servers, workers

LOOK_EVERY_S = 0.5
HTTP_PORT = "HEADWAY_HTTP__PORT"


def run_up(roles: tuple[str, ...], *, ticks: bool) -> None:
    """Start servers and workers, say how to reach them, and wait."""
    base = with_port(settings(), os.environ) if "http" in roles else settings()
    with stopping(), servers(base, os.environ) as (served, embedded):
        if embedded:
            err.print(f"{' and '.join(embedded)} embedded: for trying out, nothing is kept", style="dim")
        with workers(served, roles, ticks=ticks) as system:
            _say(served, roles)
            _watch(system)


def with_port(base: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with a port that can be had: a free one where the usual one is taken.

    Raises `BadSettings` where the environment names one that is taken.
    """
    if base.http.port and _free(base.http.host, base.http.port):
        return base
    if base.http.port and environ.get(HTTP_PORT):
        raise BadSettings(
            f"{HTTP_PORT} is {base.http.port}, and that port of {base.http.host} is taken; name another, "
            "leave the variable out, or run `headway up --no-http`"
        )
    return msgspec.structs.replace(base, http=msgspec.structs.replace(base.http, port=free_port()))


def exports(served: Settings, environ: Mapping[str, str]) -> str:
    """The line that makes commands in another shell talk to this system."""
    said = {"HEADWAY_KAFKA": served.kafka.bootstrap, "HEADWAY_REDIS": served.redis.url}
    if served.kafka.embedded:
        said["HEADWAY_KAFKA__EMBEDDED"] = "true"
    if environ.get("HEADWAY_NAMESPACE"):
        said["HEADWAY_NAMESPACE"] = served.namespace
    if folder := environ.get(FOLDER):
        said[FOLDER] = str(Path(folder).resolve())
    return "export " + " ".join(f"{name}={shlex.quote(value)}" for name, value in said.items())


def _say(served: Settings, roles: tuple[str, ...]) -> None:
    out.print("running. In another terminal:", style="bold")
    out.print(exports(served, os.environ), soft_wrap=True)
    out.print("then, for example, `headway simulate`, and `headway who` while it runs")
    if "http" in roles:
        out.print(
            f"events by HTTP: POST http://{served.http.host}:{served.http.port}/v1/events", soft_wrap=True
        )
    out.print("Ctrl-C ends it", style="dim")


def _watch(system: System) -> None:
    told = 0
    while True:
        troubles = system.troubles()
        for line in troubles[told:]:
            err.print(line, soft_wrap=True)
        told = len(troubles)
        system.check()
        time.sleep(LOOK_EVERY_S)


def _free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextmanager
def stopping(*, code: int = 0) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end a command in order, leaving nothing running, with this exit code."""
    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, _stop) for number in numbers}
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A script starts what runs beside it so. Then no loop would look after its tasks when it is stopped.
        before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        err.print("stopped", style="dim")
        raise typer.Exit(code) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_: int, frame: FrameType | None) -> None:
    """As Ctrl-C does: where a loop runs, it cancels what it is at and doesn't leave it behind."""
    interrupt = signal.getsignal(signal.SIGINT)
    if callable(interrupt):
        interrupt(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
