"""What a territory's state need not remember: yesterday."""

from msgspec.structs import replace

from features.territory import TerritoryState
from features.units import ms
from models.planning.params import Params


def forgotten(state: TerritoryState, params: Params) -> TerritoryState:
    """Without ended appointments, shifts and rejections that are long past. The same where there are none."""
    since_ms = state.clock_ms - ms(params.forgotten_after_s)
    gone = {
        name
        for name, planned in state.appointments.items()
        if planned.ended
        and max(planned.job.window_end_ms, planned.life_ms, planned.cancelled_ms or 0) < since_ms
    }
    left = {
        who
        for who, rostered in state.roster.items()
        if rostered.shift.end_ms < since_ms and not state.routes.get(who)
    }
    rejected_ms = state.clock_ms - ms(params.rejected_for_s)
    rejected = tuple(one for one in state.rejected if one.time_ms > rejected_ms)
    if state.proposal is not None and left & set(state.proposal.routes):
        left = set()
    if not gone and not left and rejected == state.rejected:
        return state
    return replace(
        state,
        appointments={name: one for name, one in state.appointments.items() if name not in gone},
        roster={who: one for who, one in state.roster.items() if who not in left},
        routes={who: route for who, route in state.routes.items() if who not in left},
        rejected=rejected,
    )
