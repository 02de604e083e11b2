"""Dead letters: what nobody can process, kept with its original bytes so that it can be replayed.

The value is the original message verbatim, the key its source topic; everything else is in headers.
A worker that restarts may send a letter again: it is the same letter where topic, partition and
offset are the same.
"""

from typing import Protocol

import msgspec

from features.rejection import Rejection
from streams.ports import Message


class Received(Protocol):
    """A record as every Kafka client here hands it out."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> "tuple[tuple[str, bytes], ...] | list[tuple[str, bytes]]": ...


OUTSIDE = -1
"""The partition of what never stood on the log."""


class Source(msgspec.Struct, frozen=True, order=True):
    """Where a letter's message stood, or through which door it came in and was turned away at once.

    Of the latter the topic is the one that it was meant for, the partition `OUTSIDE`, the offset the time of
    receipt in milliseconds, and `door` says which door, the place there, and a hash of the bytes.
    """

    topic: str
    partition: int
    offset: int
    door: str = ""

    @property
    def outside(self) -> bool:
        return self.partition == OUTSIDE

    def __str__(self) -> str:
        if self.outside:
            return f"{self.topic}, by {self.door}"
        return f"{self.topic}:{self.partition}:{self.offset}"


class DeadLetter(msgspec.Struct, frozen=True):
    """`offset` is the letter's own place in the dead-letter topic's `partition`."""

    partition: int
    offset: int
    source: Source
    reason: str
    detail: str
    received_ms: int
    key: bytes | None
    value: bytes | None
    replayed: bool = False
    """Was itself a letter once, was replayed and rejected again."""


_ABSENT = b"\x00absent"
REPLAYED = "replayed"
DOOR = "door"


def dead_letter(topic: str, source: str, partition: int, record: Received, rejection: Rejection) -> Message:
    """The message that keeps `record` of `source` on the dead-letter `topic`."""
    headers = (
        ("reason", rejection.reason.encode()),
        ("detail", rejection.detail.encode(errors="backslashreplace")[:1000]),
        ("topic", source.encode()),
        ("partition", str(partition).encode()),
        ("offset", str(record.offset).encode()),
        ("timestamp_ms", str(record.timestamp).encode()),
        ("key", _ABSENT if record.key is None else record.key),
        # Kafka takes a null value as a tombstone: said apart, so that it comes back as null.
        ("null", b"1" if record.value is None else b"0"),
        *((name, value) for name, value in record.headers if name in (REPLAYED, DOOR)),
    )
    return Message(topic, source.encode(), record.value or b"", None, record.timestamp, headers)


def read(partition: int, record: Received) -> DeadLetter:
    """The letter in a record of the dead-letter topic. Raises `KeyError` where a header is missing."""
    headers = dict(record.headers)
    door = headers.get(DOOR, b"").decode(errors="replace")
    source = Source(headers["topic"].decode(), int(headers["partition"]), int(headers["offset"]), door)
    return DeadLetter(
        partition,
        record.offset,
        source,
        headers["reason"].decode(),
        headers["detail"].decode(errors="replace"),
        int(headers["timestamp_ms"]),
        None if headers["key"] == _ABSENT else headers["key"],
        None if headers["null"] == b"1" else record.value,
        REPLAYED in headers,
    )


def once(letters: "list[DeadLetter]") -> list[DeadLetter]:
    """Each letter once, in the order of their sources."""
    return sorted({letter.source: letter for letter in letters}.values(), key=lambda letter: letter.source)


def replayed(letter: DeadLetter) -> Message:
    """The original message on its way back to where it came from."""
    at = f"{letter.partition}:{letter.offset}".encode()
    return Message(
        letter.source.topic,
        letter.key,
        letter.value,
        letter.source.partition,
        letter.received_ms,
        ((REPLAYED, at),),
    )
