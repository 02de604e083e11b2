"""The schema of what comes in on `technicians`, and what telemetry concludes on `signals`.

What goes over the other topics is in `fence_events.py`, `territory_events.py` and `plan_events.py`.
"""

from typing import Annotated, Literal, final

import msgspec
from msgspec import Meta

from features.fence_events import FenceKind
from features.plan import Shift
from features.wire import Cause as Cause
from features.wire import Event, Id, Latitude, Longitude, Metres, MetresPerSecond, Name, PingId, TimeMs


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
    "delivered",
    "acknowledged",
    "declined",
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

    `depart_by_ms` is the latest departure that still arrives within the window. `cause` where a plan gave it.
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
    territory: Id | None = None
    plan_version: Annotated[int, Meta(ge=0)] = 0
    planned_start_ms: TimeMs | None = None
    job_type: Id | None = None
    title: Name = ""
    skills: Annotated[tuple[Id, ...], Meta(max_length=256)] = ()
    priority: Annotated[int, Meta(ge=1, le=5)] = 3
    hard: bool = False
    emergency: bool = False
    expected_s: Annotated[float, Meta(gt=0.0, le=86_400.0)] | None = None
    cause: Cause | None = None


@final
class Route(Event, frozen=True, gc=False, tag="route"):
    """The order in which a technician visits what is assigned, by one version of a territory's plan.

    `stops` are the appointments still ahead when the plan was made, also those being served.
    """

    technician: Id
    time_ms: TimeMs
    territory: Id
    plan_version: Annotated[int, Meta(ge=0)]
    stops: Annotated[tuple[Id, ...], Meta(max_length=256)]
    shift: Shift
    cause: Cause | None = None


@final
class Reminder(Event, frozen=True, gc=False, tag="reminder"):
    """Asks a technician's app once more to acknowledge an assignment."""

    technician: Id
    time_ms: TimeMs
    appointment: Id
    cause: Cause | None = None


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


Inbound = Ping | Status | Assignment | Route | Reminder | Profile | Tick


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


@final
class RoutePassed(msgspec.Struct, frozen=True, gc=False, tag="route_passed", omit_defaults=True):
    """A route that has reached the technician's log, for whoever follows the signals alone."""

    technician: str
    time_ms: int
    route: Route


@final
class Located(msgspec.Struct, frozen=True, gc=False, tag="located", omit_defaults=True):
    """Where a technician is, said at most once a minute: the first kept fix after that."""

    technician: str
    time_ms: int
    lat: float
    lon: float
    motion: MotionKind | None = None


@final
class Ticked(msgspec.Struct, frozen=True, gc=False, tag="ticked", omit_defaults=True):
    """The time on a partition of `signals`, as a tick said it on that of `technicians`. Nobody's: no key."""

    time_ms: int
    technician: str = ""


Conclusion = (
    Dropped
    | Flagged
    | MotionChanged
    | FenceEvent
    | StopChanged
    | StatusChanged
    | AssignmentPassed
    | RoutePassed
    | Located
    | Ticked
)


class Signal(Event, frozen=True, gc=False, tag="signal"):
    """What goes out on `signals`. See `repeats.py` for how a repetition is told."""

    id: str
    cause: Cause
    event: Conclusion
    retracts: str | None = None
    supersedes: str | None = None
