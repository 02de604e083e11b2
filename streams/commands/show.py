"""How things look in a terminal: text, tables, times, progress bars."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from streams.commands.tables import Cell, Column, fitted

ENDLESS = 10_000
"""The width where nobody looks: in a pipe or a file nothing is wrapped or cut."""

# The last two are what turns the direction of writing, and what has no width.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# Names come from outside: what looks like markup or an emoji in them is text.
out = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else ENDLESS)
err = Console(
    stderr=True,
    highlight=False,
    markup=False,
    emoji=False,
    width=None if sys.stderr.isatty() else ENDLESS,
)


def clock(time_ms: int | None) -> str:
    """UTC, to the second."""
    if time_ms is None:
        return "-"
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{time_ms} ms"


def iso(time_ms: int | None) -> str | None:
    """ISO 8601 in UTC, for programs."""
    if time_ms is None:
        return None
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds")


def plain(text: str) -> str:
    """Text from outside on one line, without what would move the cursor or change colours."""
    return _CONTROL.sub(lambda found: ascii(found.group())[1:-1], text)


def print_table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """A table as wide as the terminal, or as its cells where there is none."""
    out.print(fitted(title, columns, rows, out.width))


def count(number: int, one: str, many: str = "") -> str:
    """`1 fence`, `2 fences`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where that is a terminal; call what it yields with how much is done."""
    if not err.is_terminal or err.is_dumb_terminal:
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
