"""`headway demo`: a simulated day that is decided while it goes on, watched live, or at full speed and reported."""

import socket
import time
from pathlib import Path
from typing import Any

import msgspec

from streams import simulated
from streams.commands.days import configs
from streams.commands.foreground import stopping
from streams.commands.live_demo import Show
from streams.commands.recorded import writable
from streams.commands.settings import settings
from streams.commands.show import err, out, print_table, progress
from streams.commands.tables import Column
from streams.day_report import Collected, report
from streams.day_system import day_system
from streams.embedded.guarded import free_port
from streams.lockstep import Lockstep
from streams.settings import Settings
from streams.simulator.dispatcher import Dispatcher
from streams.simulator.lateness import lateness
from streams.simulator.live import LiveDay
from streams.simulator.stream import FLUSH_S
from streams.simulator.unaided import lived

MOST_RISKS = 12
"""Shown of a day: its worst."""


def run_demo(
    *,
    headless: bool,
    report_file: Path | None,
    seed: int,
    technicians: int | None,
    speed: float,
    accept: bool,
    step_s: float,
) -> None:
    """A day through a system of its own: live with the dispatcher's page, or `headless`, with every proposal accepted.

    `accept`: somebody simulated accepts also in the live one.
    """
    writable(report_file)
    base, started = settings(), time.perf_counter()
    with stopping():
        say("building a city and its day")
        living = simulated.live(seed, technicians, configs())
        dispatcher = Dispatcher(living.world.params.dispatcher, accepting=headless or accept)
        port = None if headless else _port(base)
        with day_system(base, living, dispatcher, step_s=step_s, board_port=port, say=say) as stepped:
            if headless:
                said = run_whole(stepped, started)
            else:
                address = f"http://{base.board.host}:{port}/"
                said = Show(stepped, speed, address).run(lambda seen: day_report(stepped, seen, started))
        for line in stepped.system.troubles():
            err.print(line, soft_wrap=True)
    _tell(said, report_file)


def run_whole(stepped: Lockstep, started: float) -> dict[str, Any]:
    """The whole day at full speed, and the report on it."""
    collected, living = Collected(), stepped.living
    minutes = round((_end_ms(living) - living.begin_ms) / 60_000)
    with progress("a simulated day, in minutes", minutes) as done:
        stepped.run(lambda now_ms: done(round((now_ms - living.begin_ms) / 60_000)), collected.hear)
    return day_report(stepped, collected, started)


def day_report(stepped: Lockstep, collected: Collected, started: float) -> dict[str, Any]:
    ignored = lived(stepped.living.world, stepped.living.day, stepped.step_ms)
    return report(stepped, collected, lateness(ignored.today, ignored.truth), started)


def say(what: str) -> None:
    err.print(what, style="dim")


def _end_ms(living: LiveDay) -> int:
    """About when everybody is at home."""
    last_h = max(who.shift_end_h for who in living.world.fleet)
    return living.today.at_ms(last_h) + round(living.world.params.shift.overtime_s * 1000 + FLUSH_S * 1000)


def _port(base: Settings) -> int:
    """The board's own port, or a free one where that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((base.board.host, base.board.port))
        except OSError:
            return free_port()
    return base.board.port or free_port()


def _tell(said: dict[str, Any] | None, path: Path | None) -> None:
    if said is None:
        say("stopped before the day was over; `headway demo --headless` runs all of it")
        return
    _show(said)
    if path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")


def _show(said: dict[str, Any]) -> None:
    rows = [
        (name.replace("_", " "), _figure(value))
        for name, value in said.items()
        if not isinstance(value, dict | list)
    ]
    rows += [(f"pings dropped: {reason}", f"{number:,}") for reason, number in said["pings_dropped"].items()]
    print_table(f"a simulated day, seed {said['seed']}", (Column("what"), Column("value", right=True)), rows)
    out.print()
    figures = ("true", "found", "right", "precision", "recall")
    columns = (Column("kind"), *(Column(figure, right=True) for figure in figures))
    stops = [(kind, *(f"{found[figure]}" for figure in figures)) for kind, found in said["stops"].items()]
    print_table("stops", columns, stops)
    out.print()
    _show_risks(said["risks"])


def _show_risks(risks: list[dict[str, Any]]) -> None:
    columns = (
        Column("appointment"),
        Column("worst"),
        Column("minutes ahead", right=True),
        Column("because of", spare=1),
    )
    levels = ("LATE", "CRITICAL", "AT_RISK", "WATCH")
    worst = sorted(risks, key=lambda one: (levels.index(one["level"]), -one["lead_min"]))[:MOST_RISKS]
    rows = [
        (
            one["appointment"],
            one["level"],
            f"{one['lead_min']:.0f}",
            ", ".join(f"{why['kind'].replace('_', ' ')} {why['minutes']:.0f} min" for why in one["reasons"]),
        )
        for one in worst
    ]
    print_table(f"at risk: {len(risks)}, the worst of them", columns, rows)


def _figure(value: object) -> str:
    return "-" if value is None else f"{value:,}"
