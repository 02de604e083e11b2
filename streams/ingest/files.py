"""The door for files: events as JSON lines, plain or gzip, from a file or standard input."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

import msgspec

from streams.errors import BadInput, BrokerUnavailable
from streams.ingest.door import MAX_LETTER_BYTES, Door, Taken
from streams.ports import Message

FLUSH_EVERY = 5_000
"""Lines between two confirmations by Kafka: what an interrupted file has to send again at most."""
EXAMPLES = 5
PROGRESS_EVERY = 200
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Writer(Protocol):
    """Where messages go, in order. Both calls may block and raise `BrokerUnavailable`."""

    def send(self, message: Message) -> None: ...

    def flush(self) -> None:
        """Returns when the broker has all of them."""
        ...


class BadLine(msgspec.Struct, frozen=True):
    """A rejected line. Lines count from 1."""

    number: int
    reason: str
    detail: str


class Report(msgspec.Struct):
    """What became of a file's lines. `bad_lines` are the first few that were rejected."""

    sent: int
    rejected: dict[str, int]
    bad_lines: list[BadLine]

    def add(self, number: int, taken: Taken) -> None:
        if taken.rejection is None:
            self.sent += 1
            return
        reason = taken.rejection.reason
        self.rejected[reason] = self.rejected.get(reason, 0) + 1
        if len(self.bad_lines) < EXAMPLES:
            self.bad_lines.append(BadLine(number, reason, taken.rejection.detail))


class Source(msgspec.Struct, frozen=True):
    """An open file of JSON lines. `size_bytes` and `done_bytes` are before unpacking; a pipe has no size."""

    name: str
    lines: BinaryIO
    size_bytes: int | None
    done_bytes: Callable[[], int]


@contextmanager
def opened(path: Path | None, standard_input: IO[bytes]) -> Iterator[Source]:
    """The file, or standard input for None. Raises `BadInput` where it can't be read."""
    if path is None:
        yield _source("standard input", cast(BufferedReader, standard_input), None)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    with file:
        yield _source(str(path), file, path.stat().st_size if path.is_file() else None)


def send(
    door: Door, source: Source, writer: Writer, now_ms: Callable[[], int], progress: Callable[[int], None]
) -> Report:
    """Send every line through the door, and wait until Kafka has all.

    Raises `BadInput` where the file is not JSON lines or is broken, and `BrokerUnavailable`, which says from
    which line on to send again.
    """
    report, safe = Report(0, {}, []), 0
    try:
        for number, line in numbered(source):
            taken = door.take(line, number, now_ms())
            writer.send(taken.message)
            report.add(number, taken)
            if number % PROGRESS_EVERY == 0:
                progress(source.done_bytes())
            if number - safe >= FLUSH_EVERY:
                writer.flush()
                safe = number
        writer.flush()
    except BrokerUnavailable as error:
        raise BrokerUnavailable(f"{error} Of {source.name}, send line {safe + 1} and on again") from error
    except BadInput:
        writer.flush()
        raise
    return report


def numbered(source: Source) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers from 1. Of a huge line only what is kept of it."""
    first = True
    try:
        for number, line in enumerate(_lines(source.lines), start=1):
            if not line:
                continue
            if first and line.removeprefix(BYTE_ORDER_MARK).startswith(b"["):
                raise _array(source.name)
            first = False
            yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{source.name} is broken: {error}; what could be unpacked has been sent") from error


def _array(name: str) -> BadInput:
    return BadInput(
        f"{name} begins with '[': one event a line is read; `jq -c '.[]'` makes lines of a JSON array"
    )


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines without the space around them, cut after `MAX_LETTER_BYTES`: no line fills the memory."""
    while line := file.readline(MAX_LETTER_BYTES + 1):
        rest = line
        while len(rest) > MAX_LETTER_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LETTER_BYTES + 1)
        yield line.strip()


def _source(name: str, file: BufferedReader, size_bytes: int | None) -> Source:
    packed = file.peek(len(GZIP)).startswith(GZIP)
    lines = gzip.GzipFile(fileobj=file) if packed else file
    done_bytes = file.tell if size_bytes is not None else lambda: 0
    return Source(name, cast(BinaryIO, lines), size_bytes, done_bytes)
