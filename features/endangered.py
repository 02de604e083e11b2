"""All of a territory's day that is going to fail: what was found at risk, and what nobody serves."""

from features.territory import Planned, Risk, TerritoryState
from features.territory_events import Reason
from features.wire import LATEST_MS

UNSERVED_MIN = 240.0
"""What an appointment counts that nobody serves, in late minutes."""
SOON_MS = 7_200_000


def endangered(state: TerritoryState) -> dict[str, Risk]:
    """The risk of each appointment that has one, by name.

    The risk agent follows technicians. That an appointment starts late which has none needs no prediction.
    """
    # Before the day's first plan nobody serves anything: that is wrong only of what has to be served soon.
    until_ms = state.clock_ms + SOON_MS if state.version == 0 else LATEST_MS
    alone = {
        name: _unserved(planned, state.clock_ms)
        for name, planned in state.appointments.items()
        if planned.unserved and planned.job.window_end_ms <= until_ms
    }
    return {**state.risks, **alone}


def _unserved(planned: Planned, now_ms: int) -> Risk:
    since_ms = planned.life_ms or planned.asked_ms
    return Risk(
        level="LATE" if now_ms > planned.job.window_end_ms else "CRITICAL",
        technician="",
        since_ms=since_ms,
        raised_ms=since_ms,
        probability=1.0,
        late_min=UNSERVED_MIN,
        reasons=(Reason("nobody", UNSERVED_MIN),),
    )
