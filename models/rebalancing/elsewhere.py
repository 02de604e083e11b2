"""Work that a territory's technicians have for other territories: it takes their time, and stays with them."""

from collections.abc import Iterable, Mapping
from functools import reduce

from msgspec.structs import replace

from features.route import RouteState, Stop
from features.route_order import is_open, planned
from features.territory import Planned, TerritoryState
from models.forecast import RiskState
from models.rebalancing.day import is_gone


def with_elsewhere(
    territory: TerritoryState, risks: Mapping[str, RiskState]
) -> tuple[TerritoryState, frozenset[str]]:
    """The territory with that work on its routes, kept as what is pinned, and the names of it.

    The same territory where there is none. Those who are out leave it to their other territories to replace them.
    """
    found = {
        who: {name: stop for name, stop in _ahead(risks[who].route) if _is_foreign(territory, name, stop)}
        for who, rostered in territory.roster.items()
        if who in risks and rostered.lost_ms is None and not is_gone(risks[who].route, rostered.shift)
    }
    found = {who: stops for who, stops in found.items() if stops}
    if not found:
        return territory, frozenset()
    routes, appointments = dict(territory.routes), dict(territory.appointments)
    for who, stops in found.items():
        own = {name: _stop(appointments[name]) for name in routes.get(who, ()) if name in appointments}
        routes[who] = _merged(routes.get(who, ()), own | stops, stops)
        appointments |= {name: _pinned(who, stop) for name, stop in stops.items()}
    names = frozenset(name for stops in found.values() for name in stops)
    return replace(territory, routes=routes, appointments=appointments), names


def _merged(route: tuple[str, ...], stops: Mapping[str, Stop], more: Iterable[str]) -> tuple[str, ...]:
    return reduce(lambda order, name: planned(order, stops, name), more, route)


def _ahead(route: RouteState) -> list[tuple[str, Stop]]:
    return [(name, route.stops[name]) for name in route.order if name in route.stops]


def _is_foreign(territory: TerritoryState, name: str, stop: Stop) -> bool:
    return (
        stop.territory not in (None, territory.territory)
        and name not in territory.appointments
        and is_open(stop)
    )


def _stop(one: Planned) -> Stop:
    return Stop(one.job, one.planned_start_ms, life=one.life or "dispatched")


def _pinned(who: str, stop: Stop) -> Planned:
    return Planned(
        job=stop.job,
        technician=who,
        life=stop.life,
        life_ms=stop.life_ms,
        pinned=True,
        planned_start_ms=stop.planned_start_ms,
    )
