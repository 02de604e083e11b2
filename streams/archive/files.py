"""The files of one topic's partition: data files, and the position up to which they are complete.

`<folder>/date=<date>/kind=<kind>/<topic>-<partition>-<first>-<last>.parquet` has the rows of a stretch of
offsets. `<folder>/.positions/<topic>-<partition>.json` is renamed into its place after them; data files that
reach beyond it were left by a crash, and are removed when the partition is opened. So every row is there
once, whatever ends the writer. Names that begin with a dot are read by nobody.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from features.events import Cause
from streams.archive.kinds import schema
from streams.archive.rows import Place, Row
from streams.errors import Fenced, StoreUnavailable

Batches = Mapping[Place, Sequence[Row]]
Write = Callable[[Path], object]


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
        """The mark, after what a crash has left beyond it is removed."""
        with _writing(self._mark), self._locked():
            mark = self._read()
            for path in self._data():
                if _last(path) >= (mark.position or 0):
                    path.unlink()
            return mark

    def mark(self) -> Mark:
        with _writing(self._mark):
            return self._read()

    def append(self, expected: Mark, batches: Batches, mark: Mark) -> None:
        """Write rows and move the mark. Raises `Fenced` where another writer has moved it."""
        with _writing(self._folder), self._locked():
            found = self._read()
            if found.position != expected.position:
                raise Fenced(
                    f"archive of {self._stem}: its position is {found.position}, not {expected.position}; "
                    "another worker writes it"
                )
            for (date, kind), rows in batches.items():
                self._write(date, kind, rows)
            _replace(self._mark, lambda path: _write_bytes(path, msgspec.json.encode(mark)))

    def _write(self, date: str, kind: str, rows: Sequence[Row]) -> None:
        name = f"{self._stem}-{rows[0]['offset']}-{rows[-1]['offset']}.parquet"
        path = self._folder / f"date={date}" / f"kind={kind}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist(list(rows), schema=schema(kind))
        _replace(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))

    def _read(self) -> Mark:
        try:
            return msgspec.json.decode(self._mark.read_bytes(), type=Mark)
        except FileNotFoundError:
            return Mark()

    def _data(self) -> Iterator[Path]:
        return self._folder.glob(f"date=*/kind=*/{self._stem}-*-*.parquet")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, whatever process it is in."""
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        with self._mark.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _last(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _replace(path: Path, write: Write) -> None:
    """Whole or not at all, also where the power goes."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        write(temporary)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


@contextmanager
def _writing(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            f"the archive can't be written at {where} ({error.strerror or error}); "
            "free some space or set archive.folder to a folder that can be written"
        ) from error
