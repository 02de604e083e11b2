"""An archive of small files, what a reader finds in it, and a disk on which a process dies."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from features.events import Cause, Ping
from streams.archive import disk, joining
from streams.archive.compaction import Compaction
from streams.archive.files import Mark, PartitionFiles, mark_of
from streams.archive.kinds import decoder
from streams.archive.params import ArchiveParams
from streams.archive.reading import read
from streams.archive.rows import Place, Row, row
from tests.support.chunks import record

AT_MS = 1_773_756_000_000
DAY_MS = 86_400_000
LATER_S = 4_000_000_000.0
"""A wall clock by which everything has been quiet for long."""


def rows(first: int, count: int, day: int = 0) -> dict[Place, list[Row]]:
    made: dict[Place, list[Row]] = {}
    for offset in range(first, first + count):
        ping = Ping(technician=f"t{offset}", time_ms=AT_MS + day * DAY_MS, lat=1.0, lon=2.0)
        place, one, _ = row("technicians", 0, record(offset, ping, timestamp=AT_MS), decoder("technicians"))
        made.setdefault(place, []).append(one)
    return made


def append(folder: Path, count: int, day: int = 0, partition: int = 0) -> None:
    """One more file of so many pings, and the mark behind it."""
    files = PartitionFiles(folder, "technicians", partition)
    before = mark_of(folder, f"technicians-{partition}")
    first = before.position or 0
    batches = rows(first, count, day)
    for made in batches.values():
        for one in made:
            one["partition"] = partition
    files.append(before, batches, Mark(first + count, {"x": Cause("t", 0, first, 0)}))


def grown(folder: Path, files: int = 6, each: int = 10) -> int:
    """Small files of a first day from two partitions, and of a day so much later that the first is over."""
    for n in range(files):
        append(folder, each, 0, n % 2)
    append(folder, each, 5)
    return files * each + each


def compaction(folder: Path, **limits: Any) -> Compaction:
    return Compaction(folder, ArchiveParams(folder=str(folder), **limits))


def ping_folder(folder: Path, day: str = "2026-03-17") -> Path:
    return folder / f"date={day}" / "kind=ping"


def names(folder: Path, day: str = "2026-03-17") -> list[str]:
    return sorted(path.name for path in ping_folder(folder, day).iterdir())


def data(folder: Path) -> list[Path]:
    """The files that a reader of names without a dot finds."""
    return sorted(path for path in folder.glob("date=*/kind=*/*.parquet") if not path.name.startswith("."))


def pings(folder: Path) -> list[tuple[int, int]]:
    """(partition, offset) of what `read` finds."""
    frame = read(folder, "ping")
    return sorted(zip(frame["partition"], frame["offset"], strict=True))


def plainly(folder: Path) -> list[tuple[int, int]]:
    """The same as somebody finds who knows nothing of merges."""
    found: list[tuple[int, int]] = []
    for path in data(folder):
        for one in pq.read_table(path, partitioning=None, columns=["partition", "offset"]).to_pylist():
            found.append((one["partition"], one["offset"]))
    return sorted(found)


class Killed(BaseException):
    """The process is gone: nothing that would tidy up runs any more."""


class Dying:
    """Counts what is done to the disk, and dies before the operation `at`; then nothing is done any more."""

    def __init__(self, at: int | None, before_each: Callable[[], None] = lambda: None) -> None:
        self.done = 0
        self.dead = False
        self._at, self._before_each, self._looking = at, before_each, False

    def __call__(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **more: Any) -> Any:
            if self._looking:
                return operation(*arguments, **more)
            self.look()
            if self.dead or self.done == self._at:
                self.dead = True
                raise Killed
            self.done += 1
            return operation(*arguments, **more)

        return counted

    def look(self) -> None:
        self._looking = True
        try:
            self._before_each()
        finally:
            self._looking = False


@contextmanager
def dying(patch: pytest.MonkeyPatch, one: Dying) -> Iterator[Dying]:
    """Every change of the disk goes through `one`: files written, synced, renamed and removed."""
    places: Sequence[tuple[Any, str]] = (
        (Path, "replace"),
        (Path, "unlink"),
        (Path, "write_bytes"),
        (os, "fsync"),
        (joining, "join"),
        (disk, "sync"),
        (pq.ParquetWriter, "write_table"),
    )
    with patch.context() as patched:
        for where, name in places:
            patched.setattr(where, name, one(getattr(where, name)))
        yield one
