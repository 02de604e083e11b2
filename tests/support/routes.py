"""One technician's route by hand: stops along a street that leads east, and the signals that tell of them."""

import math
from typing import NamedTuple

import msgspec
from scipy.special import ndtri

from features import route_fold
from features.events import (
    Assignment,
    AssignmentPassed,
    Conclusion,
    Duty,
    FenceEvent,
    Life,
    Located,
    MotionChanged,
    MotionKind,
    Route,
    RoutePassed,
    StatusChanged,
    StopChanged,
    Ticked,
)
from features.plan import Job, Shift
from features.route import RouteState, Stop
from features.wire import Place
from models.duration import BaselineDurations, Durations
from models.forecast import RiskState
from models.rollforward import LEVELS
from models.travel import CircleTravel, Travel
from tests.support.day_plans import HOME, at

ZONE = "America/Phoenix"
DUTIES = ("off_shift", "on_shift", "on_break")
KM_DEG = 1 / (111.195 * math.cos(math.radians(HOME.lat)))
Window = tuple[float, float]


class Models(NamedTuple):
    """What predicts in tests: work is lognormal around what is expected."""

    durations: Durations
    travel: Travel


def models(sigma: float = 0.3, spread: float = 0.2) -> Models:
    logs = tuple((sigma * ndtri(LEVELS) - sigma**2 / 2).tolist())
    return Models(BaselineDurations({}, logs), CircleTravel(spread=spread, fixed_s=120.0, leaving_s=60.0))


def east(km: float) -> Place:
    return Place(HOME.lat, HOME.lon + km * KM_DEG)


def job(name: str, window: Window = (13, 14), *, km: float = 0.0, hours: float = 1.0, **more: object) -> Job:
    return Job(
        appointment=name,
        place=east(km),
        window_start_ms=at(window[0]),
        window_end_ms=at(window[1]),
        expected_s=hours * 3600,
        **more,  # type: ignore[arg-type]
    )


def stop(
    name: str,
    window: Window = (13, 14),
    planned: float | None = None,
    *,
    km: float = 0.0,
    hours: float = 1.0,
    life: Life = "acknowledged",
    since: float = 7.0,
    **more: object,
) -> Stop:
    """An appointment so many km to the east, in this life since that hour."""
    about = {name: more.pop(name) for name in ("hard", "priority", "fence", "job_type") if name in more}
    said: dict[str, object] = {"acknowledged": life not in ("dispatched", "delivered", "declined")}
    if life == "in_progress":
        said["began_ms"] = at(since)
    if life == "en_route":
        said["departed_ms"] = at(since)
    if life == "completed":
        said["ended_ms"] = at(since)
    return Stop(
        job(name, window, km=km, hours=hours, **about),
        None if planned is None else at(planned),
        at(7.0),
        life,
        at(since),
        **(said | more),  # type: ignore[arg-type]
    )


def shift(begin: float = 8, end: float = 17, break_from: float | None = None, break_h: float = 0.5) -> Shift:
    return Shift(
        start_ms=at(begin),
        end_ms=at(end),
        start=HOME,
        end=HOME,
        break_from_ms=None if break_from is None else at(break_from),
        break_s=break_h * 3600,
    )


def route(
    *stops: Stop,
    seen: float | None = None,
    km: float = 0.0,
    technician: str = "ana",
    duty: Duty | None = "on_shift",
    **more: object,
) -> RouteState:
    """A route on shift; at `seen` o'clock its technician was so many km to the east."""
    said: dict[str, object] = {
        "territory": "north",
        "plan_version": 1,
        "shift": shift(),
        "duty": duty,
        "duty_ms": at(8),
        "place": None if seen is None else east(km),
        "place_ms": 0 if seen is None else at(seen),
    }
    known = {one.job.appointment: one for one in stops}
    said["order"] = tuple(name for name, one in known.items() if one.ended_ms is None)
    return RouteState(technician, stops=known, **(said | more))  # type: ignore[arg-type]


def watched(state: RouteState, **more: object) -> RiskState:
    return RiskState(state, **more)  # type: ignore[arg-type]


def assigned(hour: float, name: str, window: Window = (13, 14), **more: object) -> AssignmentPassed:
    technician = str(more.pop("technician", "ana"))
    place = east(float(more.pop("km", 0.0)))  # type: ignore[arg-type]
    said = {
        "appointment": name,
        "technician": technician,
        "time_ms": at(hour),
        "territory": "north",
        "lat": place.lat,
        "lon": place.lon,
        "window_start_ms": at(window[0]),
        "window_end_ms": at(window[1]),
    }
    return AssignmentPassed(technician, at(hour), msgspec.convert(said | more, Assignment))


def routed(
    hour: float, *names: str, version: int = 1, technician: str = "ana", **more: object
) -> RoutePassed:
    planned = Route(
        technician=technician,
        time_ms=at(hour),
        territory=str(more.get("territory", "north")),
        plan_version=version,
        stops=names,
        shift=more.get("shift", shift()),  # type: ignore[arg-type]
    )
    return RoutePassed(technician, at(hour), planned)


def said(hour: float, word: Duty | Life, name: str | None = None, technician: str = "ana") -> StatusChanged:
    return StatusChanged(technician, at(hour), None, word, name)


def located(hour: float, km: float, technician: str = "ana", motion: MotionKind | None = None) -> Located:
    place = east(km)
    return Located(technician, at(hour), place.lat, place.lon, motion)


def moved(hour: float, motion: MotionKind, km: float = 0.0, technician: str = "ana") -> MotionChanged:
    place = east(km)
    return MotionChanged(technician, at(hour), at(hour), motion, place.lat, place.lon)


def dwelt(hour: float, fence: str, event: str = "dwelt", technician: str = "ana") -> FenceEvent:
    return FenceEvent(technician, at(hour), at(hour), fence, 1, "customer_site", event, 0.0, 0.0)  # type: ignore[arg-type]


def stood(hour: float, name: str | None, technician: str = "ana", **more: object) -> StopChanged:
    told: dict[str, object] = {"change": "began", "kind": "ON_SITE"} | more
    change, kind = told["change"], told["kind"]
    since = at(float(told.get("since", hour)))  # type: ignore[arg-type]
    return StopChanged(technician, at(hour), at(hour), change, kind, since, 0.0, 0.0, None, name)  # type: ignore[arg-type]


def ticked(hour: float) -> Ticked:
    return Ticked(at(hour))


def drive(*signals: Conclusion, state: RouteState | None = None) -> tuple[RouteState, list[tuple[str, str]]]:
    """The route after some signals, and which lives were told."""
    told: list[tuple[str, str]] = []
    after = state or RouteState("ana")
    for one in signals:
        after, lives = route_fold.advance(after, one, route_fold.Params())
        told += [(life.appointment, life.life) for life in lives]
    return after, told
