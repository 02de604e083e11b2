"""Tables that fit the terminal: cells are cut where they are long, then columns left out, the least needed first."""

from collections.abc import Mapping, Sequence

import msgspec
from rich.cells import cell_len
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

GAP = 2
"""Spaces between two columns."""


class Column(msgspec.Struct, frozen=True):
    """`least` is the width under which cells are not cut, None where they never are.

    Of columns that don't fit, those with the highest `spare` are left out first; those with 0 stay.
    """

    name: str
    right: bool = False
    least: int | None = None
    spare: int = 0


Cell = str | Text


def fitted(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    width: int,
    least_widths: Mapping[str, int] | None = None,
) -> Table:
    """A table at most `width` wide. `least_widths` holds columns open that would be narrower, by name."""
    natural = _natural(columns, rows, least_widths or {})
    shown = list(range(len(columns)))
    while (widths := _cut(columns, shown, natural, width)) is None:
        shown.remove(max(shown, key=lambda n: columns[n].spare))
    made = Table(title=title or None, title_justify="left", title_style="bold", header_style="dim", box=None)
    made.padding, made.pad_edge = (0, GAP, 0, 0), False
    for n, column_width in zip(shown, widths, strict=True):
        justify: JustifyMethod = "right" if columns[n].right else "left"
        made.add_column(columns[n].name, justify=justify, no_wrap=True, width=column_width)
    for row in rows:
        made.add_row(*(_text(row[n]) for n in shown))
    return made


def _text(cell: Cell) -> Text:
    """Cells come from outside: what looks like markup in them is text."""
    return cell if isinstance(cell, Text) else Text(cell)


def _natural(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], least_widths: Mapping[str, int]
) -> list[int]:
    return [
        max(
            cell_len(column.name),
            least_widths.get(column.name, 0),
            *(cell_len(str(row[n])) for row in rows),
            1,
        )
        for n, column in enumerate(columns)
    ]


def _cut(
    columns: Sequence[Column], shown: Sequence[int], natural: Sequence[int], width: int
) -> list[int] | None:
    """The widths with which the columns fit; None where they don't and one can be left out."""
    widths = {n: natural[n] for n in shown}
    least = {n: _least(columns[n], natural[n]) for n in shown}
    surplus = sum(widths.values()) + GAP * (len(shown) - 1) - width
    while surplus > 0:
        widest = max(shown, key=lambda n: widths[n] - least[n])
        room = widths[widest] - least[widest]
        if room <= 0:
            return list(widths.values()) if not any(columns[n].spare for n in shown) else None
        # By and by, so that of several long columns none alone is cut.
        taken = min(surplus, max(1, room // 2))
        widths[widest] -= taken
        surplus -= taken
    return list(widths.values())


def _least(column: Column, natural: int) -> int:
    if column.least is None:
        return natural
    return min(natural, max(column.least, cell_len(column.name)))
