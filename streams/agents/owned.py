"""The partitions of one log that a worker owns, and what it holds of each while it does."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from features.events import Tick
from streams.chunks import Chunk
from streams.chunks.agent import ReadRecord
from streams.codec import encode
from streams.ports import Message, Outbox


class Holding(Protocol):
    """What is held of a partition: at least the next offset to read, None where nothing is stored."""

    position: int | None


class Forgetting(Protocol):
    """A store that keeps something in memory of the partitions that it was asked for."""

    def forget(self, partition: int) -> None: ...


H = TypeVar("H", bound=Holding)


class Owner(Generic[H]):
    """The part of a `ChunkAgent` that is the same for all whose states lie in a store, by partition."""

    def __init__(self, topic: str, store: Forgetting, outbox: Outbox) -> None:
        self._topic, self._outbox = topic, outbox
        self._held: dict[int, H] = {}
        self._owned: set[int] = set()
        self._forgetting = store

    async def assigned(self, partitions: set[int]) -> None:
        """Forget what an earlier ownership left: another worker may have moved on since."""
        await self.revoked(partitions)
        self._owned |= partitions

    async def revoked(self, partitions: set[int]) -> None:
        self._owned -= partitions
        for partition in partitions:
            self._held.pop(partition, None)
            self._forgetting.forget(partition)

    async def tick(self, now_ms: int) -> None:
        """Say the time on every partition that this worker owns, also where nothing else comes in."""
        value = encode(Tick(time_ms=now_ms))
        await self._outbox.send(
            [Message(self._topic, None, value, partition, now_ms) for partition in sorted(self._owned)]
        )


def unread(chunk: Chunk, held: Holding) -> Sequence[ReadRecord]:
    """The records of a chunk that the stored state has not taken in yet."""
    return [record for record in chunk.records if held.position is None or record.offset >= held.position]
