"""What arrives for technicians, and what it becomes: the input of every step, in order of event time."""

from typing import final

import msgspec

from features.cleaning import Kept
from features.events import Assignment, Inbound, Profile, Route, Status
from features.fix import Fix, Sighting
from features.rejection import Original, Rejection
from features.silence import Silent


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record of the log: its offset, when the log received it, and what is in it.

    `original` is given with a status: it may be refused when the record is long gone. `sent_back` marks a dead
    letter that somebody sent back on purpose.
    """

    offset: int
    received_ms: int
    event: Inbound | Rejection
    original: Original | None = None
    sent_back: bool = False


Word = Status | Assignment | Route | Profile
"""What is said of a technician, and waits for its turn as fixes do."""


@final
class Said(msgspec.Struct, frozen=True, gc=False):
    """A status, an assignment, a route or a roster entry. `time_ms` is its event time after clamping."""

    time_ms: int
    received_ms: int
    offset: int
    word: Word
    original: Original | None = None


@final
class Seen(msgspec.Struct, frozen=True, gc=False):
    """A new fix, with what geometry says of it.

    `speed_mps` is by displacement, None where nothing says it. `silent_ms` is the gap before the fix
    where it was a silence, else 0. `source` is the ping's.
    """

    fix: Fix
    moved_m: float
    speed_mps: float | None
    silent_ms: int
    sightings: tuple[Sighting, ...]
    source: str | None = None


Moment = Seen | Said | Silent
Cleaned = Kept | Said | Silent
"""The same before geometry was asked."""
