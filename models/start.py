"""Where a technician's day goes on from: who is at hand, when they are free, and what is still to be driven."""

import msgspec
from msgspec.structs import replace

from features.geo import distance_m
from features.motion import SILENT
from features.route import RouteState, Stop
from features.route_order import Course, began, course, last_done
from features.units import Metres, Seconds, Share, ms
from features.wire import Place


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position is stale after `stale_after_s`. Who is on site for `begun_after_s` has begun, though they do
    not say so; who drives about `left_m` from the site has left. `break_s` is a break that no shift tells of.
    Of a leg at least `least_leg_share` is still ahead until the arrival is known."""

    stale_after_s: Seconds = 180.0
    begun_after_s: Seconds = 600.0
    left_m: Metres = 1_000.0
    break_s: Seconds = 1_800.0
    least_leg_share: Share = 0.1


class Start(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`at_hand` is where they are on site: since `spent_s` at work, where `working`. Then `stops` ahead.
    `idle_s` is for how long they have neither worked nor driven, where the end of the last work is known.

    The first leg ahead begins at `place` (None: nothing is known), not before `free_ms`; `driven_s` of it are
    behind them. `driving` to the first of `stops`. `stale`: where they are is not known for sure, since
    `seen_ms`. A break of `break_s` (0 for none) is to be taken from `break_from_ms` on.
    """

    free_ms: int
    place: Place | None
    seen_ms: int
    at_hand: Stop | None = None
    working: bool = False
    spent_s: float = 0.0
    driving: bool = False
    driven_s: float = 0.0
    idle_s: float = 0.0
    stale: bool = False
    break_from_ms: int = 0
    break_s: float = 0.0
    stops: tuple[Stop, ...] = ()


def behind_s(start: Start, leaving_s: float) -> float:
    """Seconds of the first leg that are over: who drives has left, which takes `leaving_s`; who stands may have
    begun to."""
    return start.driven_s + leaving_s if start.driving else min(start.idle_s, leaving_s)


def start_of(route: RouteState, now_ms: int, params: Params) -> Start:
    """Where one route goes on from at `now_ms`."""
    way = course(route)
    if way.at_hand is not None and not _has_left(route, way.at_hand, params):
        start = _from_work(way.at_hand, now_ms, params)
    else:
        start = _from_road(route, way, now_ms, params)
    break_from_ms, break_s = _break(route)
    if start.driving:
        # Who is on the way already does not rest before they set out.
        break_from_ms = max(break_from_ms, now_ms + 1_000)
    return replace(start, break_from_ms=break_from_ms, break_s=break_s, stops=way.ahead)


def _from_work(at_hand: Stop, now_ms: int, params: Params) -> Start:
    since_ms = _working_since(at_hand, now_ms, params)
    return Start(
        free_ms=now_ms,
        place=at_hand.job.place,
        seen_ms=now_ms,
        at_hand=at_hand,
        working=since_ms is not None,
        spent_s=0.0 if since_ms is None else max(0, now_ms - since_ms) / 1000,
    )


def _from_road(route: RouteState, way: Course, now_ms: int, params: Params) -> Start:
    waiting = _waits_for_shift(route, way, now_ms)
    place, seen_ms = _place(route, now_ms, params, waiting)
    driving = way.bound_for is not None or (route.motion == "MOVING" and not waiting)
    unheard = route.motion in SILENT or now_ms - route.place_ms > ms(params.stale_after_s)
    return Start(
        free_ms=_free_ms(route, now_ms, params, waiting),
        place=place,
        seen_ms=seen_ms,
        driving=driving,
        driven_s=_driven_s(route, way, seen_ms, now_ms) if driving else 0.0,
        idle_s=0.0 if driving else _idle_s(route, now_ms),
        stale=unheard and not waiting,
    )


def _break(route: RouteState) -> tuple[int, float]:
    shift = route.shift
    if shift is None or shift.break_from_ms is None or route.rested:
        return 0, 0.0
    return shift.break_from_ms, shift.break_s


def _has_left(route: RouteState, at_hand: Stop, params: Params) -> bool:
    """Nobody said that it is over, but they drive somewhere else."""
    here, site = route.place, at_hand.job.place
    if here is None or route.motion != "MOVING" or route.place_ms <= at_hand.life_ms:
        return False
    return distance_m(here.lat, here.lon, site.lat, site.lon) > params.left_m


def _working_since(at_hand: Stop, now_ms: int, params: Params) -> int | None:
    if at_hand.life == "in_progress":
        return began(at_hand)
    could_ms = max(at_hand.life_ms, at_hand.job.window_start_ms)
    return could_ms if now_ms >= could_ms + ms(params.begun_after_s) else None


def _waits_for_shift(route: RouteState, way: Course, now_ms: int) -> bool:
    if route.shift is None or now_ms >= route.shift.start_ms:
        return False
    return way.bound_for is None and route.duty not in ("on_shift", "on_break")


def _free_ms(route: RouteState, now_ms: int, params: Params, waiting: bool) -> int:
    if route.duty == "on_break":
        break_s = params.break_s if route.shift is None else route.shift.break_s
        return max(now_ms, route.duty_ms + ms(break_s))
    return route.shift.start_ms if waiting and route.shift is not None else now_ms


def _place(route: RouteState, now_ms: int, params: Params, waiting: bool) -> tuple[Place | None, int]:
    """The last position and its time; where none is known that of the last work, or the shift's start."""
    shift = route.shift
    fresh = now_ms - route.place_ms <= ms(params.stale_after_s)
    unheard = route.duty is None and not fresh
    if shift is not None and (waiting or unheard):
        return shift.start, now_ms
    if route.place is not None:
        return route.place, route.place_ms
    last = last_done(route)
    if last is not None:
        return last.job.place, last.ended_ms or 0
    return (None if shift is None else shift.start), now_ms


def _driven_s(route: RouteState, way: Course, seen_ms: int, now_ms: int) -> float:
    if route.motion == "STOPPED":
        return 0.0
    departed_ms = None if way.bound_for is None else way.bound_for.departed_ms
    return max(0, now_ms - max(seen_ms, departed_ms or 0)) / 1000


def _idle_s(route: RouteState, now_ms: int) -> float:
    last = last_done(route)
    return 0.0 if last is None or last.ended_ms is None else max(0, now_ms - last.ended_ms) / 1000
