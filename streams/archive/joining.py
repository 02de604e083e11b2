"""Several Parquet files in one: which fit together, and their rows after one another."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from streams.archive.disk import sync

GROUP_ROWS = 50_000
GROUP_BYTES = 64 * 1024 * 1024
"""What is read before it is written as one row group: it bounds the memory."""


def fitting(files: Sequence[Path], most_bytes: int) -> list[Path]:
    """The first files of one schema that together have at most so many bytes; none where there are no two.

    Those of another version of the schema go into a file of their own: so no column is lost or changed. A file
    that has half of the bytes is large enough, and isn't written again for the sake of a few late rows.
    """
    groups: dict[str, list[Path]] = {}
    sizes: dict[str, int] = {}
    for path in files:
        size = path.stat().st_size
        if size * 2 >= most_bytes:
            continue
        schema = str(pq.read_schema(path))
        if sizes.get(schema, 0) + size > most_bytes:
            return groups[schema]
        groups.setdefault(schema, []).append(path)
        sizes[schema] = sizes.get(schema, 0) + size
    return max((group for group in groups.values() if len(group) >= 2), key=len, default=[])


def join(sources: Sequence[Path], into: Path) -> None:
    """Write the rows of files of one schema into another one, and have it safe on the disk."""
    expected = 0
    with pq.ParquetWriter(into, pq.read_schema(sources[0]), compression="zstd") as writer:
        for table in _row_groups(sources):
            writer.write_table(table)
            expected += table.num_rows
    sync(into)
    # What they are replaced by is the only copy: better asked twice.
    there, were = _rows(into), sum(map(_rows, sources))
    if not there == expected == were:
        raise pa.ArrowInvalid(f"{into} has {there} rows, the files that it was made of have {were}")


def _row_groups(sources: Sequence[Path]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for source in sources:
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(batch_size=GROUP_ROWS):
                held.append(batch)
                if _is_enough(held):
                    yield pa.Table.from_batches(held)
                    held = []
    if held:
        yield pa.Table.from_batches(held)


def _is_enough(held: Sequence[pa.RecordBatch]) -> bool:
    rows, size = sum(batch.num_rows for batch in held), sum(batch.nbytes for batch in held)
    return rows >= GROUP_ROWS or size >= GROUP_BYTES


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)
