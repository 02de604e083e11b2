"""What a territory's state need not remember: yesterday."""

from collections.abc import Collection

from msgspec.structs import replace

from features.territory import TerritoryState
from features.territory_edit import off_routes, without_risks
from features.units import ms
from features.wishes import dropped, unanswered
from models.planning.params import Params


def forgotten(state: TerritoryState, params: Params) -> TerritoryState:
    """Without appointments, shifts and rejections that are long past. The same where there are none.

    That goes for appointments that nobody ended as well: people forget to tap, and what nobody served
    yesterday must not keep today's from being helped.
    """
    since_ms = state.clock_ms - ms(params.forgotten_after_s)
    gone = {
        name
        for name, planned in state.appointments.items()
        if max(planned.job.window_end_ms, planned.life_ms, planned.cancelled_ms or 0) < since_ms
    }
    if state.proposal is not None:
        gone -= {move.appointment for move in state.proposal.moves}
    state = _without(state, gone)
    left = {
        who
        for who, rostered in state.roster.items()
        if rostered.shift.end_ms < since_ms and not state.routes.get(who)
    }
    rejected_ms = state.clock_ms - ms(params.rejected_for_s)
    rejected = tuple(one for one in state.rejected if one.time_ms > rejected_ms)
    if state.proposal is not None and left & set(state.proposal.routes):
        left = set()
    if not left and rejected == state.rejected:
        return state
    return replace(
        dropped(state, tuple(left)),
        roster={who: one for who, one in state.roster.items() if who not in left},
        routes={who: route for who, route in state.routes.items() if who not in left},
        route_versions={who: one for who, one in state.route_versions.items() if who not in left},
        rejected=rejected,
    )


def _without(state: TerritoryState, gone: Collection[str]) -> TerritoryState:
    if not gone:
        return state
    state = unanswered(dropped(without_risks(off_routes(state, gone), gone), tuple(gone)), tuple(gone))
    kept = {name: one for name, one in state.appointments.items() if name not in gone}
    return replace(state, appointments=kept)
