"""What waits to be put in order, as small as it can be: a state holds it for each technician."""

from typing import final

import msgspec

from features.events import Assignment, Ping, Profile, Route, Status
from features.rejection import Original


@final
class Heard(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A `Ping` without its technician, who is known. `time_ms` is as the device said it."""

    time_ms: int
    lat: float
    lon: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    pto: bool | None = None
    seq: int | None = None
    source: str | None = None


class Waiting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A ping that was `heard`, or a `word`.

    `time_ms` is the event time after clamping, `received_ms` and `offset` are the record's.
    """

    time_ms: int
    received_ms: int
    offset: int
    heard: Heard | None = None
    word: Status | Assignment | Route | Profile | None = None
    original: Original | None = None


def heard(ping: Ping) -> Heard:
    return Heard(
        ping.time_ms,
        ping.lat,
        ping.lon,
        ping.accuracy_m,
        ping.speed_mps,
        ping.heading_deg,
        ping.ignition,
        ping.pto,
        ping.seq,
        ping.source,
    )


def ping_of(technician: str, known: Heard) -> Ping:
    """The inverse of `heard`."""
    return Ping(
        technician=technician,
        time_ms=known.time_ms,
        lat=known.lat,
        lon=known.lon,
        accuracy_m=known.accuracy_m,
        speed_mps=known.speed_mps,
        heading_deg=known.heading_deg,
        ignition=known.ignition,
        pto=known.pto,
        seq=known.seq,
        source=known.source,
    )
