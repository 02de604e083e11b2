"""What the signals say of one technician's day: the route ahead, how far it has come, where they are."""

import msgspec

from features.events import Duty, Life, MotionKind
from features.plan import Job, Shift
from features.wire import Place


class Stop(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An appointment on the route. `life` since `life_ms`; `began_ms` is when work began, `ended_ms` when it ended.

    `departed_ms` is when the technician set out for it. `inferred` marks a life that was concluded, not said.
    `territory` is whose plan it is of.
    """

    job: Job
    planned_start_ms: int | None = None
    assigned_ms: int = 0
    life: Life = "dispatched"
    life_ms: int = 0
    departed_ms: int | None = None
    began_ms: int | None = None
    ended_ms: int | None = None
    acknowledged: bool = False
    inferred: bool = False
    territory: str | None = None


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the plan of one territory last said: which version it was, and when the technician works for it."""

    version: int
    shift: Shift


class Worked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Of `jobs` done today, the sum of log(actual / expected): how slow a day it is."""

    jobs: int = 0
    log_ratio: float = 0.0


class RouteState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One technician's route. `order` are the appointments ahead and at hand; `stops` also knows those done.

    `place` is the last known position, at `place_ms`. `lost` after they were out for the day. `plans` are by
    territory, `territory` is the one that spoke last; `plan_version` counts the versions of all, and `shift`
    spans what they say.
    """

    technician: str
    territory: str | None = None
    plan_version: int = 0
    order: tuple[str, ...] = ()
    stops: dict[str, Stop] = {}
    shift: Shift | None = None
    duty: Duty | None = None
    duty_ms: int = 0
    rested: bool = False
    place: Place | None = None
    place_ms: int = 0
    motion: MotionKind | None = None
    worked: Worked = Worked()
    lost: bool = False
    plans: dict[str, Told] = {}
