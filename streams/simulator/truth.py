"""What really happened in a simulated day: the ground truth that detection is compared with.

Times are Unix milliseconds, distances metres. Positions of stops are degrees.
"""

from typing import Literal

import msgspec

Outcome = Literal["completed", "incomplete", "no_access", "cancelled", "unserved"]
TrueStopKind = Literal["ON_SITE", "BREAK", "DEPOT", "IDLE", "PARKED"]


class TrueVisit(msgspec.Struct, frozen=True):
    """A technician came to serve an appointment: from the moment the vehicle stood until it left."""

    technician: str
    appointment: str
    fence: str
    arrive_ms: int
    leave_ms: int


class TrueStop(msgspec.Struct, frozen=True):
    """The vehicle stood for a reason, from `begin_ms` to `end_ms`.

    The kind is what the technician did. Who waits for a customer in front of the fence with the engine
    on is IDLE, who shops or refuels is PARKED. Waiting at a traffic light is no stop.
    """

    technician: str
    kind: TrueStopKind
    begin_ms: int
    end_ms: int
    lat: float
    lon: float
    fence: str | None = None
    appointment: str | None = None


class TrueLeg(msgspec.Struct, frozen=True):
    """The way to an appointment, or (None) to a depot, a break or home.

    `driving_s` leaves out stops on the way, `expected_s` is what the router said at departure.
    """

    technician: str
    appointment: str | None
    depart_ms: int
    arrive_ms: int
    length_m: float
    driving_s: float
    expected_s: float


class TrueJob(msgspec.Struct, frozen=True):
    """What became of an appointment. `start_ms` and `end_ms` bound the work itself, where there was any."""

    technician: str
    appointment: str
    fence: str
    job_type: str
    outcome: Outcome
    expected_s: float
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def duration_s(self) -> float | None:
        if self.start_ms is None or self.end_ms is None:
            return None
        return (self.end_ms - self.start_ms) / 1000


class Act(msgspec.Struct, frozen=True):
    """What a technician would say in the app at this moment, if they were quick and never forgot."""

    technician: str
    time_ms: int
    status: str
    appointment: str | None = None


class Truth(msgspec.Struct, frozen=True):
    """One day, or one technician's day. Each list is in order of technician and time.

    `pings` counts what the noise did: sent (deliveries without repeats), repeats, and by cause.
    """

    visits: tuple[TrueVisit, ...] = ()
    stops: tuple[TrueStop, ...] = ()
    legs: tuple[TrueLeg, ...] = ()
    jobs: tuple[TrueJob, ...] = ()
    acts: tuple[Act, ...] = ()
    pings: dict[str, int] = {}

    def __add__(self, other: "Truth") -> "Truth":
        return Truth(
            self.visits + other.visits,
            self.stops + other.stops,
            self.legs + other.legs,
            self.jobs + other.jobs,
            self.acts + other.acts,
            {name: self.pings.get(name, 0) + other.pings.get(name, 0) for name in self.pings | other.pings},
        )
