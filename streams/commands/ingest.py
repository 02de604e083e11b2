"""`headway send` and `headway worker http`: events from outside."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.errors import BadInput

if TYPE_CHECKING:
    from streams.ingest.files import Report
    from streams.settings import Settings


def send(
    file: Annotated[
        str,
        typer.Argument(help="A file of events, one JSON object a line (.gz as well); - is standard input."),
    ],
) -> int:
    """Send events from a file, one JSON object a line: what apps and trackers say, and what an office does.

    Pings, statuses, assignments and profiles; appointments, cancellations, shifts, routes and lost technicians.
    A line that is no event goes to the dead letters and is reported; the others are sent. The exit code is 1
    where a line was rejected.
    """
    import sys

    from streams.adapters.clock import wall_ms
    from streams.adapters.log import LogWriter
    from streams.commands.settings import running_system
    from streams.commands.show import progress
    from streams.ingest.door import Door
    from streams.ingest.files import opened
    from streams.ingest.files import send as send_lines

    settings = running_system()
    path = None if file == "-" else Path(file)
    with opened(path, sys.stdin.buffer) as source, LogWriter(settings) as writer:
        door = Door.of(settings, f"file {path.name}" if path else "standard input")
        with progress("sending, bytes", source.size_bytes) as done:
            report = send_lines(door, source, writer, wall_ms, done)
    return _tell(report, source.name)


def serve_http(settings: "Settings") -> None:
    """Take events by HTTP until SIGTERM or SIGINT; what is being sent is finished first."""
    import asyncio

    from streams.chunks.logs import configure
    from streams.ingest.server import serve

    # That Kafka is away the door says itself, once; its client would say it ten times a second.
    configure(settings.logging.level, complaint=lambda _: None)
    asyncio.run(serve(settings))


def _tell(report: "Report", name: str) -> int:
    """What became of the lines, told; the exit code. Raises `BadInput` where there were none."""
    from streams.commands.show import out, plain

    rejected = sum(report.rejected.values())
    if not report.sent and not rejected:
        raise BadInput(f"{name} held no event; `docs/events.schema.json` says what events are")
    for bad in report.bad_lines:
        out.print(f"line {bad.number}: {bad.reason}: {plain(bad.detail)}", soft_wrap=True)
    if rejected > len(report.bad_lines):
        out.print(f"... and {rejected - len(report.bad_lines)} more")
    by_reason = ", ".join(f"{count} {reason}" for reason, count in sorted(report.rejected.items()))
    shown = f" ({by_reason}); `headway dead-letters list` shows them" if rejected else ""
    out.print(f"{report.sent} events sent, {rejected} rejected{shown}", soft_wrap=True)
    return 1 if rejected else 0
