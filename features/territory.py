"""A territory's day: who works, what is asked for, who goes where in which order, and what was decided of it."""

import msgspec

from features.events import Life
from features.plan import Job, Shift
from features.plan_events import Outcome, Proposal, Trigger
from features.territory_events import Level, Reason, Stage


class Rostered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A technician of this day. `lost_ms` is since when they are out."""

    shift: Shift
    name: str = ""
    skills: tuple[str, ...] = ()
    lost_ms: int | None = None


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    """An appointment of this day. `technician` serves it, None while nobody does; `life` None until dispatched.

    `life` is that of the technician's log; `cancelled_ms` where the customer called it off. `promised_ms` is
    the start last planned, `promises` how often the customer was told another one (by over 30 min) today.
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
    """A reason to look for a better plan, and since when it waits."""

    trigger: Trigger
    since_ms: int
    about: tuple[str, ...] = ()


class Closed(msgspec.Struct, frozen=True, array_like=True):
    proposal: str
    outcome: Outcome
    time_ms: int


class TerritoryState(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it. `version` counts the plan's changes; `routes` have what is ahead or at hand, in order.

    `clock_ms` is the latest time said on the log, `looked_ms` when a better plan was last looked for.
    """

    territory: str
    version: int = 0
    clock_ms: int = 0
    roster: dict[str, Rostered] = {}
    appointments: dict[str, Planned] = {}
    routes: dict[str, tuple[str, ...]] = {}
    risks: dict[str, Risk] = {}
    wishes: tuple[Wish, ...] = ()
    looked_ms: int | None = None
    proposal: Proposal | None = None
    closed: tuple[Closed, ...] = ()
    last_answer: dict[str, str] = {}
    """Why those at risk could not be helped, as `no better plan` last said it, by appointment."""
