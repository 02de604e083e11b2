"""A day begins: what was known of it takes over, and what is under way of the day before goes on."""

from msgspec.structs import replace

from features.plan_events import PlanOutbound
from features.territory import Planned, Rostered, TerritoryState
from features.wishes import wished_each
from models.planning import proposals
from models.planning.change import Planning, changed
from models.planning.later import date_of


def turned(state: TerritoryState, planning: Planning) -> tuple[TerritoryState, tuple[PlanOutbound, ...]]:
    """With the days that have begun since; what is under way of the day before goes on."""
    made: tuple[PlanOutbound, ...] = ()
    if not state.later:
        return state, made
    today = date_of(state.clock_ms, planning)
    for day in sorted(state.later):
        if day > today:
            break
        state, more = _turned_to(state, day, planning)
        made += more
    return state, made


def _turned_to(
    state: TerritoryState, day: str, planning: Planning
) -> tuple[TerritoryState, tuple[PlanOutbound, ...]]:
    before, ends = state, tuple[PlanOutbound, ...]()
    if state.proposal is not None:
        state, end = proposals.closed(state, "expired", planning, why="another day has begun")
        ends = (end,)
    after = _taken_over(state, state.later[day])
    after = replace(after, later={name: known for name, known in state.later.items() if name != day})
    after, changes = changed(before, after, "planned", planning)
    return after, (*ends, *changes)


def _taken_over(state: TerritoryState, fresh: TerritoryState) -> TerritoryState:
    kept = {name: one for name, one in state.appointments.items() if _stays(one, state.clock_ms)}
    open_ = {name for name, one in kept.items() if not one.ended}
    handed_out = {name: _handed_out(one, state.clock_ms) for name, one in fresh.appointments.items()}
    appointments = {**kept, **{name: one for name, one in handed_out.items() if name not in open_}}
    left = {who: tuple(name for name in route if name in open_) for who, route in state.routes.items()}
    roster = {who: one for who, one in state.roster.items() if left.get(who) or _works(one, state.clock_ms)}
    roster |= fresh.roster
    routes = {
        who: left.get(who, ()) + tuple(name for name in fresh.routes.get(who, ()) if name not in open_)
        for who in roster
    }
    after = replace(
        state,
        roster=roster,
        appointments=appointments,
        routes={
            who: route for who, route in routes.items() if route or who in state.routes or who in fresh.routes
        },
        risks={name: risk for name, risk in state.risks.items() if name in open_},
        wishes=(),
        last_answer={},
    )
    nobodys = [name for name, one in appointments.items() if one.unserved]
    return wished_each(after, "new_appointment", nobodys, state.clock_ms)


def _stays(planned: Planned, now_ms: int) -> bool:
    """Of the day before: what is under way, what is not late yet, and, for words that come late, what has ended."""
    return planned.ended or planned.under_way or planned.job.window_end_ms > now_ms


def _works(rostered: Rostered, now_ms: int) -> bool:
    return rostered.shift.end_ms > now_ms


def _handed_out(planned: Planned, now_ms: int) -> Planned:
    """Technicians hear of it only now: no word from before is an answer to it."""
    return planned if planned.technician is None else replace(planned, life_ms=now_ms)
