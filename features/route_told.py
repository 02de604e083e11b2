"""What the plan of a territory says of a technician's route: the order, and the shift.

Somebody may work for several territories on one day. Each says the order of its own appointments, and changes
nothing about those of the others; between them the planned starts decide.
"""

from collections.abc import Iterable
from functools import reduce

from msgspec.structs import replace

from features.events import RoutePassed
from features.plan import Shift
from features.route import RouteState, Told, Worked
from features.route_order import UNDER_WAY, is_open, planned

REST_MS = 21_600_000
"""A shift that begins so long after all others of the technician were over is on another day."""


def take_route(state: RouteState, passed: RoutePassed) -> RouteState:
    """Another order. What is being served stays in front, where the plan forgot it; the rest falls out."""
    route, known = passed.route, state.plans.get(passed.route.territory)
    another_day = state.shift is not None and route.shift.start_ms >= state.shift.end_ms + REST_MS
    if known is not None and route.plan_version < known.version and not another_day:
        return state
    plans = {} if another_day else state.plans
    plans = {**plans, route.territory: Told(route.plan_version, route.shift)}
    after = replace(
        state,
        territory=route.territory,
        plans=plans,
        plan_version=sum(plan.version for plan in plans.values()),
        order=_order(state, route.territory, route.stops, another_day),
        shift=reduce(_both, (plan.shift for plan in plans.values())),
    )
    if another_day:
        after = replace(after, worked=Worked(), rested=False, lost=False)
    return state if after == state else after


def territory_of(state: RouteState, appointment: str) -> str | None:
    """Whose plan an appointment is of: who said so last, where it does not say so itself."""
    stop = state.stops.get(appointment)
    return state.territory if stop is None or stop.territory is None else stop.territory


def _order(state: RouteState, territory: str, told: Iterable[str], another_day: bool) -> tuple[str, ...]:
    stops, told = state.stops, tuple(told)
    elsewhere = [] if another_day else [name for name in state.order if _is_elsewhere(state, name, territory)]
    served = [
        name
        for name in state.order
        if name in stops and stops[name].life in UNDER_WAY and name not in told and name not in elsewhere
    ]
    order = (*served, *(name for name in told if name not in stops or is_open(stops[name])))
    return reduce(lambda order, name: planned(order, stops, name), elsewhere, order)


def _is_elsewhere(state: RouteState, name: str, territory: str) -> bool:
    stop = state.stops.get(name)
    return stop is not None and stop.territory not in (None, territory)


def _both(first: Shift, second: Shift) -> Shift:
    """From where and when the first begins to where and when the last ends, with the longer break of the two."""
    begins = min(first, second, key=lambda shift: shift.start_ms)
    ends = max(first, second, key=lambda shift: shift.end_ms)
    rests = max(first, second, key=lambda shift: shift.break_s)
    return replace(
        begins, end_ms=ends.end_ms, end=ends.end, break_from_ms=rests.break_from_ms, break_s=rests.break_s
    )
