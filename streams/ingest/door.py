"""The one door for events from outside: bytes in, a message for `technicians` or a dead letter out.

What an event means is not asked here: that a technician's status is impossible only the fold of all that
came before can tell, and it refuses it whichever door it came through.
"""

import hashlib
from typing import Self

import msgspec

from features.events import Tick
from features.rejection import Rejection
from features.wire import Id
from streams.codec import decode_body
from streams.dead_letters import DOOR, OUTSIDE, REPLAYED, DeadLetter, check_whole, dead_letter, replayed
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics

MAX_LETTER_BYTES = 512 * 1024
"""Kafka takes 1 MiB a record. No event is that long: of longer bytes a dead letter keeps the beginning."""


class Taken(msgspec.Struct, frozen=True):
    """The message that one event becomes: a dead letter where there is a rejection."""

    message: Message
    rejection: Rejection | None = None

    @property
    def outcome(self) -> str:
        """By what it counts: `accepted` or `rejected.<reason>`."""
        return f"rejected.{self.rejection.reason}" if self.rejection else "accepted"


class Arrival(msgspec.Struct, frozen=True):
    """An event from outside, in the shape in which Kafka's clients hand out records."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Door(msgspec.Struct, frozen=True):
    """Takes events for the topic `technicians`. Dead letters say its `name`."""

    name: str
    technicians: str
    dead_letters: str

    @classmethod
    def of(cls, settings: Settings, name: str) -> Self:
        names = Topics.of(settings)
        return cls(name, names.technicians, names.dead_letters)

    def take(self, value: bytes, place: int, received_ms: int) -> Taken:
        """The message of one event. `place` is its index in a request or its line in a file."""
        key = admit(value)
        if isinstance(key, Rejection):
            return Taken(self._letter(value, place, received_ms, key), key)
        return Taken(Message(self.technicians, key, value, None, received_ms))

    def readmit(self, letter: DeadLetter) -> Message:
        """The way back of a dead letter: one from outside comes through the door again.

        Raises `BadInput` where only its beginning is kept.
        """
        if not letter.source.outside:
            return replayed(letter)
        check_whole(letter)
        key = admit(letter.value)
        again = (REPLAYED, f"{letter.partition}:{letter.offset}".encode())
        if isinstance(key, Rejection):
            # The same source: it takes the place of the first letter instead of being a second one.
            headers = ((DOOR, letter.source.door.encode()), again)
            came = Arrival(letter.source.offset, letter.received_ms, letter.key, letter.value or b"", headers)
            return dead_letter(self.dead_letters, letter.source.topic, OUTSIDE, came, key)
        return Message(letter.source.topic, key, letter.value, None, letter.received_ms, (again,))

    def _letter(self, value: bytes, place: int, received_ms: int, rejection: Rejection) -> Message:
        at = f"{self.name}#{place}:{hashlib.blake2b(value, digest_size=8).hexdigest()}"
        headers = ((DOOR, at.encode(errors="backslashreplace")),)
        came = Arrival(received_ms, received_ms, _technician(value), value[:MAX_LETTER_BYTES], headers)
        told, cut = _told(value, rejection), len(value) > MAX_LETTER_BYTES
        return dead_letter(self.dead_letters, self.technicians, OUTSIDE, came, told, cut=cut)


def admit(value: bytes | None) -> bytes | Rejection:
    """The key by which an event from outside goes on the log: its technician. Ticks are the system's own."""
    event = decode_body(value)
    if isinstance(event, Tick):
        return Rejection("malformed", "a tick is the system's own word; from outside nobody says the time")
    return event if isinstance(event, Rejection) else event.technician.encode()


class _Named(msgspec.Struct):
    technician: Id


def _technician(value: bytes) -> bytes | None:
    """Whom a rejected event names, for whoever looks for one technician's letters."""
    try:
        return msgspec.json.decode(value, type=_Named).technician.encode()
    except (ValueError, RecursionError):
        return None


def _told(value: bytes, rejection: Rejection) -> Rejection:
    if len(value) <= MAX_LETTER_BYTES:
        return rejection
    return Rejection(
        rejection.reason, f"{rejection.detail}; only the first {MAX_LETTER_BYTES} bytes are kept"
    )
