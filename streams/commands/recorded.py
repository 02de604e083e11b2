"""`headway replay`: recorded positions through the whole pipeline."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from features.fence_events import Fence
from streams import system as systems
from streams.adapters.log import write_all
from streams.commands.days import configs
from streams.commands.foreground import stopping
from streams.commands.settings import settings
from streams.commands.show import err, print_table, progress
from streams.commands.tables import Column
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
    for path in (report, events):
        writable(path)
    watched: list[Fence] = whole(read_file(fences), fences) if fences else []
    err.print(f"reading {file}", style="dim")
    positions = read_positions(file, source, configs())
    named = msgspec.structs.replace(base, namespace=f"{base.namespace}-replay-{secrets.token_hex(4)}")
    with stopping(code=130), systems.servers(named, environ, history=True) as (served, _):
        write_all(served, messages(served, watched))
        with (
            systems.workers(served, ("telemetry",) * workers, ticks=False) as system,
            driver(system) as driving,
            progress("replaying", len(positions)) as done,
        ):
            said, heard = replay(driving, source, positions, done)
        for line in system.troubles():
            err.print(line, soft_wrap=True)
    _show(said)
    if report:
        report.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")
    if events:
        write_events(events, heard.conclusions())


def writable(path: Path | None) -> None:
    """Better now than after minutes of work. Raises `BadInput`."""
    if path is None:
        return
    if path.is_dir():
        raise BadInput(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise BadInput(f"cannot write {path}: there is no folder {path.parent}; create it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise BadInput(f"cannot write {path}: not allowed; name another place")


def _show(report: Report) -> None:
    rows = [("positions in", f"{report.positions_in:,}"), ("kept", f"{report.kept:,}")]
    for title, counts in (
        ("dropped", report.dropped),
        ("fence event", report.fence_events),
        ("stop", report.stops),
    ):
        rows += [(f"{title}: {name}", f"{count:,}") for name, count in counts.items()]
    speed = report.median_speed_mps
    rows.append(("median speed, m/s", "-" if speed is None else f"{speed:.2f}"))
    rows.append(("positions a second", f"{report.positions_per_s:,.0f}"))
    print_table(f"replay of {report.source}", (Column("what"), Column("count", right=True)), rows)
