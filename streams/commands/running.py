"""Commands that run a system, a worker, or a day through it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streams.errors import BadInput

ReportOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the report to this file as JSON.")
]
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same city and day.")]
TechniciansOption = Annotated[
    int | None, typer.Option(min=1, max=300, help="How many technicians; by default as configs/ says.")
]

ROLES = ("telemetry", "risk", "rebalance", "dispatch", "archive", "http")
TicksOption = Annotated[
    bool,
    typer.Option(
        "--ticks/--no-ticks",
        help="Say the wall clock's time on the log, by which silence is noticed; off where the log has times "
        "of its own, as a recorded or simulated day does.",
    ),
]


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Run the whole day at full speed and report.")
    ] = False,
    report: ReportOption = None,
    seed: SeedOption = 7,
    technicians: TechniciansOption = None,
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="Simulated seconds a second.")] = 20.0,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept", help="Have proposals accepted by somebody simulated; with --headless they always are."
        ),
    ] = False,
    step: Annotated[
        float,
        typer.Option(
            min=10,
            max=600,
            help="Simulated seconds between two looks at what the system says, where it runs at full speed.",
        ),
    ] = 60.0,
) -> None:
    """Watch a simulated service day be saved from what goes wrong on it; Ctrl-C ends it.

    It learns from the city's past days, starts a system with the dispatcher's page, and runs to the first
    morning hour at which there is something to decide. Then it is yours: open the page and accept, or don't.
    It needs nothing installed and leaves nothing behind. `--headless` runs the whole day as fast as it goes,
    accepts every proposal, and says what was found of what was true and how many late minutes that saved.
    """
    from streams.commands.demo import run_demo

    run_demo(
        headless=headless,
        report_file=report,
        seed=seed,
        technicians=technicians,
        speed=speed,
        accept=accept,
        step_s=step,
    )


def up(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Telemetry workers.")] = 1,
    http: Annotated[bool, typer.Option("--http/--no-http", help="Take events by HTTP as well.")] = True,
    ticks: TicksOption = True,
) -> None:
    """Run a system in the foreground: broker and Redis unless named, topics, and a worker of every role.

    It prints the line that makes other terminals talk to it, and the address for events by HTTP. The embedded
    broker and Redis are for trying out and keep nothing; HEADWAY_KAFKA and HEADWAY_REDIS name your own.
    """
    from streams.commands.foreground import run_up

    others = [role for role in ROLES if role != "telemetry" and (http or role != "http")]
    run_up((*["telemetry"] * workers, *others), ticks=ticks)


def worker(
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"One of: {', '.join(ROLES)}.")],
    ticks: TicksOption = True,
) -> None:
    """Run one worker of a role against HEADWAY_KAFKA and HEADWAY_REDIS.

    Any number of workers of a role share the work, up to the number of partitions. SIGTERM or Ctrl-C ends it
    in order.
    """
    if role not in ROLES:
        raise BadInput(f"there is no worker role {role!r}; the roles are {', '.join(ROLES)}")
    from streams.commands.settings import running_system
    from streams.commands.workers import run_role

    raise SystemExit(run_role(role, running_system(), ticks=ticks))


def simulate(
    seed: SeedOption = 7,
    technicians: TechniciansOption = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Simulated seconds a second; 60 makes an hour a minute.")
    ] = 1.0,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="HH:MM", help="The hour of the simulated day to begin with.  [default: 09:30]"
        ),
    ] = None,
    dated: Annotated[
        bool,
        typer.Option(
            "--dated",
            help="Keep the day's own date, and begin with its first message. Needs --no-ticks workers.",
        ),
    ] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Let the system plan and decide: technicians follow what it sends them. The day begins with its "
            "first message.",
        ),
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="With --live: have proposals accepted by somebody simulated.")
    ] = False,
) -> None:
    """Publish a simulated service day to the system that HEADWAY_KAFKA and HEADWAY_REDIS name.

    The day is moved so that its technicians work now: beside `headway up` they can be watched with
    `headway who`, `headway nearest` and `headway state`. With a `--speed` above 1 the log's time runs ahead of
    the clock, which is for trying out only.
    """
    from streams.commands.settings import running_system

    if live and begin:
        raise BadInput("--live begins with the day's first message; leave --from out")
    if accept and not live:
        raise BadInput("--accept goes with --live: without it nothing is proposed")
    served = running_system()
    if live:
        from streams.commands.live_days import publish_live

        publish_live(served, seed=seed, technicians=technicians, speed=speed, dated=dated, accept=accept)
    else:
        from streams.commands.days import publish_day

        publish_day(served, seed=seed, technicians=technicians, speed=speed, begin=begin, dated=dated)


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recorded positions, CSV, plain or gzip.")],
    source: Annotated[
        str, typer.Option(metavar="NAME", help="The source in configs/sources/ that maps the columns.")
    ],
    fences: Annotated[
        Path | None,
        typer.Option(metavar="GEOJSON", help="Fences to watch; `headway fences check` tries them."),
    ] = None,
    report: ReportOption = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the events to this file, as JSON lines.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Telemetry workers.")] = 1,
) -> None:
    """Send recorded positions through Kafka, Faust and Redis, and report what came out.

    Each run has a namespace of its own, so it disturbs no running system and gives the same again. Servers
    are embedded unless HEADWAY_KAFKA and HEADWAY_REDIS name some.

    Example: `headway replay day.csv.gz --source vans --fences zones.geojson --report report.json`
    """
    from streams.commands.recorded import run_replay

    run_replay(file, source, fences=fences, report=report, events=events, workers=workers, environ=os.environ)
