"""Chunks for agents, without a broker."""

from collections.abc import Sequence

import msgspec

from streams.chunks import Chunk


class Record(msgspec.Struct, frozen=True):
    """A record as it was read."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def record(
    offset: int, event: msgspec.Struct | bytes, key: bytes | None = b"key", timestamp: int = 0
) -> Record:
    value = event if isinstance(event, bytes) else msgspec.json.encode(event)
    return Record(offset, timestamp, key, value)


def chunk(records: Sequence[Record], topic: str = "topic", partition: int = 0) -> Chunk:
    return Chunk(topic, partition, records)
