"""`headway fences`: check GeoJSON, load it as fences, list what holds, remove some."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from features.fence_events import Fence
    from features.fence_index import Held

app = typer.Typer(
    no_args_is_help=True,
    help="Check, load, list and remove geofences.\n\n"
    "A fence is a GeoJSON Feature: a Polygon or MultiPolygon, a Point with the property `radius_m`, or the "
    "property `cells` with H3 cells. Further properties: `id`, `name`, `kind`, `max_dwell_s`, `max_speed_mps`, "
    "`technicians`, `groups`.",
)

FileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="GeoJSON: a Feature or a FeatureCollection, plain or gzip."),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="Kind of every fence that names none: customer_site, depot, territory, no_go, break_place.",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="When it begins to hold, as 2026-03-17T08:00:00Z. By default new fences hold always, also for "
        "what happened before, and changes hold from now on.",
    ),
]


@app.command()
def check(file: FileArgument, kind: KindOption = None) -> None:
    """Say which fences of a file are good, which would be repaired, and which refused."""
    from streams.commands.show import out, plain
    from streams.errors import BadInput
    from streams.fence_files import read_file

    read = read_file(file, kind)
    for fence, repairs in read.repaired:
        out.print(plain(f"repaired  {fence}: {repairs}"), soft_wrap=True)
    for problem in read.refused:
        out.print(plain(f"refused   {problem}"), soft_wrap=True)
    out.print(f"{len(read.fences)} good, {len(read.repaired)} of them repaired; {len(read.refused)} refused")
    if read.refused:
        raise BadInput(f"{len(read.refused)} fences of {file} would be refused: mend them or leave them out")


@app.command()
def load(file: FileArgument, kind: KindOption = None, since: FromOption = None) -> None:
    """Load the fences of a GeoJSON file; all of them, or none where one is refused.

    Fences that have changed get a new version; those that are as they were are not sent again. Workers that
    run take them in at once.
    """
    from streams.adapters.clock import wall_ms
    from streams.adapters.log import write_all
    from streams.commands.settings import running_system
    from streams.commands.show import count, out, plain
    from streams.fence_files import messages, moment, next_versions, on_topic, read_file, whole

    from_ms = None if since is None else moment(since, "--from")
    read = read_file(file, kind)
    fences = whole(read, file)
    settings = running_system()
    newest = on_topic(settings).newest()
    changed = next_versions(fences, newest, wall_ms(), from_ms)
    write_all(settings, messages(settings, changed))
    for fence, repairs in read.repaired:
        out.print(plain(f"repaired  {fence}: {repairs}"), soft_wrap=True)
    new = sum(fence.fence not in newest for fence in changed)
    out.print(
        f"{count(len(fences), 'fence')}: {new} new, {len(changed) - new} changed, "
        f"{len(fences) - len(changed)} as they were"
    )


@app.command()
def remove(
    fences: Annotated[list[str], typer.Argument(metavar="FENCE...", help="Ids, as `list` shows them.")],
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="When they end, as 2026-03-17T08:00:00Z; by default now."
        ),
    ] = None,
) -> None:
    """Let fences hold no longer. What they saw before stays."""
    from streams.adapters.clock import wall_ms
    from streams.adapters.log import write_all
    from streams.commands.settings import running_system
    from streams.commands.show import count, out
    from streams.fence_files import messages, moment, on_topic, removals

    from_ms = wall_ms() if since is None else moment(since, "--from")
    settings = running_system()
    ended = removals(fences, on_topic(settings).newest(), from_ms)
    write_all(settings, messages(settings, ended))
    out.print(f"{count(len(ended), 'fence')} removed")


@app.command("list")
def list_fences(
    everything: Annotated[
        bool, typer.Option("--all", help="Every version, also those that hold no longer.")
    ] = False,
) -> None:
    """List the fences that hold now or will, with their version and since when."""
    from streams.adapters.clock import wall_ms
    from streams.commands.settings import running_system
    from streams.commands.show import count, err, out, plain
    from streams.fence_files import on_topic

    settings, now_ms = running_system(), wall_ms()
    versions = on_topic(settings)
    listed = [one for one in versions.held() if everything or one.until_ms > now_ms]
    if listed:
        _print_fences(listed, now_ms)
    for problem in versions.odd:
        err.print(plain(f"left out: {problem}"), soft_wrap=True)
    holding = sum(one.from_ms <= now_ms < one.until_ms for one in listed)
    hint = "" if listed else "; `headway fences load FILE` loads some"
    out.print(f"{count(holding, 'fence')} now{hint}")


def _print_fences(listed: "Sequence[Held]", now_ms: int) -> None:
    from streams.commands.show import plain, print_table
    from streams.commands.tables import Column

    columns = (
        Column("fence", least=12),
        Column("version", right=True, spare=2),
        Column("kind", spare=1),
        Column("name", least=10, spare=3),
        Column("geometry", spare=4),
        Column("holds (UTC)"),
    )
    rows = []
    for one in listed:
        fence = one.prepared.fence
        row = (fence.fence, str(fence.version), fence.kind, fence.name, _geometry(fence), _holds(one, now_ms))
        rows.append([plain(cell) for cell in row])
    print_table("", columns, rows)


def _geometry(fence: "Fence") -> str:
    return str(fence.geometry.__struct_config__.tag)


def _holds(one: "Held", now_ms: int) -> str:
    from features.wire import LATEST_MS
    from streams.commands.show import clock

    until = f" until {clock(one.until_ms)}" if one.until_ms <= LATEST_MS else ""
    if one.from_ms == 0:
        return f"{'' if until else 'always'}{until}".strip()
    return f"{'since' if one.from_ms <= now_ms else 'from'} {clock(one.from_ms)}{until}"
