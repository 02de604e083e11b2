"""What a look for a better plan has come to: a proposal, applied at once or left to a person, or none."""

from collections.abc import Mapping

from msgspec.structs import replace

from features.plan_events import NoBetterPlan, PlanOutbound, Proposal, Proposed
from features.territory import TerritoryState
from features.wishes import looked, stands
from models.planning import proposals
from models.planning.change import UNNAMED, Planning
from models.rebalancing import policy
from models.rebalancing.policy import Look

Step = tuple[TerritoryState, tuple[PlanOutbound, ...]]


def decided(
    state: TerritoryState, look: Look, answer: Proposal | Mapping[str, str], planning: Planning
) -> Step:
    """`answer` is a proposal for this very state, or why there is none, by appointment.

    What comes out has neither cause nor name yet.
    """
    state = looked(state, state.clock_ms)
    if not isinstance(answer, Proposal):
        return _none(state, look, answer)
    known = proposals.known_rejection(state, answer, planning)
    if known is not None:
        why = f"the same change was rejected within the hour{f': {known.why}' if known.why else ''}"
        return _none(state, look, dict.fromkeys(look.about or changed_appointments(answer), why))
    if state.proposal is None:
        return _proposed(state, answer, planning)
    # Only a better one outdates it: where there is none, it is still worth deciding about.
    state, end = proposals.closed(state, "outdated", planning, why=f"{look.trigger} came up")
    state, more = _proposed(state, answer, planning)
    return state, (end, *more)


def changed_appointments(proposal: Proposal) -> tuple[str, ...]:
    return tuple(move.appointment for move in proposal.moves)


def _proposed(state: TerritoryState, proposal: Proposal, planning: Planning) -> Step:
    state = replace(state, proposal=proposal, last_answer=dict(proposal.unhelped))
    made = Proposed(
        id="", territory=state.territory, time_ms=state.clock_ms, cause=UNNAMED, proposal=proposal
    )
    if not policy.applies(proposal, planning.params.policy):
        return state, (made,)
    by = policy.mode(proposal.territory, proposal.trigger, planning.params.policy)
    state, more = proposals.applied(state, proposal, by, planning)
    return state, (made, *more)


def _none(state: TerritoryState, look: Look, reasons: Mapping[str, str]) -> Step:
    none = NoBetterPlan(
        id="",
        territory=state.territory,
        time_ms=state.clock_ms,
        cause=UNNAMED,
        trigger=look.trigger,
        base_version=state.version,
        reasons=dict(reasons),
    )
    answers = {name: why for name, why in reasons.items() if stands(state, name)}
    return replace(state, last_answer=answers), (none,)
