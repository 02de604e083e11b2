"""What an assignment makes of a route: a stop more, another version of one, or one less; and what is forgotten.

An assignment without a place (and without one known before) can't be driven to: it is left out of the
stops, so nothing is predicted of it; its lives are told all the same. One without an end of its window is
never late.
"""

import msgspec
from msgspec.structs import replace

from features.events import Assignment, AssignmentPassed
from features.plan import Job
from features.route import RouteState, Stop
from features.route_order import is_open, planned
from features.units import Count
from features.wire import LATEST_MS, Place

NEVER_MS = LATEST_MS
"""The end of a window that nobody named."""


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many stops a route holds at most, and how many of them that ended."""

    remembered_ends: Count = 8
    max_stops: Count = 128


def assign(state: RouteState, passed: AssignmentPassed, params: Params) -> RouteState:
    """Take in, change or take away one stop. The same object when nothing changed."""
    given, name = passed.assignment, passed.assignment.appointment
    known = state.stops.get(name)
    if given.withdrawn:
        # What one territory takes away another may have given since.
        ours = known is None or given.territory in (None, known.territory) or known.territory is None
        return without(state, name) if ours else state
    place = known.job.place if known is not None else None
    if given.lat is not None and given.lon is not None:
        place = Place(given.lat, given.lon)
    if place is None:
        return state
    stop = _assigned(known, _job(given, place, passed.time_ms), given.planned_start_ms, passed.time_ms)
    territory = given.territory or state.territory
    stop = replace(stop, territory=given.territory or stop.territory or state.territory)
    if stop == known and territory == state.territory:
        return state
    stops = bounded({**state.stops, name: stop}, params)
    order = planned(state.order, stops, name) if is_open(stop) and name in stops else state.order
    return replace(state, territory=territory, stops=stops, order=_known(order, state, stops))


def _assigned(known: Stop | None, job: Job, planned_start_ms: int | None, time_ms: int) -> Stop:
    """What has begun goes on; after an end another life begins."""
    if known is not None and (is_open(known) or time_ms <= known.life_ms):
        return replace(known, job=job, planned_start_ms=planned_start_ms, assigned_ms=time_ms)
    return Stop(job, planned_start_ms, time_ms, "dispatched", time_ms)


def _job(given: Assignment, place: Place, time_ms: int) -> Job:
    opens_ms, closes_ms = given.window_start_ms, given.window_end_ms
    if opens_ms is None:
        opens_ms = min(
            time_ms if given.planned_start_ms is None else given.planned_start_ms, closes_ms or NEVER_MS
        )
    job = Job(
        appointment=given.appointment,
        place=place,
        window_start_ms=opens_ms,
        window_end_ms=NEVER_MS if closes_ms is None else closes_ms,
        title=given.title,
        fence=given.fence,
        skills=given.skills,
        priority=given.priority,
        hard=given.hard,
        emergency=given.emergency,
    )
    job = job if given.job_type is None else replace(job, job_type=given.job_type)
    return job if given.expected_s is None else replace(job, expected_s=given.expected_s)


def without(state: RouteState, name: str) -> RouteState:
    if name not in state.stops and name not in state.order:
        return state
    stops = {known: stop for known, stop in state.stops.items() if known != name}
    return replace(state, stops=stops, order=tuple(one for one in state.order if one != name))


def bounded(stops: dict[str, Stop], params: Params) -> dict[str, Stop]:
    """The latest ends only; and of too many stops, those assigned last."""
    ended = [stop for stop in stops.values() if not is_open(stop)]
    ended.sort(key=lambda stop: (stop.ended_ms or 0, stop.job.appointment))
    forgotten = {stop.job.appointment for stop in ended[: max(0, len(ended) - params.remembered_ends)]}
    kept = [stop for name, stop in stops.items() if name not in forgotten]
    if len(kept) > params.max_stops:
        kept.sort(key=lambda stop: (is_open(stop), stop.assigned_ms, stop.job.appointment))
        forgotten |= {stop.job.appointment for stop in kept[: len(kept) - params.max_stops]}
    return {name: stop for name, stop in stops.items() if name not in forgotten} if forgotten else stops


def _known(order: tuple[str, ...], state: RouteState, stops: dict[str, Stop]) -> tuple[str, ...]:
    """Without those just forgotten. A plan may name appointments before they are assigned."""
    return tuple(name for name in order if name in stops or name not in state.stops)
