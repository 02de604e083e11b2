"""`headway replay`: recorded positions through the whole pipeline."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from features.events import Fence
from streams import system as systems
from streams.adapters.log import write_all
from streams.commands.foreground import stopping
from streams.commands.settings import settings
from streams.commands.show import out, progress, table
from streams.driving import driver
from streams.errors import BadInput
from streams.fence_files import messages, read_file, whole
from streams.replay import Report, replay, write_events
from streams.sources import read_positions


def run_replay(
    file: Path,
    source: str,
    *,
    fences: Path | None,
    report: Path | None,
    events: Path | None,
    workers: int,
    environ: Mapping[str, str],
) -> None:
    """Raises `BadInput` before anything starts where a file or the source is not good."""
    base = settings()
    positions = read_positions(file, source)
    watched: list[Fence] = whole(read_file(fences), fences) if fences else []
    for path in (report, events):
        writable(path)
    named = msgspec.structs.replace(base, namespace=f"{base.namespace}-replay-{secrets.token_hex(4)}")
    with stopping(code=130), systems.servers(named, environ) as (served, _):
        write_all(served, messages(served, watched))
        with (
            systems.workers(served, ("telemetry",) * workers, ticks=False) as system,
            driver(system) as driving,
            progress("replaying", len(positions)) as done,
        ):
            said, heard = replay(driving, source, positions, done)
    _show(said)
    if report:
        report.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")
    if events:
        write_events(events, heard.conclusions())


def writable(path: Path | None) -> None:
    """Better now than after minutes of work."""
    if path is not None and not path.parent.is_dir():
        raise BadInput(f"cannot write {path}: there is no folder {path.parent}; create it first")


def _show(report: Report) -> None:
    made = table(f"replay of {report.source}", "what", "count", right=("count",))
    made.add_row("positions in", str(report.positions_in))
    made.add_row("kept", str(report.kept))
    for title, counts in (
        ("dropped", report.dropped),
        ("fence event", report.fence_events),
        ("stop", report.stops),
    ):
        for name, count in counts.items():
            made.add_row(f"{title}: {name}", str(count))
    made.add_row("median speed, m/s", f"{report.median_speed_mps}")
    made.add_row("positions a second", f"{report.positions_per_s:.0f}")
    out.print(made)
