"""What is expected of one technician's route, as the risk agent last rolled it forward; others read it."""

import msgspec

from features.route import RouteState
from features.territory_events import Level, Reason


class Expected(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One stop ahead, Unix milliseconds: quantiles of when work starts and ends. Of a stop in progress the
    start is what happened. `late_min` is the median lateness after the window's end, negative for slack."""

    start_p10_ms: int
    start_p50_ms: int
    start_p80_ms: int
    start_p90_ms: int
    end_p10_ms: int
    end_p50_ms: int
    end_p90_ms: int
    probability: float = 0.0
    late_min: float = 0.0


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The level of one appointment and what hysteresis has to remember.

    `rising` has been reached since `rising_ms` by so many evaluations; `below_ms` since when it is below.
    `said_p` and `said_min` are the probability and the lateness that were last told.
    """

    level: Level | None = None
    since_ms: int = 0
    rising: Level | None = None
    rising_ms: int = 0
    evaluations: int = 0
    below_ms: int | None = None
    probability: float = 0.0
    reasons: tuple[Reason, ...] = ()
    said_p: float = 0.0
    said_min: float = 0.0


class Published(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The start that was last published, and the median that the customer last heard of. Unix milliseconds."""

    p50_ms: int
    p80_ms: int
    p90_ms: int
    customer_ms: int


class RiskState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All that the risk agent holds of a technician. `stale` where something happened since `evaluated_ms`.

    `told_lost` after their territories were told that they are out. `published` is by appointment.
    """

    route: RouteState
    evaluated_ms: int = 0
    stale: bool = True
    expected: dict[str, Expected] = {}
    standings: dict[str, Standing] = {}
    told_lost: bool = False
    published: dict[str, Published] = {}
