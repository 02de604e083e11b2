"""The rows of a benchmark's table, and where they go."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Self

import msgspec
from rich.console import Console
from rich.table import Table

from tests.benchmarks.meter import Sample


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure: the median of `runs`, which are in the same unit, beside a peer's where there is one.

    `wall_s` and `cpu_s` are the medians of what a run took (of `messages`), by the clock and of all threads.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    messages: int | None = None
    peer_wall_s: float | None = None
    peer_cpu_s: float | None = None
    peer_messages: int | None = None
    runs: tuple[float, ...] = ()
    peer_runs: tuple[float, ...] = ()

    @classmethod
    def of(cls, name: str, unit: str, values: Iterable[float], samples: Sequence[Sample] = ()) -> Self:
        runs = tuple(round(value, 3) for value in values)
        row = cls(name, median(runs), unit, runs=runs)
        if not samples:
            return row
        wall_s, cpu_s = median(s.wall_s for s in samples), median(s.cpu_s for s in samples)
        return msgspec.structs.replace(row, wall_s=wall_s, cpu_s=cpu_s, messages=samples[0].messages)

    def beside(self, peer: str, other: "Row") -> "Row":
        """This row with a peer's figure."""
        return msgspec.structs.replace(
            self,
            peer=peer,
            peer_value=other.value,
            peer_wall_s=other.wall_s,
            peer_cpu_s=other.cpu_s,
            peer_messages=other.messages,
            peer_runs=other.runs,
        )


def table(rows: Iterable[Row]) -> Table:
    shown = Table(title="Headway, medians")
    for heading in ("name", "value", "unit", "peer", "peer's value", "times", "wall s", "cpu s", "runs"):
        shown.add_column(heading, justify="left" if heading in ("name", "unit", "peer") else "right")
    for row in rows:
        times = f"{row.value / row.peer_value:.2f}" if row.peer_value else ""
        figures = (row.peer_value, row.wall_s, row.cpu_s)
        peer_value, wall_s, cpu_s = (_shown(figure) for figure in figures)
        shown.add_row(
            row.name,
            _shown(row.value),
            row.unit,
            row.peer,
            peer_value,
            times,
            wall_s,
            cpu_s,
            str(len(row.runs)),
        )
    return shown


def show(rows: Iterable[Row]) -> None:
    Console(width=120).print(table(rows))


def write(rows: Sequence[Row], path: Path) -> None:
    """A list of objects, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(list(rows)), indent=1) + b"\n")


def _shown(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"
