"""Records as aiokafka's parser makes them, without the copy that aiokafka then makes of each.

The copy is a frozen dataclass of eleven fields; making it takes longer than everything else that happens
to a record on its way to an agent. The parser's own records have all that an agent reads.

The parser gives up where the name of a header is not UTF-8, and would do so for ever: Kafka takes any bytes there.
Then what was fetched is read again by aiokafka's parser in Python, from the record on at which the first one
gave up, and such bytes are spelled out.
"""

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_BATCH = struct.Struct(">qi")
"""Of each batch the first offset, and the bytes that follow this."""


class FetchedRecords:
    """aiokafka's reader of fetched bytes, which keeps them."""

    def __init__(self, fetched: bytes) -> None:
        self._fetched = fetched
        records = MemoryRecords(fetched)
        self.has_next, self.next_batch = records.has_next, records.next_batch
        self.size_in_bytes = records.size_in_bytes

    def leniently_from(self, offset: int) -> "LenientRecords":
        return LenientRecords(self._fetched, offset)


class LenientRecords:
    """The batches that hold records from `offset` on. They are of the format that has headers."""

    def __init__(self, fetched: bytes, offset: int) -> None:
        batches = map(LenientBatch, _slices(fetched))
        self._left = [batch for batch in batches if batch.next_offset > offset]

    def has_next(self) -> bool:
        return bool(self._left)

    def next_batch(self) -> "LenientBatch":
        return self._left.pop(0)


class LenientBatch(_DefaultRecordBatchPy):
    """Reads header names that are not UTF-8, with a backslash for each byte that is none."""

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Spelled(self._buffer)


class _Spelled(bytearray):
    """Bytes of which every slice can be read as text."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Spelled(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class PlainRecords(fetcher.PartitionRecords):
    """aiokafka's reader of one partition's fetched batches."""

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            # Batches that are done are left out: they would turn the place of reading back.
            self._records = self._records.leniently_from(self.next_fetch_offset)
            yield from super()._unpack_records()

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        return record


def install() -> None:
    """For all consumers of this process: aiokafka names the classes at one place, and has no setting for them."""
    fetcher.PartitionRecords = PlainRecords
    fetcher.MemoryRecords = FetchedRecords


def _slices(fetched: bytes) -> Iterator[bytes]:
    """Each whole batch. The last one may have been cut off by the limit of a fetch."""
    begin = 0
    while begin + _BATCH.size <= len(fetched):
        _, length = _BATCH.unpack_from(fetched, begin)
        end = begin + _BATCH.size + length
        if end > len(fetched):
            return
        yield fetched[begin:end]
        begin = end
