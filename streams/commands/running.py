"""Commands that run a system, a worker, or a day through it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streams.errors import BadInput

ReportOption = Annotated[Path | None, typer.Option(help="Write the report to this file as JSON.")]
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same city and day.")]
TechniciansOption = Annotated[
    int | None, typer.Option(min=1, max=5000, help="How many technicians; by default as configs/ says.")
]

ROLES = ("telemetry", "http")


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Run the whole day at full speed and report.")
    ] = False,
    report: ReportOption = None,
    seed: SeedOption = 7,
    technicians: TechniciansOption = None,
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="Simulated seconds a second.")] = 60.0,
) -> None:
    """Watch a simulated service day go through broker, Faust and Redis; Ctrl-C ends it."""
    from streams.commands.days import run_demo

    run_demo(headless=headless, report=report, seed=seed, technicians=technicians, speed=speed)


def up(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Telemetry workers.")] = 1,
    http: Annotated[bool, typer.Option(help="Take events by HTTP as well.")] = True,
) -> None:
    """Run a system in the foreground: broker and Redis unless named, topics, and the workers."""
    from streams.commands.foreground import run_up

    run_up(("telemetry",) * workers + (("http",) if http else ()))


def worker(
    role: Annotated[str, typer.Argument(help=f"One of: {', '.join(ROLES)}.")],
    ticks: Annotated[
        bool,
        typer.Option(
            "--ticks/--no-ticks", help="Say the wall clock's time on the log; off for recorded days."
        ),
    ] = True,
) -> None:
    """Run one worker of a role against HEADWAY_KAFKA and HEADWAY_REDIS."""
    if role not in ROLES:
        raise BadInput(f"there is no worker role {role!r}; the roles are {', '.join(ROLES)}")
    from streams.commands.settings import running_system
    from streams.commands.workers import run_role

    raise SystemExit(run_role(role, running_system(), ticks=ticks))


def simulate(
    seed: SeedOption = 7,
    technicians: TechniciansOption = None,
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="Simulated seconds a second.")] = 60.0,
) -> None:
    """Publish a simulated service day to the system that HEADWAY_KAFKA and HEADWAY_REDIS name.

    Its time is the simulated one: run the workers with `--no-ticks`.
    """
    from streams.commands.days import publish_day
    from streams.commands.settings import running_system

    publish_day(running_system(), seed=seed, technicians=technicians, speed=speed)


def replay(
    file: Annotated[Path, typer.Argument(help="Recorded positions, CSV (.gz as well).")],
    source: Annotated[str, typer.Option(help="The source in configs/sources/ that maps the columns.")],
    fences: Annotated[Path | None, typer.Option(help="GeoJSON of fences to watch.")] = None,
    report: ReportOption = None,
    events: Annotated[Path | None, typer.Option(help="Write the events to this file, as JSON lines.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Telemetry workers.")] = 1,
) -> None:
    """Send recorded positions through Kafka, Faust and Redis, and report what came out.

    Each run has a namespace of its own, so it disturbs no running system and gives the same again.
    """
    from streams.commands.recorded import run_replay

    run_replay(file, source, fences=fences, report=report, events=events, workers=workers, environ=os.environ)
