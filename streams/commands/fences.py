"""`headway fences`: check GeoJSON, load it as fences, list what holds."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Check, load and list geofences.")

FileArgument = Annotated[
    Path, typer.Argument(help="GeoJSON: a Feature or a FeatureCollection (.gz as well).")
]
KindOption = Annotated[
    str | None,
    typer.Option(
        help="Kind of every fence that names none: customer_site, depot, territory, no_go, break_place."
    ),
]


@app.command()
def check(file: FileArgument, kind: KindOption = None) -> None:
    """Say which fences of a file are good, which would be repaired, and which refused."""
    from streams.commands.show import out
    from streams.errors import BadInput
    from streams.fence_files import read_file

    read = read_file(file, kind)
    for fence, repairs in read.repaired:
        out.print(f"repaired  {fence}: {repairs}")
    for problem in read.refused:
        out.print(f"refused   {problem}")
    out.print(
        f"{len(read.fences)} fences good, {len(read.repaired)} of them repaired, {len(read.refused)} refused"
    )
    if read.refused:
        raise BadInput(f"{len(read.refused)} fences of {file} would be refused: mend them or leave them out")


@app.command()
def load(file: FileArgument, kind: KindOption = None) -> None:
    """Load the fences of a GeoJSON file; all of them, or none where one is refused."""
    from streams.adapters.log import write_all
    from streams.commands.settings import running_system
    from streams.commands.show import out
    from streams.fence_files import current, messages, next_versions, read_file, whole

    settings = running_system()
    fences = next_versions(whole(read_file(file, kind), file), current(settings))
    sent = write_all(settings, messages(settings, fences))
    out.print(
        f"{sent} fences loaded, {len(fences) - sent} unchanged"
        if sent != len(fences)
        else f"{sent} fences loaded"
    )


@app.command("list")
def list_fences() -> None:
    """List the fences that hold now, with their version and kind."""
    from streams.commands.settings import running_system
    from streams.commands.show import clock, out, table
    from streams.fence_files import current

    fences = current(running_system())
    made = table("fences", "fence", "version", "kind", "name", "geometry", "from (UTC)", right=("version",))
    for fence in sorted(fences.values(), key=lambda fence: fence.fence):
        geometry = fence.geometry.__struct_config__.tag
        since = clock(fence.valid_from_ms) if fence.valid_from_ms else "always"
        made.add_row(fence.fence, str(fence.version), fence.kind, fence.name, str(geometry), since)
    out.print(made if fences else "no fences loaded; `headway fences load FILE` loads some")
    out.print(f"{len(fences)} fences")
