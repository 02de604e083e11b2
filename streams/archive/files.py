"""The files of one topic's partition: data files, and the position up to which they are complete.

`<folder>/date=<date>/kind=<kind>/<topic>-<partition>-<first>-<last>.parquet` has the rows of a stretch of
offsets. `<folder>/.positions/<topic>-<partition>.json` is renamed into its place after them; data files that
reach beyond it were left by a crash, and are removed when the partition is opened. So every row is there
once, whatever ends the writer. Names that begin with a dot are read by nobody. `compaction.py` merges the files
of dates that are over, up to the marks.

The date is that of the event's own time, so that late events and replayed days stand with their day; and in UTC,
so that an event has the same date whoever archives it: a day has 24 hours there, and no time zone that
somebody could set otherwise. A local day lies in one or two dates next to each other.
"""

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from features.events import Cause
from streams.archive.disk import replace_bytes, replace_whole, writing
from streams.archive.kinds import schema
from streams.archive.rows import Place, Row
from streams.errors import BadInput, Fenced

Batches = Mapping[Place, Sequence[Row]]


class Mark(msgspec.Struct, frozen=True):
    """The next offset to archive, None before the first; the last cause seen from each source partition."""

    position: int | None = None
    seen: dict[str, Cause] = {}


class PartitionFiles:
    """Of one partition. All methods block, and raise `StoreUnavailable` where the disk refuses."""

    def __init__(self, folder: Path, topic: str, partition: int) -> None:
        self._folder, self._stem = folder, f"{topic}-{partition}"
        self._mark = folder / ".positions" / f"{self._stem}.json"

    def opened(self) -> Mark:
        """The mark, after what a crash has left beyond it is removed.

        Raises `BadInput` where it is behind what has been merged: it was lost or set back, and what it would
        have archived again is there already.
        """
        with writing(self._mark), self._locked():
            mark = self._read()
            self._check(mark)
            for path in self._data():
                if _last(path) >= (mark.position or 0):
                    path.unlink()
            return mark

    def append(self, expected: Mark, batches: Batches, mark: Mark) -> None:
        """Write rows and move the mark. Raises `Fenced` where another writer has moved it."""
        with writing(self._folder), self._locked():
            found = self._read()
            if found.position != expected.position:
                raise Fenced(
                    f"archive of {self._stem}: its position is {found.position}, not {expected.position}; "
                    "another worker writes it"
                )
            for (date, kind), rows in batches.items():
                self._write(date, kind, rows)
            replace_bytes(self._mark, msgspec.json.encode(mark))

    def _write(self, date: str, kind: str, rows: Sequence[Row]) -> None:
        name = f"{self._stem}-{rows[0]['offset']}-{rows[-1]['offset']}.parquet"
        path = self._folder / f"date={date}" / f"kind={kind}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist(list(rows), schema=schema(kind))
        replace_whole(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))

    def _read(self) -> Mark:
        return mark_of(self._folder, self._stem)

    def _check(self, mark: Mark) -> None:
        reached = merged_up_to(self._folder).get(self._stem, -1)
        if reached >= (mark.position or 0):
            raise BadInput(
                f"{self._mark} says that {self._stem} is archived up to offset {mark.position or 0}, but there are "
                f"merged files up to {reached}: put the mark back that was there, or set archive.folder to another "
                "folder"
            )

    def _data(self) -> Iterator[Path]:
        return self._folder.glob(f"date=*/kind=*/{self._stem}-*-*.parquet")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, whatever process it is in."""
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        with self._mark.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def mark_of(folder: Path, stem: str) -> Mark:
    """The mark of `<topic>-<partition>`."""
    try:
        return msgspec.json.decode((folder / ".positions" / f"{stem}.json").read_bytes(), type=Mark)
    except FileNotFoundError:
        return Mark()


def merged_up_to(folder: Path) -> dict[str, int]:
    """The last offset of each `<topic>-<partition>` that stands, or is about to, in a merged file."""
    try:
        return msgspec.json.decode(_merged(folder).read_bytes(), type=dict[str, int])
    except FileNotFoundError:
        return {}


def note_merged(folder: Path, reached: Mapping[str, int]) -> None:
    """Raise what `merged_up_to` says to these offsets."""
    before = merged_up_to(folder)
    after = before | {stem: max(last, before.get(stem, -1)) for stem, last in reached.items()}
    if after != before:
        replace_bytes(_merged(folder), msgspec.json.encode(after))


def _merged(folder: Path) -> Path:
    return folder / ".positions" / "merged.json"


def _last(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])
