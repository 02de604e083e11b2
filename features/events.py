"""The schema of every event, versioned: what comes in on `technicians` and `fences`, what we conclude on `signals`.

Times are Unix milliseconds of event time, distances metres, speeds metres a second,
coordinates WGS 84 degrees. A field is added with a default and never changes its meaning;
anything else raises `SCHEMA_VERSION`.
"""

from typing import Annotated, Literal, final

import msgspec
from msgspec import Meta

SCHEMA_VERSION: Literal[1] = 1

ID_PATTERN = r"^[^\x00-\x1f\x7f]+(?![\s\S])"
Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=ID_PATTERN)]
"""A name given by somebody else. Without control characters: they separate the parts of our keys."""
PingId = Annotated[
    str, Meta(min_length=1, max_length=128, extra_json_schema={"title": "Id", "pattern": ID_PATTERN})
]
"""The same in a ping, which is decoded thousands of times a second: the codec has a faster look at it."""
Name = Annotated[str, Meta(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*(?![\s\S])")]
"""What people call something; may be empty."""
TimeMs = Annotated[int, Meta(ge=0, le=32_503_680_000_000)]
"""Unix milliseconds, up to the year 3000."""
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Metres = Annotated[float, Meta(ge=0.0, le=1e7)]
MetresPerSecond = Annotated[float, Meta(ge=0.0, le=1e4)]


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What every message on the wire has: `type` tells which event it is, `v` which schema (1 where absent)."""

    v: Literal[1] = SCHEMA_VERSION


# What comes in on `technicians`, keyed by technician.


@final
class Ping(Event, frozen=True, gc=False, tag="ping"):
    """One GPS fix as a device reported it. `seq` counts a device's messages; `pto` is power take-off."""

    technician: PingId
    time_ms: TimeMs
    lat: Latitude
    lon: Longitude
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    accuracy_m: Metres | None = None
    speed_mps: MetresPerSecond | None = None
    heading_deg: Annotated[float, Meta(ge=0.0, le=360.0)] | None = None
    ignition: bool | None = None
    pto: bool | None = None
    source: PingId | None = None


Duty = Literal["off_shift", "on_shift", "on_break"]
Life = Literal[
    "dispatched",
    "acknowledged",
    "en_route",
    "on_site",
    "in_progress",
    "completed",
    "incomplete",
    "cancelled",
    "no_access",
]
"""The part of an appointment's life that a technician's log can tell; what is before it is planning's."""


@final
class Status(Event, frozen=True, gc=False, tag="status"):
    """A technician's app (or an office system) says what happens. With `appointment`, it speaks of that one.

    `inferred` marks what telemetry proposed where the app was silent.
    """

    technician: Id
    time_ms: TimeMs
    status: Duty | Life
    appointment: Id | None = None
    inferred: bool = False


@final
class Assignment(Event, frozen=True, gc=False, tag="assignment"):
    """An appointment given to a technician (or taken away: `withdrawn`), with the fence of its site.

    `depart_by_ms` is the latest departure that still arrives within the window.
    """

    technician: Id
    time_ms: TimeMs
    appointment: Id
    fence: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    window_start_ms: TimeMs | None = None
    window_end_ms: TimeMs | None = None
    depart_by_ms: TimeMs | None = None
    withdrawn: bool = False


@final
class Profile(Event, frozen=True, gc=False, tag="profile"):
    """A technician's entry on the roster."""

    technician: Id
    time_ms: TimeMs
    name: Name = ""
    territory: Id | None = None
    skills: Annotated[tuple[Id, ...], Meta(max_length=256)] = ()
    groups: Annotated[tuple[Id, ...], Meta(max_length=256)] = ()


@final
class Tick(Event, frozen=True, gc=False, tag="tick"):
    """The time, said on the log itself: so silence is an input, and a replay hears it alike."""

    time_ms: TimeMs


Inbound = Ping | Status | Assignment | Profile | Tick


# What comes in on `fences`, keyed by fence and version.


class Circle(msgspec.Struct, frozen=True, tag="circle", forbid_unknown_fields=True):
    lat: Latitude
    lon: Longitude
    radius_m: Annotated[float, Meta(gt=0.0, le=1e6)]


class Polygon(msgspec.Struct, frozen=True, tag="polygon", forbid_unknown_fields=True):
    """Polygons of rings of (longitude, latitude), as a GeoJSON MultiPolygon has them; the first ring is the shell."""

    polygons: tuple[tuple[tuple[tuple[Longitude, Latitude], ...], ...], ...]


class Cells(msgspec.Struct, frozen=True, tag="cells", forbid_unknown_fields=True):
    """A set of H3 cells, in hexadecimal, of one or several resolutions."""

    cells: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100_000)]


FenceKind = Literal["customer_site", "depot", "territory", "no_go", "break_place"]


class Fence(Event, frozen=True, tag="fence"):
    """One version of a fence. It holds from `valid_from_ms` until the next version does.

    It applies to the `technicians` and `groups` named, or to everybody where none is.
    """

    fence: Id
    kind: FenceKind
    geometry: Circle | Polygon | Cells
    version: Annotated[int, Meta(ge=1)] = 1
    name: Name = ""
    valid_from_ms: TimeMs = 0
    removed: bool = False
    max_dwell_s: Annotated[float, Meta(gt=0.0)] | None = None
    max_speed_mps: Annotated[float, Meta(gt=0.0)] | None = None
    technicians: tuple[Id, ...] = ()
    groups: tuple[Id, ...] = ()


# What telemetry concludes. Each goes out in a `Signal`.

DropReason = Literal["duplicate", "late", "inaccurate", "jump"]
"""Decisions about good pings: they go to history with their reason."""
RejectReason = Literal[
    "malformed", "unsupported_version", "unknown_technician", "future", "impossible_transition"
]
"""What needs somebody's eyes: the original bytes go to the dead-letter topic."""


@final
class Dropped(msgspec.Struct, frozen=True, gc=False, tag="dropped", omit_defaults=True):
    """A ping that moved nothing, for history and training."""

    technician: str
    time_ms: int
    reason: DropReason
    ping: Ping


@final
class Flagged(msgspec.Struct, frozen=True, gc=False, tag="flagged", omit_defaults=True):
    """Something odd about a source that a person should know: a clock ahead, a speed in another unit."""

    technician: str
    time_ms: int
    flag: Literal["clock_ahead", "speed_unit_suspect"]
    detail: str
    source: str | None = None


MotionKind = Literal["MOVING", "STOPPED", "NO_DATA", "OFFLINE"]


@final
class MotionChanged(msgspec.Struct, frozen=True, gc=False, tag="motion", omit_defaults=True):
    technician: str
    time_ms: int
    detected_ms: int
    motion: MotionKind
    lat: float
    lon: float


FenceEventType = Literal["entered", "exited", "dwelt", "overstayed", "speeding", "crossed", "breached"]


@final
class FenceEvent(msgspec.Struct, frozen=True, gc=False, tag="fence_event", omit_defaults=True):
    """`rule` says what was broken where `event` is `breached`: no_go, left_territory, max_dwell, max_speed."""

    technician: str
    time_ms: int
    detected_ms: int
    fence: str
    fence_version: int
    kind: FenceKind
    event: FenceEventType
    lat: float
    lon: float
    rule: Literal["no_go", "left_territory", "max_dwell", "max_speed"] | None = None


StopKind = Literal["ON_SITE", "BREAK", "DEPOT", "IDLE", "PARKED", "UNEXPLAINED"]


@final
class StopChanged(msgspec.Struct, frozen=True, gc=False, tag="stop", omit_defaults=True):
    """`began` as one kind, `became` another, `alerted` (IDLE for long, UNEXPLAINED), `ended`."""

    technician: str
    time_ms: int
    detected_ms: int
    change: Literal["began", "became", "alerted", "ended"]
    kind: StopKind
    since_ms: int
    lat: float
    lon: float
    fence: str | None = None
    appointment: str | None = None


@final
class StatusChanged(msgspec.Struct, frozen=True, gc=False, tag="status_changed", omit_defaults=True):
    """A duty or an appointment's life went from `before` to `after`."""

    technician: str
    time_ms: int
    before: Duty | Life | None
    after: Duty | Life
    appointment: str | None = None
    inferred: bool = False


@final
class AssignmentPassed(msgspec.Struct, frozen=True, gc=False, tag="assignment_passed", omit_defaults=True):
    """An assignment that the technician's state has taken in."""

    technician: str
    time_ms: int
    assignment: Assignment


Conclusion = Dropped | Flagged | MotionChanged | FenceEvent | StopChanged | StatusChanged | AssignmentPassed


class Cause(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """The input that made an event, and the event's place among all that it made."""

    topic: str
    partition: int
    offset: int
    index: int


class Signal(Event, frozen=True, gc=False, tag="signal"):
    """What goes out on `signals`. A consumer drops a signal whose cause is not above the last of its partition."""

    id: str
    cause: Cause
    event: Conclusion
    retracts: str | None = None
    supersedes: str | None = None
