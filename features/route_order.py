"""What a route holds of ahead and at hand, and in which order a technician takes it."""

from collections.abc import Iterable, Mapping

import msgspec

from features.appointment import ENDS
from features.events import Life
from features.route import RouteState, Stop

RANK: dict[Life, int] = {
    "dispatched": 0,
    "delivered": 1,
    "acknowledged": 2,
    "en_route": 3,
    "on_site": 4,
    "in_progress": 5,
    **dict.fromkeys(ENDS, 6),
}
"""How far an appointment has come."""
BEGUN: frozenset[Life] = frozenset(("on_site", "in_progress"))
VISITED: frozenset[Life] = frozenset(("completed", "incomplete", "no_access"))
UNDER_WAY: frozenset[Life] = BEGUN | {"en_route"}


class Course(msgspec.Struct, frozen=True, gc=False):
    """`at_hand` is where the technician is on site or at work, `bound_for` the one they are driving to, first of
    `ahead`. At most one of the two is there."""

    at_hand: Stop | None
    bound_for: Stop | None
    ahead: tuple[Stop, ...]


def course(route: RouteState) -> Course:
    """Of several that are under way only the latest counts: people forget to say that they are done.

    What was begun before that is taken for over; what they drove to and did not reach is ahead again.
    """
    stops = route.stops
    held = [stops[name] for name in route.order if name in stops]
    latest: Stop | None = None
    for stop in held:
        if stop.life in UNDER_WAY and (latest is None or stop.life_ms >= latest.life_ms):
            latest = stop
    if latest is None:
        return Course(None, None, tuple(held))
    rest = [stop for stop in held if stop is not latest and stop.life not in BEGUN]
    if latest.life in BEGUN:
        return Course(latest, None, tuple(rest))
    return Course(None, latest, (latest, *rest))


def is_open(stop: Stop) -> bool:
    return stop.life not in ENDS


def began(stop: Stop) -> int:
    """When work at a stop under way began; where nobody said so, when they came there."""
    return stop.life_ms if stop.began_ms is None else stop.began_ms


def last_done(route: RouteState) -> Stop | None:
    """The stop that they went to and that ended last, of those still known."""
    done = [stop for stop in route.stops.values() if stop.life in VISITED]
    return max(done, key=lambda stop: stop.ended_ms or 0, default=None)


def planned(order: Iterable[str], stops: Mapping[str, Stop], name: str) -> tuple[str, ...]:
    """An order with one appointment put in by its planned start, before the first that comes later and has
    not begun. What is in it already keeps its place."""
    known = tuple(order)
    if name in known:
        return known
    own = _when(stops[name])
    for at, other in enumerate(known):
        stop = stops.get(other)
        if stop is not None and stop.life not in UNDER_WAY and _when(stop) > own:
            return (*known[:at], name, *known[at:])
    return (*known, name)


def _when(stop: Stop) -> tuple[int, int]:
    job = stop.job
    start_ms = job.window_start_ms if stop.planned_start_ms is None else stop.planned_start_ms
    return start_ms, job.window_end_ms
