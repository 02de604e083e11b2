"""Dead letters: what nobody can process, kept with its original bytes so that it can be replayed.

The value is the original message verbatim, the key its source topic; everything else is in headers. Of a
message that is too large for the topic the beginning is kept, marked as `truncated`; it can't be replayed.
A worker that restarts may send a letter again: it is the same letter where topic, partition and
offset are the same. That a letter was sent back is noted on the same topic, in a record of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Protocol

import msgspec

from features.rejection import Rejection
from streams.errors import BadInput
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
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Found(Received, Protocol):
    """A record with the partition that it was read from."""

    @property
    def partition(self) -> int: ...


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
    sent_back: bool = False
    truncated: bool = False
    """Not whole: it was too large, and only the beginning is kept."""

    @property
    def id(self) -> str:
        """What people call it: its place among the dead letters."""
        return f"{self.partition}:{self.offset}"


UNREADABLE = "unreadable"
"""The reason of a letter whose headers don't say where it came from: it can be looked at, not sent back."""
REPLAYED = "replayed"
DOOR = "door"
SENT_BACK = "sent_back"
TRUNCATED = "truncated"
KEPT_BYTES = 1_048_576
"""Of a value. With key and headers it stays below what the dead-letter topic takes."""
KEPT_KEY_BYTES = 524_288
DETAIL_BYTES = 1000

NOT_WHOLE = "only its beginning is kept, because it was too large; its detail says where the original is"

_ABSENT = b"\x00absent"
_PLACE = ("topic", "partition", "offset")


def dead_letter(
    topic: str, source: str, partition: int, record: Received, rejection: Rejection, *, cut: bool = False
) -> Message:
    """The message that keeps `record` of `source` on the dead-letter `topic`, as much as fits there.

    `cut`: of the value only the beginning came in, which the rejection says already.
    """
    key, value = record.key, record.value or b""
    # A compressed record that the broker took may be of any size when it is unpacked.
    beyond = len(value) > KEPT_BYTES or len(key or b"") > KEPT_KEY_BYTES
    note = _what_is_kept(Source(source, partition, record.offset), key or b"", value) if beyond else b""
    detail = rejection.detail.encode(errors="backslashreplace")[: DETAIL_BYTES - len(note)] + note
    headers = (
        ("reason", rejection.reason.encode()),
        ("detail", detail),
        ("topic", source.encode()),
        ("partition", str(partition).encode()),
        ("offset", str(record.offset).encode()),
        ("timestamp_ms", str(record.timestamp).encode()),
        ("key", _ABSENT if key is None else key[:KEPT_KEY_BYTES]),
        # Kafka takes a null value as a tombstone: said apart, so that it comes back as null.
        ("null", b"1" if record.value is None else b"0"),
        *(((TRUNCATED, b"1"),) if beyond or cut else ()),
        *carried(record.headers),
    )
    return Message(topic, source.encode(), value[:KEPT_BYTES], None, record.timestamp, headers)


def carried(headers: Iterable[tuple[str, bytes | None]]) -> tuple[tuple[str, bytes], ...]:
    """Of a record's headers those that its letter has as well; anybody may have written them, and null into them."""
    return tuple(
        (name, value[:DETAIL_BYTES])
        for name, value in dict(headers).items()
        if name in (REPLAYED, DOOR) and value is not None
    )


def _what_is_kept(source: Source, key: bytes, value: bytes) -> bytes:
    """What a person needs to know of a letter that is not whole."""
    parts = [
        f"only the first {most} of {len(data)} bytes of the {name} are kept, SHA-256 {sha256(data).hexdigest()}"
        for name, data, most in (("key", key, KEPT_KEY_BYTES), ("value", value, KEPT_BYTES))
        if len(data) > most
    ]
    return f"; {'; '.join(parts)}; the original is at {source}".encode()


def read(partition: int, record: Received) -> DeadLetter:
    """The letter in a record of the dead-letter topic; `UNREADABLE` where somebody else wrote it."""
    headers = dict(record.headers)
    try:
        return DeadLetter(
            partition,
            record.offset,
            _source(headers),
            headers["reason"].decode(),
            headers["detail"].decode(errors="replace"),
            int(headers["timestamp_ms"]),
            None if headers["key"] == _ABSENT else headers["key"],
            None if headers["null"] == b"1" else record.value,
            REPLAYED in headers,
            truncated=TRUNCATED in headers,
        )
    except KeyError as error:
        return _unreadable(partition, record, f"without the header {error.args[0]!r}")
    except (ValueError, AttributeError) as error:
        return _unreadable(partition, record, f"with a header that can't be read ({error})")


def read_all(records: Iterable[Found]) -> list[DeadLetter]:
    """All letters on the topic, each once, as they came; those that were sent back are marked."""
    letters: dict[Source, DeadLetter] = {}
    for record in records:
        if is_note(record):
            _mark(letters, record)
            continue
        letter = read(record.partition, record)
        # Again from a worker that was restarted: still the same letter, under its first id.
        if letter.source.outside or letter.source not in letters:
            letters[letter.source] = letter
    return sorted(letters.values(), key=lambda letter: (letter.partition, letter.offset))


def once(letters: "list[DeadLetter]") -> list[DeadLetter]:
    """Each letter once, in the order of their sources."""
    return sorted({letter.source: letter for letter in letters}.values(), key=lambda letter: letter.source)


def check_whole(letter: DeadLetter) -> None:
    """Raises `BadInput` where only the beginning of the message is kept: that is another message."""
    if letter.truncated:
        raise BadInput(f"dead letter {letter.id} can't be sent back: {NOT_WHOLE}")


def replayed(letter: DeadLetter) -> Message:
    """The original message on its way back to where it came from. Raises `BadInput` where it isn't whole."""
    check_whole(letter)
    return Message(
        letter.source.topic,
        letter.key,
        letter.value,
        letter.source.partition,
        letter.received_ms,
        ((REPLAYED, letter.id.encode()),),
    )


def sent_back(record: Received) -> bool:
    """Whether a record was a dead letter that somebody sent back: then it is no repetition."""
    return bool(record.headers) and any(name == REPLAYED for name, _ in record.headers)


def note(topic: str, letter: DeadLetter) -> Message:
    """The record on the dead-letter `topic` that says that this letter was sent back."""
    source = letter.source
    headers = (
        (SENT_BACK, letter.id.encode()),
        ("topic", source.topic.encode()),
        ("partition", str(source.partition).encode()),
        ("offset", str(source.offset).encode()),
        *(((DOOR, source.door.encode()),) if source.door else ()),
    )
    return Message(topic, source.topic.encode(), b"", None, letter.received_ms, headers)


def is_note(record: Received) -> bool:
    """Whether a record on the dead-letter topic says that a letter was sent back, and is none itself."""
    return any(name == SENT_BACK for name, _ in record.headers)


def _mark(letters: dict[Source, DeadLetter], record: Received) -> None:
    """A letter that came after the one that was sent back has taken its place, and waits."""
    headers = dict(record.headers)
    try:
        source, offset = _source(headers), int(headers[SENT_BACK].partition(b":")[2])
    except (KeyError, ValueError, AttributeError):
        return
    letter = letters.get(source)
    if letter is not None and letter.offset <= offset:
        letters[source] = msgspec.structs.replace(letter, sent_back=True)


def _source(headers: Mapping[str, bytes]) -> Source:
    topic, partition, offset = (headers[name].decode() for name in _PLACE)
    return Source(topic, int(partition), int(offset), headers.get(DOOR, b"").decode(errors="replace"))


def _unreadable(partition: int, record: Received, why: str) -> DeadLetter:
    at = Source("(unknown)", partition, record.offset)
    return DeadLetter(
        partition, record.offset, at, UNREADABLE, why, record.timestamp, record.key, record.value
    )
