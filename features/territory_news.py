"""What our own agents say of a territory's day: risks, how far appointments have come, who took them up.

Their word may cross a change of the plan: what speaks of a technician who has the appointment no more
changes nothing.
"""

from msgspec.structs import replace

from features.appointment import ENDS
from features.plan_events import Trigger
from features.rejection import Rejection
from features.territory import Planned, Risk, TerritoryState
from features.territory_edit import ended, orphaned, with_planned, with_rostered, without_risks
from features.territory_events import AcknowledgementChanged, LifeChanged, RiskChanged, TechnicianBack
from features.territory_facts import unknown_appointment
from features.wishes import STANDING_STAGES, at_risk, dropped, unanswered, wished

CLOCKS_APART_MS = 120_000
"""Clocks of technicians and of offices differ by up to so much."""


def risk_changed(state: TerritoryState, news: RiskChanged, now_ms: int) -> TerritoryState | Rejection:
    name = news.appointment
    planned = state.appointments.get(name)
    if planned is None:
        return unknown_appointment(state, name, f"at risk ({news.level or 'cleared'})")
    if planned.ended or planned.technician != news.technician:
        return state
    known = state.risks.get(name)
    if news.level is None:
        return dropped(without_risks(state, (name,)), (name,), "risk")
    same = known is not None and known.level == news.level
    risk = Risk(
        news.level,
        news.technician,
        since_ms=known.since_ms if known and same else news.time_ms,
        raised_ms=known.raised_ms if known else news.time_ms,
        probability=news.probability,
        late_min=news.late_min,
        reasons=news.reasons,
    )
    after = replace(state, risks={**state.risks, name: risk})
    if not same:
        after = unanswered(after, (name,))
    if at_risk(after, name):
        return wished(after, "risk", (name,), now_ms)
    return dropped(after, (name,), "risk")


def life_changed(state: TerritoryState, news: LifeChanged, now_ms: int) -> TerritoryState | Rejection:
    name = news.appointment
    planned = state.appointments.get(name)
    if planned is None:
        return unknown_appointment(state, name, news.life)
    if planned.ended:
        return state
    if planned.technician != news.technician:
        # Work that is done is done, whoever did it: nobody else is to come.
        done = replace(planned, life="completed", life_ms=news.time_ms, technician=None, pinned=False)
        return ended(state, name, done) if news.life == "completed" else state
    if news.life == "declined":
        return _declined(state, name, planned, news.time_ms, now_ms)
    after = replace(planned, life=news.life, life_ms=news.time_ms)
    if after.under_way and after.stage in STANDING_STAGES:
        # Who has set out has taken it up, whatever they said of it.
        after = replace(after, stage="acknowledged")
        state = dropped(state, (name,), _trigger(planned))
    if news.life in ENDS:
        return ended(state, name, after)
    return with_planned(state, {name: after})


def acknowledgement_changed(
    state: TerritoryState, news: AcknowledgementChanged, now_ms: int
) -> TerritoryState | Rejection:
    name = news.appointment
    planned = state.appointments.get(name)
    if planned is None:
        return unknown_appointment(state, name, news.stage)
    if planned.ended or planned.technician != news.technician:
        return state
    if news.stage == "declined":
        return _declined(state, name, planned, news.time_ms, now_ms)
    if planned.under_way and news.stage in STANDING_STAGES:
        return state
    after = with_planned(state, {name: replace(planned, stage=news.stage)})
    if news.stage in ("overdue", "unreachable"):
        return wished(after, _trigger(planned), (name,), now_ms)
    return dropped(after, (name,), _trigger(planned))


def technician_back(state: TerritoryState, news: TechnicianBack) -> TerritoryState:
    """They can be planned again; what they had is somebody else's now, or waits."""
    known = state.roster.get(news.technician)
    if known is None or known.lost_ms is None or news.time_ms < known.lost_ms:
        return state
    return with_rostered(state, news.technician, replace(known, lost_ms=None, said_ms=news.time_ms))


def _declined(
    state: TerritoryState, name: str, planned: Planned, time_ms: int, now_ms: int
) -> TerritoryState:
    """Nobody serves it now, and whoever declined it is not asked again.

    A word from before they were given it once more is about the time before.
    """
    if time_ms < planned.life_ms - CLOCKS_APART_MS:
        return state
    assert planned.technician is not None
    after = with_planned(state, {name: replace(planned, declined=(*planned.declined, planned.technician))})
    return wished(dropped(orphaned(after, (name,)), (name,)), _trigger(planned), (name,), now_ms)


def _trigger(planned: Planned) -> Trigger:
    """An emergency that nobody takes up is an emergency still: it waits for no pause."""
    return "emergency" if planned.job.emergency else "acknowledgement"
