"""Fold the signals of one technician into the route ahead of them.

Where no plan says the order, it is that of the planned starts. What the app leaves out is concluded where
there is evidence: who stands or dwells on the site of an appointment has arrived, who stands at a break place,
or anywhere for half of a break's time, has had their break.
"""

import msgspec
from msgspec.structs import replace

from features.appointment import ENDS
from features.duration import log_ratio
from features.events import (
    AssignmentPassed,
    Conclusion,
    Duty,
    FenceEvent,
    Life,
    Located,
    MotionChanged,
    RoutePassed,
    StatusChanged,
    StopChanged,
)
from features.motion import SILENT
from features.route import RouteState, Stop, Worked
from features.route_assigned import Params as Params
from features.route_assigned import assign, bounded
from features.route_order import RANK, is_open, planned
from features.route_told import take_route
from features.wire import Place

EARLY_BREAK_MS = 1_800_000
"""A break is not taken earlier than that before it is due; a stop before is something else."""


class LifeChange(msgspec.Struct, frozen=True, gc=False):
    """An appointment has come further."""

    appointment: str
    life: Life
    time_ms: int


Step = tuple[RouteState, tuple[LifeChange, ...]]


def advance(state: RouteState, event: Conclusion, params: Params) -> Step:
    """Fold one conclusion. The same object when nothing changed."""
    if isinstance(event, Located):
        return _locate(state, event), ()
    if isinstance(event, StatusChanged):
        if event.after == "off_shift" or event.after == "on_shift" or event.after == "on_break":
            return _serve(state, event.after, event.time_ms), ()
        return _live(state, event, event.after, params)
    if isinstance(event, AssignmentPassed):
        return _lost_where_gone(state, assign(state, event, params), event.time_ms), ()
    if isinstance(event, RoutePassed):
        return take_route(state, event), ()
    if isinstance(event, MotionChanged):
        return _move(state, event), ()
    if isinstance(event, StopChanged):
        return _stand(state, event, params)
    if isinstance(event, FenceEvent):
        return _enter(state, event, params)
    return state, ()


def _lost_where_gone(before: RouteState, state: RouteState, time_ms: int) -> RouteState:
    """Who has gone home before their shift is over does not come for what they are given after it.

    What they are given when it is over is for another day.
    """
    shift = state.shift
    if state is before or state.lost or state.duty != "off_shift" or shift is None:
        return state
    gone = shift.start_ms <= state.duty_ms <= time_ms < shift.end_ms
    return replace(state, lost=True) if gone and any(name in state.stops for name in state.order) else state


def _serve(state: RouteState, duty: Duty, time_ms: int) -> RouteState:
    """Who goes home with work ahead is lost, until they are on shift again."""
    lost = state.lost
    if duty == "off_shift":
        began = state.duty in ("on_shift", "on_break") and (
            state.shift is None or time_ms >= state.shift.start_ms
        )
        lost = lost or (began and any(name in state.stops for name in state.order))
    else:
        lost = False
    rested = state.rested or duty == "on_break"
    return replace(state, duty=duty, duty_ms=time_ms, rested=rested, lost=lost)


def _live(state: RouteState, changed: StatusChanged, life: Life, params: Params) -> Step:
    name, time_ms = changed.appointment, changed.time_ms
    if not name:
        return state, ()
    told = (LifeChange(name, life, time_ms),)
    stop = state.stops.get(name)
    if stop is None:
        return state, told
    if stop.inferred and (life == stop.life or _says_less(stop, life, time_ms)):
        return _with(state, _noted(stop, life, time_ms), params), ()
    return _with(state, _lived(stop, life, time_ms, changed.inferred), params), told


def _says_less(stop: Stop, life: Life, time_ms: int) -> bool:
    """A late word of something before the arrival that was concluded. Who drives on after it has not arrived."""
    return RANK[life] < RANK[stop.life] and (life != "en_route" or time_ms < stop.life_ms)


def _noted(stop: Stop, life: Life, time_ms: int) -> Stop:
    departed_ms = time_ms if life == "en_route" else stop.departed_ms
    inferred = stop.inferred and life != stop.life
    return replace(stop, departed_ms=departed_ms, inferred=inferred)


def _lived(stop: Stop, life: Life, time_ms: int, inferred: bool) -> Stop:
    departed_ms, began_ms = stop.departed_ms, stop.began_ms
    if life == "en_route":
        departed_ms, began_ms = time_ms, None
    elif life == "in_progress":
        began_ms = time_ms
    elif life in ENDS and stop.life == "on_site":
        began_ms = stop.life_ms
    return replace(
        stop,
        life=life,
        life_ms=time_ms,
        departed_ms=departed_ms,
        began_ms=began_ms,
        ended_ms=time_ms if life in ENDS else None,
        acknowledged=RANK[life] >= 2 and life != "declined",
        inferred=inferred,
    )


def _stand(state: RouteState, event: StopChanged, params: Params) -> Step:
    if event.kind != "ON_SITE":
        return _rest(state, event), ()
    if event.appointment is None or event.change in ("alerted", "ended"):
        return state, ()
    return _arrive(state, event.appointment, event.time_ms, params)


def _rest(state: RouteState, event: StopChanged) -> RouteState:
    """A break by evidence: at a break place, or standing long enough, once it is due."""
    shift = state.shift
    if shift is None or shift.break_from_ms is None or event.time_ms < shift.break_from_ms - EARLY_BREAK_MS:
        return state
    if event.kind == "BREAK" and event.change in ("began", "became") and not state.rested:
        return replace(state, duty="on_break", duty_ms=event.time_ms, rested=True)
    if event.change != "ended":
        return state
    rested = state.rested or event.time_ms - event.since_ms >= shift.break_s * 500
    if event.kind == "BREAK" and state.duty == "on_break" and event.time_ms >= state.duty_ms:
        return replace(state, duty="on_shift", duty_ms=event.time_ms, rested=rested)
    return state if rested == state.rested else replace(state, rested=rested)


def _enter(state: RouteState, event: FenceEvent, params: Params) -> Step:
    """Dwelling in the fence of the next appointment there is an arrival; entering may be driving past."""
    if event.event != "dwelt":
        return state, ()
    for name in state.order:
        stop = state.stops.get(name)
        if stop is not None and stop.job.fence == event.fence:
            return _arrive(state, name, event.time_ms, params)
    return state, ()


def _arrive(state: RouteState, name: str, time_ms: int, params: Params) -> Step:
    """On site by evidence, where the app has not said so."""
    stop = state.stops.get(name)
    if stop is None or RANK[stop.life] >= RANK["on_site"] or time_ms < stop.assigned_ms:
        return state, ()
    arrived = _lived(stop, "on_site", max(time_ms, stop.life_ms), True)
    return _with(state, arrived, params), (LifeChange(name, "on_site", arrived.life_ms),)


def _move(state: RouteState, event: MotionChanged) -> RouteState:
    moved = state if state.motion == event.motion else replace(state, motion=event.motion)
    return moved if event.motion in SILENT else _at(moved, event.lat, event.lon, event.time_ms)


def _locate(state: RouteState, event: Located) -> RouteState:
    motion = event.motion or state.motion
    moved = state if state.motion == motion else replace(state, motion=motion)
    return _at(moved, event.lat, event.lon, event.time_ms)


def _at(state: RouteState, lat: float, lon: float, time_ms: int) -> RouteState:
    if time_ms < state.place_ms or (state.place is not None and time_ms == state.place_ms):
        return state
    return replace(state, place=Place(lat, lon), place_ms=time_ms)


def _with(state: RouteState, stop: Stop, params: Params) -> RouteState:
    """One stop changed. What ended leaves the order, and says how slow a day it is."""
    name = stop.job.appointment
    before = state.stops[name]
    if stop == before:
        return state
    stops, worked = {**state.stops, name: stop}, state.worked
    if stop.life == "completed" and before.life != "completed":
        worked = _after_work(worked, stop)
    if is_open(stop):
        return replace(state, stops=stops, order=planned(state.order, stops, name), worked=worked)
    stops = bounded(stops, params)
    return replace(state, stops=stops, order=tuple(n for n in state.order if n != name), worked=worked)


def _after_work(worked: Worked, stop: Stop) -> Worked:
    if stop.began_ms is None or stop.ended_ms is None or stop.ended_ms <= stop.began_ms:
        return worked
    ratio = log_ratio((stop.ended_ms - stop.began_ms) / 1000, stop.job.expected_s)
    return Worked(worked.jobs + 1, worked.log_ratio + ratio)
