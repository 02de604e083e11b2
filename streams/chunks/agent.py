"""What flows into an agent, and what the transport asks of it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Protocol

import msgspec


class ReadRecord(Protocol):
    """One record as it was read. `timestamp` is Unix milliseconds."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Chunk(msgspec.Struct, frozen=True, eq=False):
    """All records that one fetch brought for one partition, in the order of the log; at least one.

    `reading` numbers the times that reading of the partition has begun anew: a chunk of an earlier
    reading is stale and never reaches an agent.
    """

    topic: str
    partition: int
    records: Sequence[ReadRecord]
    reading: int = 0

    @property
    def next_offset(self) -> int:
        """The position after this chunk."""
        return self.records[-1].offset + 1

    def at(self, offset: int) -> ReadRecord:
        """The record of an offset. Offsets rise, but not always by one: compaction leaves gaps."""
        return self.records[bisect_left(self.records, offset, key=attrgetter("offset"))]


class ChunkAgent(Protocol):
    """Everything is called on one event loop, one call at a time but for `tick`.

    `StoreUnavailable` and `BrokerUnavailable` from any but `revoked` are waited out: the call is made again.
    Any other error but `Fenced` is a bug: it is logged, the chunk isn't acknowledged, the worker stops.
    """

    async def assigned(self, partitions: set[int]) -> None:
        """These partitions are ours from now on. May be cancelled, and may be called again for the same ones."""
        ...

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Stored next offsets, asked after `assigned`; reading begins there. Absent: where the group is."""
        ...

    async def process(self, chunk: Chunk) -> None:
        """Returns when all that the chunk changes is safe. Raises `Fenced` where another worker owns it.

        May be cancelled, and then or after `Fenced` the partition is revoked and assigned again.
        """
        ...

    async def revoked(self, partitions: set[int]) -> None:
        """These partitions aren't ours any more: drop what is held of them."""
        ...

    async def tick(self, now_ms: int) -> None:
        """Called every `WorkerOptions.tick_every_s` by the wall clock, where that is set."""
        ...
