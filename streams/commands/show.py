"""How things look in a terminal: tables, times, progress bars."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from features.technician import TechnicianState

COLUMNS = ("technician", "name", "duty", "motion", "stop", "where", "seen (UTC)")

# Names come from outside: what looks like markup in them is text.
out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)


def clock(time_ms: int | None) -> str:
    """UTC, to the second."""
    if time_ms is None:
        return "-"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", no_wrap=True)
    return made


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error; call what it yields with how much is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def technicians_table(
    title: str, states: Sequence[TechnicianState], names: Mapping[str, str] = MappingProxyType({})
) -> Table:
    """Technicians, a row each: what a dispatcher asks first."""
    made = table(title, *COLUMNS)
    for state in states:
        made.add_row(*row(state, names))
    return made


def row(state: TechnicianState, names: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """One technician under `COLUMNS`. `names` gives fences' names by id."""
    from streams.adapters.index import fences_of

    where = ", ".join(names.get(fence) or fence for fence in sorted(fences_of(state)))
    if not where and state.fix is not None:
        where = f"{state.fix.lat:.5f}, {state.fix.lon:.5f}"
    return (
        state.technician,
        state.name or "-",
        state.duty or "-",
        state.motion.kind or "-",
        (state.stop.kind if state.stop else None) or "-",
        where or "-",
        clock(state.fix.time_ms if state.fix else None),
    )
