"""Fold signals into the states of the risk agent: routes go on, and at each tick those that are due are looked at.

Evaluation happens at ticks alone, all routes that are due together; so nothing depends on where a batch of
signals is cut. What has begun, ended, been taken away or moved is no risk any more, and that is said at once.
Who goes off shift with work ahead is told to be lost a little later, and to be back when they are.
Without a territory there is nobody to tell: such a route is followed and predicted, but raises nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from features import route_fold
from features.events import Cause, Conclusion, Located, Ticked
from features.route import RouteState, Stop
from features.route_order import BEGUN
from features.route_told import territory_of
from features.territory_events import ArrivalPredicted
from features.units import ms
from models import arrivals, cadence, levels, telling
from models.duration import Durations
from models.forecast import Published, RiskState, Standing
from models.levels import Change
from models.risk import Assessment, assess, seed_of
from models.risk_params import RiskParams as Params
from models.telling import Made
from models.travel import Travel

MOVED_MS = 600_000
"""Planned at a time that differs by so much, an appointment is looked at afresh."""


class Predictors(Protocol):
    """What is learned of work and of ways."""

    @property
    def durations(self) -> Durations: ...

    @property
    def travel(self) -> Travel: ...


class Folded(NamedTuple):
    """The states that changed, by technician, and what is to be said, in order; each names its cause."""

    changed: dict[str, RiskState]
    made: list[Made]


def fold(
    states: Mapping[str, RiskState],
    events: Iterable[tuple[Cause, Conclusion]],
    models: Predictors,
    zone: str,
    params: Params,
) -> Folded:
    """Fold one partition's signals in the order of their log. Each comes with the cause of what it makes,
    whose index counts up from the one given. `states` are all of the partition; none is changed in place."""
    changed: dict[str, RiskState] = {}
    made: list[Made] = []
    for cause, event in events:
        if isinstance(event, Ticked):
            more = _tick({**states, **changed}, event.time_ms, cause, models, zone, params)
        elif event.technician:
            more = _hear(changed.get(event.technician) or states.get(event.technician), event, cause, params)
        else:
            continue
        changed.update(more.changed)
        made += more.made
    return Folded(changed, made)


def _hear(before: RiskState | None, event: Conclusion, cause: Cause, params: Params) -> Folded:
    state = before or RiskState(RouteState(event.technician))
    route, lives = route_fold.advance(state.route, event, params.route)
    if route is state.route:
        return Folded({}, telling.numbered(cause, [telling.life(route, one, cause) for one in lives]))
    over = [name for name in state.standings if _is_over(name, state.route, route)]
    after = replace(state, route=route, stale=state.stale or not isinstance(event, Located))
    if over:
        after = replace(after, standings=_without(state.standings, over))
    if any(name not in route.stops for name in state.expected):
        after = replace(after, expected={n: one for n, one in state.expected.items() if n in route.stops})
    told: list[Made | None] = [telling.life(route, one, cause) for one in lives]
    if state.told_lost and not route.lost:
        after = replace(after, told_lost=False)
        told += [telling.back(route, name, event.time_ms, cause) for name in _employers(route)]
    for name in over:
        change = levels.ended(state.standings[name])
        told.append(telling.risk(state.route, name, change, None, event.time_ms, cause))
    return Folded({event.technician: after}, telling.numbered(cause, told))


def _is_over(name: str, before: RouteState, after: RouteState) -> bool:
    """No longer ahead, or asked for or planned at another time, or in another territory."""
    was, stop = before.stops.get(name), after.stops.get(name)
    if stop is None or name not in after.order or stop.life in BEGUN:
        return True
    if territory_of(before, name) != territory_of(after, name):
        return True
    return was is not None and was is not stop and _has_moved(was, stop)


def _has_moved(was: Stop, now: Stop) -> bool:
    if (was.job.window_start_ms, was.job.window_end_ms) != (now.job.window_start_ms, now.job.window_end_ms):
        return True
    if was.planned_start_ms is None or now.planned_start_ms is None:
        return False
    return abs(now.planned_start_ms - was.planned_start_ms) >= MOVED_MS


def _tick(
    states: Mapping[str, RiskState],
    now_ms: int,
    cause: Cause,
    models: Predictors,
    zone: str,
    params: Params,
) -> Folded:
    names = sorted(name for name, state in states.items() if cadence.due(state, now_ms, params.cadence))
    looked_at = [states[name] for name in names]
    found = (
        assess(looked_at, now_ms, models.durations, models.travel, zone, params, seed_of(cause))
        if looked_at
        else []
    )
    changed: dict[str, RiskState] = {}
    told: list[Made | None] = []
    for name, state, one in zip(names, looked_at, found, strict=True):
        after, changes = _evaluated(state, one, now_ms, params)
        told += [
            telling.risk(state.route, about, change, one.evaluations.get(about), now_ms, cause)
            for about, change in changes
        ]
        moved = {about for about, change in changes if change.before != change.after}
        published, more = _published(state, one, moved, now_ms, cause, params)
        changed[name] = replace(after, published=published)
        told += more
    for name in sorted(name for name, state in states.items() if _is_lost(state, now_ms, params)):
        changed[name] = replace(changed.get(name) or states[name], told_lost=True)
        told += [telling.lost(states[name].route, territory, cause) for territory in _hit(states[name].route)]
    return Folded(changed, telling.numbered(cause, told))


def _evaluated(
    state: RiskState, found: Assessment, now_ms: int, params: Params
) -> tuple[RiskState, list[tuple[str, Change]]]:
    """The state after an evaluation, and which levels changed. Who is calm is not remembered."""
    standings: dict[str, Standing] = {}
    changes: list[tuple[str, Change]] = []
    for name, seen in found.evaluations.items():
        if territory_of(state.route, name) is None:
            continue
        known = state.standings.get(name, levels.CALM)
        standing, change = levels.followed(known, seen, now_ms, params.levels)
        if change is not None:
            changes.append((name, change))
        if standing.level is not None or standing.rising is not None:
            standings[name] = standing
    for name, standing in state.standings.items():
        change = levels.ended(standing) if name not in found.evaluations else None
        if change is not None:
            changes.append((name, change))
    after = replace(state, evaluated_ms=now_ms, stale=False, expected=found.expected, standings=standings)
    return after, changes


def _published(
    state: RiskState, found: Assessment, moved: Collection[str], now_ms: int, cause: Cause, params: Params
) -> tuple[dict[str, Published], list[ArrivalPredicted]]:
    """What has been published of each stop that has not begun, and what is said of it now."""
    published: dict[str, Published] = {}
    said: list[ArrivalPredicted] = []
    for name in found.evaluations:
        known, territory = state.published.get(name), territory_of(state.route, name)
        new = arrivals.publish(known, found.expected[name], name in moved, params.arrivals)
        if territory is None or state.route.lost or new is None:
            if known is not None:
                published[name] = known
            continue
        published[name] = new
        said.append(telling.arrival(state.route, territory, name, new, known, now_ms, cause))
    return published, said


def _is_lost(state: RiskState, now_ms: int, params: Params) -> bool:
    route = state.route
    return route.lost and not state.told_lost and now_ms >= route.duty_ms + ms(params.lost_after_s)


def _employers(route: RouteState) -> list[str]:
    return sorted({*route.plans, *(() if route.territory is None else (route.territory,))})


def _hit(route: RouteState) -> list[str]:
    """Whose appointments nobody will come to."""
    return sorted({known for name in route.order if (known := territory_of(route, name)) is not None})


def _without(standings: Mapping[str, Standing], names: Sequence[str]) -> dict[str, Standing]:
    return {name: standing for name, standing in standings.items() if name not in names}
