"""`headway demo`: a simulated day through a system of its own, watched live, or at full speed and reported."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from rich.console import RenderableType
from rich.live import Live

from streams import simulated
from streams.adapters.log import write_all
from streams.commands.days import configs, local, paced
from streams.commands.foreground import stopping
from streams.commands.recorded import writable
from streams.commands.screen import Frame, Watch, draw
from streams.commands.settings import settings
from streams.commands.show import err, out, print_table, progress
from streams.commands.tables import Column
from streams.driving import Driver, driver
from streams.fence_files import messages as fence_messages
from streams.simulator.day import Day
from streams.simulator.stream import Delivery
from streams.system import servers, workers

LISTEN_MS = 30
Draw = Callable[[Frame], None]


def run_demo(
    *, headless: bool, report: Path | None, seed: int, technicians: int | None, speed: float
) -> None:
    """A day through a system of its own, live in the terminal or `headless`."""
    writable(report)
    base = settings()
    err.print("building a city and its day", style="dim")
    today = simulated.day(seed, technicians, configs())
    plan = list(today.messages(base.kafka.partitions))
    named = msgspec.structs.replace(base, namespace=f"{base.namespace}-demo-{os.getpid()}")
    err.print("starting broker, Redis and a telemetry worker", style="dim")
    with stopping(), servers(named, os.environ, history=True) as (served, _):
        write_all(served, fence_messages(served, today.world.fences))
        with workers(served, ("telemetry",), ticks=False) as system, driver(system) as driving:
            said = _headless(driving, today, plan) if headless else _live(driving, today, plan, speed)
        for line in system.troubles():
            err.print(line, soft_wrap=True)
    _tell(said, report)


def _headless(driving: Driver, today: Day, plan: Sequence[Delivery]) -> dict[str, Any]:
    with progress("a simulated day", len(plan)) as done:
        return simulated.run(driving, today, plan, done)


def _live(driving: Driver, today: Day, plan: Sequence[Delivery], speed: float) -> dict[str, Any] | None:
    """The report, or None where somebody ended it before the day was over."""
    started = time.perf_counter()
    watch = Watch(f"Headway demo: {today.world.params.city.name}", today.world.fences, plan)
    try:
        with _screen(watch) as draw_frame:
            for batch in paced(plan, speed):
                driving.send(simulated.messages(driving.system.settings, batch))
                told = watch.hear(signal.event for signal in driving.listen(LISTEN_MS))
                now = local(today, (batch or plan[:1])[-1].received_ms)
                if not out.is_terminal:
                    _print_lines(today, told)
                draw_frame(Frame(now, speed, driving.technicians(), driving.counts()))
    except KeyboardInterrupt:
        return None
    with progress("folding the rest", None):
        return simulated.report(driving, today, plan, started)


@contextmanager
def _screen(watch: Watch) -> Iterator[Draw]:
    """Draws frames on the whole terminal, and leaves it as it was."""
    if not out.is_terminal or out.is_dumb_terminal:
        yield lambda frame: None
        return
    with Live(console=out, screen=True, auto_refresh=False, redirect_stderr=False) as live:

        def show(frame: Frame) -> None:
            drawn: RenderableType = draw(watch, frame, out.width, out.height)
            live.update(drawn, refresh=True)

        yield show


def _print_lines(today: Day, told: Sequence[tuple[int, str]]) -> None:
    for time_ms, said in told:
        out.print(f"{local(today, time_ms):%H:%M:%S}  {said}", soft_wrap=True)


def _tell(said: dict[str, Any] | None, path: Path | None) -> None:
    if said is None:
        err.print("stopped before the day was over; `headway demo --headless` runs all of it", style="dim")
        return
    _show(said)
    if path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")


def _show(said: dict[str, Any]) -> None:
    rows = [
        (name.replace("_", " "), f"{value:,}") for name, value in said.items() if not isinstance(value, dict)
    ]
    rows += [(f"pings dropped: {reason}", f"{number:,}") for reason, number in said["pings_dropped"].items()]
    print_table(f"a simulated day, seed {said['seed']}", (Column("what"), Column("value", right=True)), rows)
    out.print()
    figures = ("true", "found", "right", "precision", "recall")
    columns = (Column("kind"), *(Column(figure, right=True) for figure in figures))
    stops = [(kind, *(f"{found[figure]}" for figure in figures)) for kind, found in said["stops"].items()]
    print_table("stops", columns, stops)
