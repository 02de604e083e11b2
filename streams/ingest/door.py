"""The one door for events from outside: bytes in, a message for the log or a dead letter out.

Which events it takes, and on which log they go, is in `admission.py`. What an event means is not asked here:
that a status or a plan is impossible only the fold of all that came before can tell, and it refuses it
whichever door it came through.
"""

import hashlib
from typing import Literal, Self

import msgspec

from features.rejection import Rejection
from features.wire import Id
from streams.dead_letters import DOOR, OUTSIDE, REPLAYED, DeadLetter, check_whole, dead_letter, replayed
from streams.ingest.admission import Admitted, admit, kind_of, log_of
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics

MAX_LETTER_BYTES = 512 * 1024
"""Kafka takes 1 MiB a record. No event is that long: of longer bytes a dead letter keeps the beginning."""


Headers = tuple[tuple[str, bytes], ...]


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
    """Takes events for the topics `technicians` and `territories`. Dead letters say its `name`."""

    name: str
    technicians: str
    territories: str
    dead_letters: str

    @classmethod
    def of(cls, settings: Settings, name: str) -> Self:
        names = Topics.of(settings)
        return cls(name, names.technicians, names.territories, names.dead_letters)

    def take(self, value: bytes, place: int, received_ms: int) -> Taken:
        """The message of one event. `place` is its index in a request or its line in a file."""
        admitted = admit(value)
        if isinstance(admitted, Rejection):
            return Taken(self._letter(value, place, received_ms, admitted), admitted)
        return Taken(self._message(admitted, value, received_ms))

    def readmit(self, letter: DeadLetter) -> Message:
        """The way back of a dead letter: one from outside comes through the door again.

        Raises `BadInput` where only its beginning is kept.
        """
        if not letter.source.outside:
            return replayed(letter)
        check_whole(letter)
        admitted = admit(letter.value)
        again = (REPLAYED, f"{letter.partition}:{letter.offset}".encode())
        if isinstance(admitted, Rejection):
            # The same source: it takes the place of the first letter instead of being a second one.
            headers = ((DOOR, letter.source.door.encode()), again)
            came = Arrival(letter.source.offset, letter.received_ms, letter.key, letter.value or b"", headers)
            return dead_letter(self.dead_letters, letter.source.topic, OUTSIDE, came, admitted)
        return self._message(admitted, letter.value, letter.received_ms, (again,))

    def _message(
        self, admitted: Admitted, value: bytes | None, received_ms: int, headers: Headers = ()
    ) -> Message:
        return Message(self._topic(admitted.log), admitted.key, value, None, received_ms, headers)

    def _topic(self, log: Literal["technicians", "territories"]) -> str:
        return self.territories if log == "territories" else self.technicians

    def _letter(self, value: bytes, place: int, received_ms: int, rejection: Rejection) -> Message:
        at = f"{self.name}#{place}:{hashlib.blake2b(value, digest_size=8).hexdigest()}"
        headers = ((DOOR, at.encode(errors="backslashreplace")),)
        came = Arrival(received_ms, received_ms, _named(value), value[:MAX_LETTER_BYTES], headers)
        told, cut = _told(value, rejection), len(value) > MAX_LETTER_BYTES
        topic = self._topic(log_of(kind_of(value)))
        return dead_letter(self.dead_letters, topic, OUTSIDE, came, told, cut=cut)


class _ByTechnician(msgspec.Struct):
    technician: Id


class _ByTerritory(msgspec.Struct):
    territory: Id


def _named(value: bytes) -> bytes | None:
    """Whom a rejected event names, for whoever looks for one technician's letters; as the log would be keyed."""
    try:
        if log_of(kind_of(value)) == "territories":
            return msgspec.json.decode(value, type=_ByTerritory).territory.encode()
        return msgspec.json.decode(value, type=_ByTechnician).technician.encode()
    except (ValueError, RecursionError):
        return None


def _told(value: bytes, rejection: Rejection) -> Rejection:
    if len(value) <= MAX_LETTER_BYTES:
        return rejection
    return Rejection(
        rejection.reason, f"{rejection.detail}; only the first {MAX_LETTER_BYTES} bytes are kept"
    )
