"""Small changes of a territory's state, each with all that goes with it."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from features.territory import Planned, Rostered, TerritoryState
from features.wishes import dropped, unanswered, wished_each


def with_planned(state: TerritoryState, changed: Mapping[str, Planned]) -> TerritoryState:
    return replace(state, appointments={**state.appointments, **changed})


def with_rostered(state: TerritoryState, technician: str, rostered: Rostered) -> TerritoryState:
    """Another technician or another shift: earlier answers may not hold any more."""
    return unanswered(replace(state, roster={**state.roster, technician: rostered}))


def off_routes(state: TerritoryState, names: Collection[str]) -> TerritoryState:
    """No route has these any more."""
    if not any(name in route for route in state.routes.values() for name in names):
        return state
    kept = {who: tuple(one for one in route if one not in names) for who, route in state.routes.items()}
    return replace(state, routes=kept)


def without_risks(state: TerritoryState, names: Collection[str]) -> TerritoryState:
    """What was expected of these does not hold any more."""
    if not any(name in state.risks for name in names):
        return state
    return replace(state, risks={name: risk for name, risk in state.risks.items() if name not in names})


def ended(state: TerritoryState, name: str, planned: Planned) -> TerritoryState:
    """An appointment that has come to an end leaves the route, the risks, the wishes and the answers."""
    state = without_risks(off_routes(with_planned(state, {name: planned}), (name,)), (name,))
    return unanswered(dropped(state, (name,)), (name,))


def orphaned(state: TerritoryState, names: Collection[str]) -> TerritoryState:
    """Nobody serves these any more, and what their technicians said of them counts no more."""
    changed = {name: nobodys(state.appointments[name], state.clock_ms) for name in names}
    return unanswered(without_risks(off_routes(with_planned(state, changed), names), names), names)


def given(planned: Planned, technician: str, now_ms: int) -> Planned:
    """An appointment in these hands. In new ones it has to be acknowledged and begun anew."""
    if planned.technician == technician:
        return planned
    return replace(
        planned, technician=technician, life="dispatched", life_ms=now_ms, stage=None, pinned=False
    )


def nobodys(planned: Planned, now_ms: int) -> Planned:
    """An appointment in nobody's hands, since now where it was in somebody's."""
    since_ms = planned.life_ms if planned.technician is None else now_ms
    return replace(planned, technician=None, life=None, life_ms=since_ms, stage=None, pinned=False)


def rerouted(state: TerritoryState, routes: Mapping[str, tuple[str, ...]], now_ms: int) -> TerritoryState:
    """These technicians serve these appointments, in this order. What they leave out waits for somebody."""
    planned = {name for route in routes.values() for name in route}
    after = {who: tuple(one for one in route if one not in planned) for who, route in state.routes.items()}
    changed: dict[str, Planned] = {}
    for who, route in routes.items():
        changed |= {name: nobodys(state.appointments[name], now_ms) for name in after.get(who, ())}
        changed |= {name: given(state.appointments[name], who, now_ms) for name in route}
        after[who] = route
    moved = [name for name in changed if changed[name] is not state.appointments[name]]
    left = [name for name in moved if changed[name].technician is None]
    state = without_risks(with_planned(replace(state, routes=after), changed), moved)
    return wished_each(dropped(state, moved), "new_appointment", left, now_ms)


def able(rostered: Rostered, planned: Planned) -> bool:
    """Whether somebody has the skills for it."""
    return set(planned.job.skills) <= set(rostered.skills)
