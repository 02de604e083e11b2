"""Questions on the technicians' state: one, all of a territory, in a fence, in a cell, the nearest."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from streams.errors import BadInput

T = TypeVar("T")


def state(
    technician: Annotated[str, typer.Argument(help="The technician's id, as its pings name it.")],
) -> None:
    """Show everything that is known of one technician, as JSON."""
    import msgspec

    from streams.commands.show import out

    found = _ask(lambda queries: queries.technician(technician))
    if found is None:
        raise BadInput(
            f"technician {technician!r} is not known: no ping or profile of theirs has been folded; "
            "`headway who` lists everybody"
        )
    out.print_json(msgspec.json.encode(found).decode())


def nearest(
    lat: Annotated[float, typer.Argument(help="Latitude in degrees.", min=-90, max=90)],
    lon: Annotated[float, typer.Argument(help="Longitude in degrees.", min=-180, max=180)],
    count: Annotated[int, typer.Option("--count", "-k", min=1, help="How many.")] = 5,
    skill: Annotated[list[str] | None, typer.Option(help="A skill they must have; may be repeated.")] = None,
    status: Annotated[
        list[str] | None, typer.Option(help="One of these duties or statuses, e.g. on_shift, en_route.")
    ] = None,
    within_km: Annotated[float, typer.Option(min=0.1, max=20_000, help="No further than this.")] = 50.0,
) -> None:
    """List the technicians nearest to a place. For negative numbers write `headway nearest -- 30.2 -97.7`."""
    from streams.commands.show import COLUMNS, out, row, table

    found = _ask(
        lambda queries: queries.nearest(
            lat, lon, count, skills=skill or (), statuses=status or (), within_m=within_km * 1000
        )
    )
    made = table(
        f"nearest to {lat:.5f}, {lon:.5f}",
        "km",
        *COLUMNS,
        right=("km",),
    )
    for near in found:
        made.add_row(f"{near.distance_m / 1000:.2f}", *row(near.technician))
    out.print(made if found else f"nobody within {within_km:g} km who fits")


def who(
    territory: Annotated[str | None, typer.Option(help="Everybody of this territory.")] = None,
    fence: Annotated[str | None, typer.Option(help="Everybody inside this fence.")] = None,
    cell: Annotated[str | None, typer.Option(help="Everybody in this H3 cell, of resolution 0 to 9.")] = None,
) -> None:
    """List technicians: all, or those of a territory, in a fence, or in an H3 cell."""
    from streams.commands.show import out, technicians_table

    asked = {"territory": territory, "fence": fence, "cell": cell}
    given = {name: value for name, value in asked.items() if value is not None}
    if len(given) > 1:
        raise BadInput(f"{' and '.join(f'--{name}' for name in given)} exclude each other; give one of them")
    found = _ask(
        lambda queries: (
            queries.in_territory(territory)
            if territory is not None
            else queries.in_fence(fence)
            if fence is not None
            else queries.in_cell(cell)
            if cell is not None
            else queries.technicians()
        )
    )
    what = "".join(f" of {name} {value}" for name, value in given.items())
    out.print(technicians_table(f"technicians{what}", found) if found else f"no technicians{what}")


def _ask(question: "Callable[[object], Awaitable[T]]") -> T:
    from streams.bootstrap import open_queries
    from streams.commands.settings import running_system

    async def asking() -> T:
        queries = open_queries(running_system())
        try:
            return await question(queries)
        finally:
            await queries.close()

    return asyncio.run(asking())
