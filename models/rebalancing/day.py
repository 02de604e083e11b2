"""A territory's day as a plan has to take it: who works on, with what ahead; and what nobody serves."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from features.appointment import ENDS
from features.plan import Shift
from features.route import RouteState, Stop
from features.route_order import RANK
from features.territory import Planned, Rostered, TerritoryState
from models.forecast import RiskState
from models.start import Params as StartParams
from models.start import Start, start_of


@dataclass(frozen=True, eq=False)
class Ahead:
    """A technician who works on. `stops` are at hand or ahead, in order, of which the first `fixed` stay.

    `over` are those of the route that only wait for somebody to say that they are done; they stay before it.
    """

    technician: str
    rostered: Rostered
    state: RouteState
    start: Start
    stops: tuple[Stop, ...]
    fixed: int
    over: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Day:
    """`ahead` by technician. `nobody` are the open appointments without one, `out` the routes of those who are
    out, or whom nobody knows."""

    ahead: dict[str, Ahead]
    nobody: dict[str, Planned]
    out: dict[str, tuple[str, ...]]


def day_of(
    territory: TerritoryState, risks: Mapping[str, RiskState], now_ms: int, params: StartParams
) -> Day:
    """Routes say who serves what; where two have the same appointment, the first one counts."""
    ahead: dict[str, Ahead] = {}
    out: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for technician in sorted({*territory.roster, *territory.routes}):
        route = territory.routes.get(technician, ())
        rostered, risk = territory.roster.get(technician), risks.get(technician)
        if (
            rostered is None
            or rostered.lost_ms is not None
            or (risk is not None and is_gone(risk.route, rostered.shift))
        ):
            out[technician] = tuple(name for name in route if name in territory.appointments)
            continue
        own = tuple(dict.fromkeys(name for name in route if _is_open(territory, name) and name not in taken))
        taken.update(own)
        ahead[technician] = _ahead(territory, technician, rostered, risk, own, now_ms, params)
    nobody = {
        name: planned
        for name, planned in sorted(territory.appointments.items())
        if name not in taken and not planned.ended and not planned.begun
    }
    return Day(ahead, nobody, out)


def is_gone(route: RouteState, shift: Shift) -> bool:
    """Lost, or gone home: off shift again since this shift began. Who has not come yet is not gone."""
    return route.lost or (route.duty == "off_shift" and route.duty_ms >= shift.start_ms)


def _is_open(territory: TerritoryState, name: str) -> bool:
    planned = territory.appointments.get(name)
    return planned is not None and not planned.ended


def _ahead(
    territory: TerritoryState,
    technician: str,
    rostered: Rostered,
    risk: RiskState | None,
    names: tuple[str, ...],
    now_ms: int,
    params: StartParams,
) -> Ahead:
    known = RouteState(technician) if risk is None else risk.route
    stops = {name: _stop(territory.appointments[name], known.stops.get(name)) for name in names}
    order = tuple(name for name in names if stops[name].life not in ENDS)
    state = msgspec.structs.replace(
        known,
        order=order,
        stops={**known.stops, **stops},
        shift=rostered.shift,
        territory=territory.territory,
    )
    if now_ms < rostered.shift.start_ms and any(name != territory.territory for name in known.plans):
        # On shift for another territory: for this one they begin when their shift here does.
        state = msgspec.structs.replace(state, duty=None)
    start = start_of(state, now_ms, params)
    chain = start.stops if start.at_hand is None else (start.at_hand, *start.stops)
    is_fixed = bool(chain) and (start.at_hand is not None or chain[0].life == "en_route")
    held = {stop.job.appointment for stop in chain}
    over = tuple(name for name in names if name not in held)
    return Ahead(technician, rostered, state, start, chain, int(is_fixed), over)


def _stop(planned: Planned, known: Stop | None) -> Stop:
    """What the technician's log says of it, or the territory's where that knows of more."""
    if known is None:
        known = Stop(planned.job)
    known = msgspec.structs.replace(known, job=planned.job, planned_start_ms=planned.planned_start_ms)
    life = planned.life
    if life is None or known.life in ENDS or RANK[life] <= RANK[known.life]:
        return known
    return msgspec.structs.replace(known, life=life, life_ms=planned.life_ms)
