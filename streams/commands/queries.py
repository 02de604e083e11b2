"""Questions on the technicians' state: one, all of a territory, in a fence, in a cell, the nearest."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from streams.errors import BadInput

if TYPE_CHECKING:
    from features.technician import TechnicianState
    from streams.ports import TechnicianQueries

T = TypeVar("T")

JsonOption = Annotated[bool, typer.Option("--json", help="All that is known of each, for programs.")]


def state(
    technician: Annotated[
        str, typer.Argument(metavar="TECHNICIAN", help="The technician's id, as pings name it.")
    ],
    raw: Annotated[bool, typer.Option("--raw", help="Exactly as it is stored, for debugging.")] = False,
) -> None:
    """Show everything that is known of one technician, as JSON.

    Duty, motion, stop, position, the fences around, the agenda. Times are UTC.

    Example: `headway state tech-03`
    """
    import msgspec

    from streams.commands.people import facts
    from streams.commands.show import out

    found = _ask(lambda queries: queries.technician(technician))
    if found is None:
        raise BadInput(
            f"technician {technician!r} is not known: no ping or profile of theirs has been folded; "
            "`headway who` lists everybody"
        )
    out.print_json(msgspec.json.encode(found if raw else facts(found)).decode())


def nearest(
    lat: Annotated[str, typer.Argument(metavar="LAT", help="Latitude in degrees, south negative.")],
    lon: Annotated[str, typer.Argument(metavar="LON", help="Longitude in degrees, west negative.")],
    count: Annotated[int, typer.Option("--count", "-k", min=1, help="How many.")] = 5,
    skill: Annotated[
        list[str] | None, typer.Option(metavar="SKILL", help="A skill they must have; may be repeated.")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATUS", help="Only those with this duty or status, e.g. on_shift, en_route; repeatable."
        ),
    ] = None,
    within_km: Annotated[float, typer.Option(min=0.1, max=20_000, help="No further than this.")] = 50.0,
    as_json: JsonOption = False,
) -> None:
    """List the technicians nearest to a place, the nearest first.

    Example: `headway nearest 30.27 -97.74 --skill electrical --status on_shift`
    """
    from streams.commands.people import COLUMNS, facts, row
    from streams.commands.show import out, print_table
    from streams.commands.tables import Column

    _check_statuses(status or ())
    place = _degrees("LAT", lat), _degrees("LON", lon)
    found = _ask(
        lambda queries: queries.nearest(
            *place, count, skills=skill or (), statuses=status or (), within_m=within_km * 1000
        )
    )
    if as_json:
        _print_json([{"distance_m": round(one.distance_m, 1), **facts(one.technician)} for one in found])
    elif found:
        rows = [(f"{near.distance_m / 1000:.2f}", *row(near.technician)) for near in found]
        print_table(f"nearest to {lat}, {lon}", (Column("km", right=True), *COLUMNS), rows)
    else:
        asked = "".join(f", {one}" for one in (*(skill or ()), *(status or ())))
        out.print(f"nobody within {within_km:g} km of {lat}, {lon}{asked}")


def who(
    territory: Annotated[
        str | None, typer.Option(metavar="TERRITORY", help="Everybody of this territory.")
    ] = None,
    fence: Annotated[
        str | None,
        typer.Option(metavar="FENCE", help="Everybody inside this fence; `headway fences list` has them."),
    ] = None,
    cell: Annotated[
        str | None, typer.Option(metavar="CELL", help="Everybody in this H3 cell, of resolution 0 to 9.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List technicians: all, or those of a territory, in a fence, or in an H3 cell."""
    from streams.commands.people import COLUMNS, facts, row
    from streams.commands.show import out, print_table

    asked = {"territory": territory, "fence": fence, "cell": cell}
    given = {name: value for name, value in asked.items() if value is not None}
    if len(given) > 1:
        raise BadInput(f"{' and '.join(f'--{name}' for name in given)} exclude each other; give one of them")
    found = _ask(lambda queries: _members(queries, territory, fence, cell))
    what = "".join(f" {_AT[name]} {value}" for name, value in given.items())
    if as_json:
        _print_json([facts(state) for state in found])
    elif found:
        print_table(f"{len(found)} technicians{what}", COLUMNS, [row(state) for state in found])
    else:
        out.print(
            f"no technicians{what}" + ("" if given else "; `headway simulate` or `headway send` brings some")
        )


_AT = {"territory": "of territory", "fence": "in fence", "cell": "in cell"}


def _members(
    queries: "TechnicianQueries", territory: str | None, fence: str | None, cell: str | None
) -> "Awaitable[Sequence[TechnicianState]]":
    if territory is not None:
        return queries.in_territory(territory)
    if fence is not None:
        return queries.in_fence(fence)
    return queries.technicians() if cell is None else queries.in_cell(cell)


def _degrees(name: str, text: str) -> float:
    """Degrees as typed: the command line leaves numbers that begin with - to us."""
    try:
        return float(text)
    except ValueError:
        raise BadInput(
            f"{name} {text!r} is no number; write degrees, as `headway nearest 30.2 -97.7`"
        ) from None


def _check_statuses(statuses: Sequence[str]) -> None:
    from typing import get_args

    from features.events import Duty
    from streams.queries import OPEN_LIVES

    known = (*get_args(Duty), *OPEN_LIVES)
    for status in statuses:
        if status not in known:
            raise BadInput(f"--status {status!r} is none that somebody can have; there is {', '.join(known)}")


def _print_json(what: object) -> None:
    import msgspec

    from streams.commands.show import out

    out.print_json(msgspec.json.encode(what).decode())


def _ask(question: "Callable[[TechnicianQueries], Awaitable[T]]") -> T:
    from streams.bootstrap import open_queries
    from streams.commands.settings import running_system

    async def asking() -> T:
        queries = open_queries(running_system())
        try:
            return await question(queries)
        finally:
            await queries.close()

    return asyncio.run(asking())
