"""What waits for a better plan: wishes, one for each trigger and appointment, or technician with a gap.

An appointment that nobody serves, or that is at risk, keeps its wish until that is no longer so.
"""

from collections.abc import Collection

from msgspec.structs import replace

from features.plan_events import Trigger
from features.territory import TerritoryState, Wish
from features.territory_events import LEVELS

STANDING_STAGES = ("overdue", "unreachable")


def wished(state: TerritoryState, trigger: Trigger, about: tuple[str, ...], now_ms: int) -> TerritoryState:
    """With one more wish. One that waits already goes on waiting since then."""
    if any(wish.trigger == trigger and wish.about == about for wish in state.wishes):
        return state
    return replace(state, wishes=(*state.wishes, Wish(trigger, now_ms, about)))


def wished_each(
    state: TerritoryState, trigger: Trigger, appointments: Collection[str], now_ms: int
) -> TerritoryState:
    for name in appointments:
        state = wished(state, trigger, (name,), now_ms)
    return state


def dropped(
    state: TerritoryState, appointments: Collection[str], trigger: Trigger | None = None
) -> TerritoryState:
    """Without what was wished about these appointments, for one trigger or for all."""
    wishes = []
    for wish in state.wishes:
        if trigger is None or wish.trigger == trigger:
            about = tuple(name for name in wish.about if name not in appointments)
            if wish.about and not about:
                continue
            wish = replace(wish, about=about)
        wishes.append(wish)
    return state if tuple(wishes) == state.wishes else replace(state, wishes=tuple(wishes))


def looked(state: TerritoryState, now_ms: int) -> TerritoryState:
    """After somebody looked for a better plan: what still stands waits on, as asked; the rest is done with."""
    wishes = []
    for wish in state.wishes:
        about = tuple(name for name in wish.about if stands(state, name))
        if about and wish.trigger not in ("request", "outdated"):
            wishes.append(Wish(wish.trigger, now_ms, about, asked=True))
    known = {name for wish in wishes for name in wish.about}
    rest = [name for name in state.appointments if name not in known and stands(state, name)]
    wishes += [Wish(trigger_of(state, name), now_ms, (name,), asked=True) for name in rest]
    return replace(state, wishes=tuple(wishes), looked_ms=now_ms)


def unanswered(state: TerritoryState, names: Collection[str] | None = None) -> TerritoryState:
    """What was answered of these, or of all, does not hold any more: it is to be asked again."""

    def concerned(about: Collection[str]) -> bool:
        return names is None or any(name in names for name in about)

    wishes = tuple(
        replace(wish, asked=False) if wish.asked and concerned(wish.about) else wish for wish in state.wishes
    )
    answers = {name: why for name, why in state.last_answer.items() if not concerned((name,))}
    if wishes == state.wishes and answers == state.last_answer:
        return state
    return replace(state, wishes=wishes, last_answer=answers)


def stands(state: TerritoryState, name: str) -> bool:
    """Whether an appointment needs another plan: nobody serves it, it is at risk, or not acknowledged."""
    planned = state.appointments.get(name)
    if planned is None or planned.ended:
        return False
    return planned.unserved or at_risk(state, name) or planned.stage in STANDING_STAGES


def at_risk(state: TerritoryState, name: str) -> bool:
    risk = state.risks.get(name)
    return risk is not None and LEVELS.index(risk.level) >= LEVELS.index("AT_RISK")


def trigger_of(state: TerritoryState, name: str) -> Trigger:
    """Why an appointment that stands needs another plan."""
    planned = state.appointments[name]
    if planned.unserved:
        return "emergency" if planned.job.emergency else "new_appointment"
    return "risk" if at_risk(state, name) else "acknowledgement"
