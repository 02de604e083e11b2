"""The lines of CSV files, plain or gzip, and the fields of a line. No line takes another with it."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from streams.errors import BadInput
from streams.source_config import Source


def header_of(source: Source, path: Path, lines: Iterator[tuple[int, bytes]]) -> list[str]:
    _, first = next(lines, (0, b""))
    if not first.strip():
        raise BadInput(f"{path} is empty; the first line must name the columns")
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{path} is UTF-16; convert it, e.g. with iconv -f utf-16 -t utf-8")
    fields = fields_of(source, first.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(fields, str):
        raise BadInput(f"the first line of {path} can't be read: {fields}")
    header = [name.strip() for name in fields]
    check_columns(source, header, str(path))
    return header


def check_columns(source: Source, header: Sequence[str], where: str) -> None:
    """Raises `BadInput`."""
    for ours, theirs in source.columns.used().items():
        if header.count(theirs) == 1:
            continue
        problem = "several columns" if theirs in header else "no column"
        raise BadInput(
            f"{where} has {problem} {theirs!r}, which columns.{ours} of source {source.name!r} names; "
            f"it has {', '.join(map(repr, header))}: mend configs/sources/{source.name}.toml "
            "or take another --source"
        )


def lines_of(file: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        for line in file:
            yield line.rstrip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path} is broken: {error}") from error


def opened(path: Path) -> IO[bytes]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return gzip.open(path) if packed else path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}; name a CSV file, plain or gzip") from error


def fields_of(source: Source, line: bytes) -> list[str] | str:
    """The fields of a line, none where it is empty; a text says why it has none that can be read."""
    try:
        text = line.decode(source.encoding)
    except UnicodeDecodeError as error:
        return f"not {source.encoding}: byte 0x{line[error.start]:02x} at {error.start}"
    if not text.strip():
        return []
    if '"' not in text:
        return text.split(source.delimiter)
    try:
        return next(csv.reader([text], delimiter=source.delimiter, strict=True))
    except csv.Error as error:
        return f"not CSV: {error}"
