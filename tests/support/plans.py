"""What changed a plan, by hand."""

from collections.abc import Sequence

from features.events import Assignment, Cause, Route
from features.plan_events import PlanChanged
from tests.support.asking import HOME, at, shift

TERRITORIES = "x.territories"


def given(
    who: str,
    appointment: str,
    version: int,
    *,
    minute: float = 540,
    start: float = 840,
    withdrawn: bool = False,
    territory: str = "north",
) -> Assignment:
    return Assignment(
        technician=who,
        time_ms=at(minute),
        appointment=appointment,
        lat=HOME.lat,
        lon=HOME.lon,
        withdrawn=withdrawn,
        territory=territory,
        plan_version=version,
        planned_start_ms=at(start),
    )


def route(who: str, version: int, *stops: str, minute: float = 540, territory: str = "north") -> Route:
    hours = shift(minute, 480).route.shift
    return Route(
        technician=who,
        time_ms=at(minute),
        territory=territory,
        plan_version=version,
        stops=stops,
        shift=hours,
    )


def changed(
    version: int,
    *assignments: Assignment,
    routes: Sequence[Route] = (),
    minute: float = 540,
    territory: str = "north",
    cause: Cause | None = None,
) -> PlanChanged:
    """The `version` is the cause's offset, where none is named."""
    return PlanChanged(
        id=f"{territory}-{version}",
        territory=territory,
        time_ms=at(minute),
        cause=cause or Cause(TERRITORIES, 0, version, 0),
        version=version,
        because="proposal",
        assignments=assignments,
        routes=tuple(routes),
    )
