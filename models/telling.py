"""What the risk agent says, in the words of the log of territories. Each names its cause."""

from collections.abc import Sequence

from msgspec.structs import replace

from features.events import Cause
from features.route import RouteState
from features.route_fold import LifeChange
from features.route_told import territory_of
from features.territory_events import (
    ArrivalPredicted,
    LifeChanged,
    RiskChanged,
    TechnicianBack,
    TechnicianLost,
)
from models.forecast import Published
from models.levels import Change, Evaluation

Made = RiskChanged | ArrivalPredicted | LifeChanged | TechnicianLost | TechnicianBack


def life(route: RouteState, change: LifeChange, cause: Cause) -> LifeChanged | None:
    territory = territory_of(route, change.appointment)
    if territory is None:
        return None
    return LifeChanged(
        territory=territory,
        time_ms=change.time_ms,
        cause=cause,
        technician=route.technician,
        appointment=change.appointment,
        life=change.life,
    )


def risk(
    route: RouteState,
    appointment: str,
    change: Change | None,
    seen: Evaluation | None,
    time_ms: int,
    cause: Cause,
) -> RiskChanged | None:
    territory = territory_of(route, appointment)
    if change is None or territory is None:
        return None
    return RiskChanged(
        territory=territory,
        time_ms=time_ms,
        cause=cause,
        technician=route.technician,
        appointment=appointment,
        level=change.after,
        before=change.before,
        probability=0.0 if seen is None else seen.probability,
        late_min=0.0 if seen is None else round(seen.late_min, 1),
        reasons=() if seen is None or change.after is None else seen.reasons,
    )


def arrival(
    route: RouteState,
    territory: str,
    appointment: str,
    new: Published,
    known: Published | None,
    time_ms: int,
    cause: Cause,
) -> ArrivalPredicted:
    return ArrivalPredicted(
        territory=territory,
        time_ms=time_ms,
        cause=cause,
        technician=route.technician,
        appointment=appointment,
        p50_ms=new.p50_ms,
        p80_ms=new.p80_ms,
        p90_ms=new.p90_ms,
        for_customer=known is None or new.customer_ms != known.customer_ms,
    )


def lost(route: RouteState, territory: str, cause: Cause) -> TechnicianLost:
    return TechnicianLost(
        territory=territory,
        time_ms=route.duty_ms,
        technician=route.technician,
        reason="went off shift with work ahead",
        cause=cause,
    )


def back(route: RouteState, territory: str, time_ms: int, cause: Cause) -> TechnicianBack:
    return TechnicianBack(territory=territory, time_ms=time_ms, cause=cause, technician=route.technician)


def numbered(cause: Cause, told: Sequence[Made | None]) -> list[Made]:
    said = [one for one in told if one is not None]
    return [replace(one, cause=replace(cause, index=cause.index + at)) for at, one in enumerate(said)]
