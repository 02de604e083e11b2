"""The archive agent of one topic: take a chunk, make rows, wait for enough of them, write, move the mark.

A disk that refuses is waited for. Until it takes what it has refused, nothing more is taken: a second try under
other names would leave the files of the first beside it.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from features.events import Cause
from features.repeats import is_new
from streams.archive.compaction import Compaction
from streams.archive.files import Mark, PartitionFiles
from streams.archive.kinds import decoder
from streams.archive.params import ArchiveParams
from streams.archive.rows import Place, Row, row
from streams.chunks import Chunk, retrying
from streams.errors import HeadwayError


class Waiting(msgspec.Struct):
    """What this worker holds of a partition that it owns: the mark on disk, and the rows beyond it."""

    files: PartitionFiles
    mark: Mark
    position: int
    seen: dict[str, Cause]
    batches: dict[Place, list[Row]] = {}
    rows: int = 0
    since: float = 0.0
    refused: bool = False
    """A try to write the batches has begun and not succeeded: they must not change."""


class Archive:
    """A `ChunkAgent`. Nothing is acknowledged to others before it is on disk: positions come from there."""

    def __init__(self, topic: str, params: ArchiveParams, compaction: Compaction | None = None) -> None:
        """`topic` without the namespace. `compaction` gets its turn where the time is told."""
        self._topic, self._params, self._decode = topic, params, decoder(topic)
        self._compaction = compaction
        self._waiting: dict[int, Waiting] = {}
        self._turn = asyncio.Lock()

    async def assigned(self, partitions: set[int]) -> None:
        async with self._turn:
            for partition in partitions:
                files = PartitionFiles(Path(self._params.folder), self._topic, partition)
                mark = await asyncio.to_thread(files.opened)
                self._waiting[partition] = Waiting(files, mark, mark.position or 0, dict(mark.seen), {})

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return {partition: self._waiting[partition].position for partition in partitions}

    async def process(self, chunk: Chunk) -> None:
        """Raises `Fenced` where another worker writes this partition."""
        async with self._turn:
            waiting = self._waiting[chunk.partition]
            if waiting.refused:
                await self._write(waiting)
            self._take(waiting, chunk)
            if waiting.rows >= self._params.max_rows or self._old(waiting):
                await self._write(waiting)

    async def revoked(self, partitions: set[int]) -> None:
        """What waits is written if the disk takes it at once; else whoever owns it next reads it again."""
        async with self._turn:
            for partition in partitions:
                waiting = self._waiting.pop(partition, None)
                if waiting is not None:
                    await _at_best(waiting)

    async def tick(self, now_ms: int) -> None:
        """Writes what has waited long enough where nothing new comes in, then merges what there is to merge.

        Raises `StoreUnavailable` instead of waiting: partitions could not be revoked meanwhile.
        """
        async with self._turn:
            for waiting in list(self._waiting.values()):
                if self._old(waiting):
                    await _written(waiting)
        if self._compaction is not None:
            await asyncio.to_thread(self._compaction.step, now_ms / 1000)

    def _take(self, waiting: Waiting, chunk: Chunk) -> None:
        if not waiting.rows:
            waiting.since = time.monotonic()
        for record in chunk.records:
            if record.offset < waiting.position:
                continue
            place, made, cause = row(self._topic, chunk.partition, record, self._decode)
            if cause is None or is_new(waiting.seen, place[1], cause):
                waiting.batches.setdefault(place, []).append(made)
                waiting.rows += 1
            waiting.position = record.offset + 1

    def _old(self, waiting: Waiting) -> bool:
        return bool(waiting.rows) and time.monotonic() - waiting.since >= self._params.flush_after_s

    async def _write(self, waiting: Waiting) -> None:
        await retrying(lambda: _written(waiting), doing=f"archiving {self._topic}")


async def _written(waiting: Waiting) -> None:
    mark = Mark(waiting.position, dict(waiting.seen))
    waiting.refused = True
    await asyncio.to_thread(waiting.files.append, waiting.mark, waiting.batches, mark)
    waiting.mark, waiting.batches, waiting.rows, waiting.refused = mark, {}, 0, False


async def _at_best(waiting: Waiting) -> None:
    if waiting.rows:
        try:
            await _written(waiting)
        except HeadwayError:
            return
