"""A territory's day: who works, what is asked for, who goes where in which order, and what was decided of it."""

import msgspec

from features.appointment import ENDS
from features.events import Life
from features.plan import Job, Shift
from features.plan_events import Outcome, Proposal, Trigger
from features.territory_events import Level, Reason, Stage


class Rostered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A technician of this day, as was said at `said_ms`. `lost_ms` is since when they are out."""

    shift: Shift
    name: str = ""
    skills: tuple[str, ...] = ()
    lost_ms: int | None = None
    said_ms: int = 0


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    """An appointment of this day. `technician` serves it, None while nobody does; `life` None until dispatched.

    `life` is that of the technician's log; `cancelled_ms` where the customer called it off. `planned_start_ms`
    is the start last planned, `promises` how often the customer was told another one today. `declined` are
    the technicians who don't take it. It was asked for as it is at `asked_ms`.
    """

    job: Job
    technician: str | None = None
    life: Life | None = None
    life_ms: int = 0
    stage: Stage | None = None
    cancelled_ms: int | None = None
    pinned: bool = False
    planned_start_ms: int | None = None
    promises: int = 0
    declined: tuple[str, ...] = ()
    asked_ms: int = 0

    @property
    def ended(self) -> bool:
        return self.cancelled_ms is not None or self.life in ENDS

    @property
    def begun(self) -> bool:
        """Somebody is there."""
        return self.cancelled_ms is None and self.life in ("on_site", "in_progress")

    @property
    def under_way(self) -> bool:
        """Somebody is there, or drives to it."""
        return self.begun or (self.cancelled_ms is None and self.life == "en_route")

    @property
    def unserved(self) -> bool:
        """It waits for somebody to serve it."""
        return self.technician is None and not self.ended


class Risk(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of an appointment at risk, since `since_ms` at this level."""

    level: Level
    technician: str
    since_ms: int
    raised_ms: int
    probability: float = 0.0
    late_min: float = 0.0
    reasons: tuple[Reason, ...] = ()


class Wish(msgspec.Struct, frozen=True, array_like=True):
    """A reason to look for a better plan, and since when it waits. `about` are appointments, or a technician with
    a gap. `asked` where the last look was about it."""

    trigger: Trigger
    since_ms: int
    about: tuple[str, ...] = ()
    asked: bool = False


class Closed(msgspec.Struct, frozen=True, array_like=True):
    proposal: str
    outcome: Outcome
    time_ms: int


class Rejected(msgspec.Struct, frozen=True, array_like=True):
    """What somebody did not want: `changes` are what it would have changed, `saves_min` what it was to gain."""

    changes: tuple[str, ...]
    saves_min: float
    time_ms: int
    why: str = ""


class TerritoryState(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it. `version` counts the plan's changes; `routes` have what is ahead or at hand, in order.
    `route_versions` say which version gave each technician their route.

    `clock_ms` is the latest time said on the log, `looked_ms` when a better plan was last looked for.
    `rejected` are the proposals that somebody rejected within the last hour.
    """

    territory: str
    version: int = 0
    clock_ms: int = 0
    roster: dict[str, Rostered] = {}
    appointments: dict[str, Planned] = {}
    routes: dict[str, tuple[str, ...]] = {}
    route_versions: dict[str, int] = {}
    risks: dict[str, Risk] = {}
    wishes: tuple[Wish, ...] = ()
    looked_ms: int | None = None
    proposal: Proposal | None = None
    closed: tuple[Closed, ...] = ()
    last_answer: dict[str, str] = {}
    """Why those at risk could not be helped, as `no better plan` last said it, by appointment."""
    rejected: tuple[Rejected, ...] = ()
    later: dict[str, "TerritoryState"] = {}
    """What is known already of days to come, by date; it takes over when that day begins."""
