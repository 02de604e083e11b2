"""Recorded positions and statuses in CSV files. A source in `configs/sources/` says what the columns mean.

A row becomes a `Ping` (or a `Status`), or comes out with its original line and with what is wrong with it.
A row stands on one line: where a file breaks lines inside quotes, the parts are rejected and none is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import msgspec
import pandas as pd

from features.events import Duty, Life, Ping, Status
from features.rejection import Rejection
from streams import columns, source_config
from streams.columns import LENGTHS, SPEEDS, Column
from streams.csv_files import check_columns, fields_of, header_of, lines_of, opened
from streams.errors import BadInput
from streams.replay import Position, position
from streams.settings import CONFIGS
from streams.source_config import Source

ROWS = 50_000
STATUSES = (*get_args(Duty), *get_args(Life))
TRUE = ("1", "true", "True", "TRUE", "yes", "on", "ON", "y", "t")
FALSE = ("0", "false", "False", "FALSE", "no", "off", "OFF", "n", "f")
STATUS_COLUMNS = ("technician", "time", "status", "appointment")
PING_COLUMNS = ("technician", "time", "lat", "lon", "speed", "heading", "accuracy", "seq", "ignition", "pto")
FIELDS = {"time": "time_ms", "speed": "speed_mps", "heading": "heading_deg", "accuracy": "accuracy_m"}
"""Where an event's field is not named as in `Columns`."""
_FLAGS = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}


class RejectedRow(msgspec.Struct, frozen=True):
    """`number` counts the file's lines from 1; `line` has its bytes, without the end of the line.

    `technician` and `time_ms` where at least those could be read.
    """

    number: int
    line: bytes
    rejection: Rejection
    technician: str | None = None
    time_ms: int | None = None


class Batch(msgspec.Struct, frozen=True):
    """Events in the file's order, and the rows that could not become any."""

    events: list[Ping | Status]
    rejected: list[RejectedRow]


def read_positions(path: Path, name: str, folder: Path = CONFIGS) -> list[Position]:
    """All rows of a recorded file in order of time, those that give no ping as their original lines.

    So every row goes through the pipeline and is counted there. Raises `BadInput` and `BadSettings`.
    """
    source = source_config.load(name, folder)
    if source.columns.status is not None:
        raise BadInput(f"source {name!r} reads statuses; a replay needs positions: take another --source")
    positions: list[Position] = []
    for batch in read(source, path):
        positions += [position(event) for event in batch.events if isinstance(event, Ping)]
        positions += [_as_it_stands(row, source) for row in batch.rejected]
    return sorted(positions, key=lambda row: row.time_ms)


def read(source: Source, path: Path, rows: int = ROWS) -> Iterator[Batch]:
    """The events of a CSV file (plain or gzip), so many rows at a time. Raises `BadInput`."""
    with opened(path) as file:
        lines = enumerate(lines_of(file, path), start=1)
        header = header_of(source, path, lines)
        while numbered := list(islice(lines, rows)):
            yield _batch(source, header, numbered)


def convert(source: Source, frame: pd.DataFrame) -> Batch:
    """The events of a frame. A rejected row's line is written anew, its number is the row's from 1."""
    check_columns(source, list(frame.columns), "the frame")
    said = frame.astype(object).where(frame.notna(), "").astype(str)
    rows = list(said.itertuples(index=False, name=None))
    lines = [(i, source.delimiter.join(row).encode()) for i, row in enumerate(rows, start=1)]
    return _converted(source, list(frame.columns), lines, rows)


def _as_it_stands(row: RejectedRow, source: Source) -> Position:
    """Where a row does not say its time, it goes before all others."""
    return Position(row.time_ms or 0, row.technician or source.name, row.line, None)


def _batch(source: Source, header: Sequence[str], numbered: Sequence[tuple[int, bytes]]) -> Batch:
    whole, rows, rejected = [], [], []
    for number, line in numbered:
        row = fields_of(source, line)
        if isinstance(row, str):
            rejected.append(RejectedRow(number, line, Rejection("malformed", row)))
        elif row and len(row) != len(header):
            why = f"{len(row)} fields where the header has {len(header)}"
            rejected.append(RejectedRow(number, line, Rejection("malformed", why)))
        elif row:
            whole.append((number, line))
            rows.append(row)
    batch = _converted(source, header, whole, rows)
    return Batch(batch.events, sorted(rejected + batch.rejected, key=lambda row: row.number))


def _converted(
    source: Source, header: Sequence[str], lines: Sequence[tuple[int, bytes]], rows: Sequence[Sequence[str]]
) -> Batch:
    """Rows with the header's number of fields, all columns at once."""
    if not rows:
        return Batch([], [])
    table = dict(zip(header, zip(*rows, strict=True), strict=True))
    said: dict[str, Column] = {}
    wrong: dict[int, str] = {}
    for ours, theirs, column in _columns(source, table):
        said[FIELDS.get(ours, ours)] = column
        for i in column.bad.nonzero()[0].tolist():
            wrong.setdefault(i, f"{theirs} is {table[theirs][i]!r}; needed is {column.need}"[:300])
    rejected = [
        RejectedRow(*lines[i], Rejection("malformed", why), said["technician"].at(i), said["time_ms"].at(i))
        for i, why in sorted(wrong.items())
    ]
    return Batch(_events(source, said, wrong), rejected)


def _events(source: Source, said: Mapping[str, Column], wrong: Mapping[int, str]) -> list[Ping | Status]:
    kind, more = (Status, {}) if "status" in said else (Ping, {"source": source.name or None})
    rows = enumerate(zip(*(column.values for column in said.values()), strict=True))
    return [kind(**dict(zip(said, row, strict=True)), **more) for i, row in rows if i not in wrong]


def _columns(source: Source, table: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, Column]]:
    """Our name of a column, the file's, and what stands in it."""
    missing = {"", *source.missing}
    used = source.columns.used()
    wanted = STATUS_COLUMNS if "status" in used else PING_COLUMNS
    for ours, theirs in used.items():
        if ours in wanted:
            stripped = (text.strip() for text in table[theirs])
            texts = pd.Series(["" if text in missing else text for text in stripped], dtype=object)
            yield ours, theirs, _column(source, ours, texts)


def _column(source: Source, ours: str, texts: Any) -> Column:
    units = source.units
    match ours:
        case "technician":
            return columns.names(texts, source.technician_prefix, required=True)
        case "time":
            return columns.times(texts, units.time, units.zone)
        case "lat":
            return columns.numbers(texts, -90, 90, required=True)
        case "lon":
            return columns.numbers(texts, -180, 180, required=True)
        case "speed":
            return columns.numbers(texts, 0, 1e4, factor=SPEEDS[units.speed or "mps"])
        case "heading":
            return columns.numbers(texts, 0, 360)
        case "accuracy":
            return columns.numbers(texts, 0, 1e7, factor=LENGTHS[units.accuracy])
        case "seq":
            return columns.integers(texts, 0, 2**63 - 1)
        case "appointment":
            return columns.names(texts)
        case "status":
            meanings = source.statuses or dict(zip(STATUSES, STATUSES, strict=True))
            return columns.words(texts, meanings, required=True)
    return columns.words(texts, _FLAGS)
