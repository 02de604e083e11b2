"""When a route is looked at anew: when something happened, every minute while an arrival is near or a job
overruns or a level is about to rise, every three minutes else."""

import msgspec

from features.route_order import BEGUN, began
from features.units import Seconds, ms
from models.forecast import RiskState


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    near_s: Seconds = 1_800.0
    often_s: Seconds = 60.0
    else_s: Seconds = 180.0


def due(state: RiskState, now_ms: int, params: Params) -> bool:
    """Whether a route is to be evaluated at `now_ms`. One without stops ahead only where something happened."""
    if now_ms <= state.evaluated_ms:
        return False
    if state.stale:
        return True
    if not state.expected:
        return False
    since_ms = now_ms - state.evaluated_ms
    if since_ms >= ms(params.else_s):
        return True
    return since_ms >= ms(params.often_s) and _urgent(state, now_ms, params)


def _urgent(state: RiskState, now_ms: int, params: Params) -> bool:
    if any(standing.rising is not None for standing in state.standings.values()):
        return True
    for name, expected in state.expected.items():
        stop = state.route.stops.get(name)
        if stop is None:
            continue
        if stop.life in BEGUN:
            if now_ms > began(stop) + stop.job.expected_s * 1000:
                return True
        elif expected.start_p50_ms - now_ms <= ms(params.near_s):
            return True
    return False
