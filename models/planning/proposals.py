"""The life of a proposal: open, then accepted, rejected, expired, or outdated by a change of the plan.

A proposal is applied to the very plan that it was made for: whatever touches the routes that it changes
closes it at once, and a better plan is looked for anew. So a change of other routes does not cost anybody a
decision; that none has got past is compared once more, version by version, where it is accepted.
"""

from msgspec.structs import replace

from features.plan_events import Outcome, PlanOutbound, Proposal, ProposalClosed
from features.rejection import Rejection
from features.territory import Closed, Rejected, TerritoryState
from features.territory_edit import rerouted
from features.territory_events import AcceptProposal, RejectProposal
from features.territory_facts import impossible
from features.wishes import stands, wished
from models.planning.change import UNNAMED, Planning, changed

Step = tuple[TerritoryState, tuple[PlanOutbound, ...]]


def accepted(state: TerritoryState, command: AcceptProposal, planning: Planning) -> Step | Rejection:
    proposal = _open(state, command.proposal, "accepted")
    if isinstance(proposal, Rejection):
        return proposal
    newer = [who for who in proposal.routes if state.route_versions.get(who, 0) > proposal.base_version]
    if newer:
        why = f"the plan of {', '.join(newer)} is newer than the one that it was made for"
        after, end = closed(state, "outdated", planning, why=why)
        return _asked_again(after, proposal), (end,)
    return applied(state, proposal, command.by, planning)


def applied(state: TerritoryState, proposal: Proposal, by: str, planning: Planning) -> Step:
    """The plan becomes what was proposed."""
    after, end = closed(state, "accepted", planning, by=by)
    routes = {
        who: tuple(name for name in route if not after.appointments[name].ended)
        for who, route in proposal.routes.items()
    }
    starts = {
        move.appointment: move.after_start_ms
        for move in proposal.moves
        if move.after_start_ms is not None and move.after_technician is not None
    }
    after = rerouted(after, routes, after.clock_ms)
    after, changes = changed(state, after, "proposal", planning, proposal=proposal.proposal, starts=starts)
    return after, (end, *changes)


def rejected(state: TerritoryState, command: RejectProposal, planning: Planning) -> Step | Rejection:
    proposal = _open(state, command.proposal, "rejected")
    if isinstance(proposal, Rejection):
        return proposal
    after, end = closed(state, "rejected", planning, by=command.by, why=command.why)
    memory = Rejected(changes_of(proposal), proposal.saves_min, after.clock_ms, command.why)
    return replace(after, rejected=(*after.rejected, memory)), (end,)


def expired(state: TerritoryState, planning: Planning) -> Step:
    """Closes a proposal whose time has passed."""
    if state.proposal is None or state.clock_ms < state.proposal.expires_ms:
        return state, ()
    after, end = closed(state, "expired", planning, why="nobody decided in time")
    return after, (end,)


def outdated(before: TerritoryState, state: TerritoryState, planning: Planning) -> Step:
    """Closes a proposal that what happened since `before` has touched, and wishes for another."""
    proposal = state.proposal
    why = None if proposal is None else touched(proposal, before, state)
    if proposal is None or why is None:
        return state, ()
    after, end = closed(state, "outdated", planning, why=why)
    return _asked_again(after, proposal), (end,)


def _asked_again(state: TerritoryState, proposal: Proposal) -> TerritoryState:
    """A plan that lost the race is looked for anew, not merged."""
    about = tuple(name for name in proposal.about if stands(state, name))
    return wished(state, "outdated", about, state.clock_ms)


def closed(
    state: TerritoryState, outcome: Outcome, planning: Planning, *, by: str = "", why: str = ""
) -> tuple[TerritoryState, ProposalClosed]:
    """The open proposal with its outcome. There has to be one."""
    proposal = state.proposal
    assert proposal is not None
    past = (*state.closed, Closed(proposal.proposal, outcome, state.clock_ms))
    end = ProposalClosed(
        id="",
        territory=state.territory,
        time_ms=state.clock_ms,
        cause=UNNAMED,
        proposal=proposal.proposal,
        outcome=outcome,
        by=by,
        why=why,
    )
    return replace(state, proposal=None, closed=past[-planning.params.remembered :]), end


def touched(proposal: Proposal, before: TerritoryState, after: TerritoryState) -> str | None:
    """How the plan has changed under a proposal so that it can't be applied as it was meant; None where not."""
    for who in proposal.routes:
        if _works(before, who) != _works(after, who):
            return f"{who} is out or works another shift"
        if _ahead(before, after, who) != after.routes.get(who, ()):
            return f"the route of {who} was changed"
    changes = {move.appointment for move in proposal.moves if move.before_technician != move.after_technician}
    names = dict.fromkeys(name for route in proposal.routes.values() for name in route)
    for name in {**names, **dict.fromkeys(changes)}:
        why = _touched(name, name in changes, before, after)
        if why is not None:
            return f"{name} {why}"
    for who, route in proposal.routes.items():
        if not _in_front(route, after):
            return f"{who} has begun something else first"
    return None


def _works(state: TerritoryState, who: str) -> tuple[object, ...]:
    """What of somebody's day a proposal has reckoned with."""
    known = state.roster.get(who)
    return () if known is None else (known.shift, known.skills, known.lost_ms)


def changes_of(proposal: Proposal) -> tuple[str, ...]:
    """What a proposal would change, to know it again: who gets what, or else the new orders."""
    handed = tuple(
        sorted(
            f"{move.appointment} to {move.after_technician}"
            for move in proposal.moves
            if move.before_technician != move.after_technician
        )
    )
    return handed or tuple(sorted(f"{who}: {', '.join(route)}" for who, route in proposal.routes.items()))


def known_rejection(state: TerritoryState, proposal: Proposal, planning: Planning) -> Rejected | None:
    """The rejection of the same change within the hour, unless this one gains much more."""
    since_ms = state.clock_ms - round(planning.params.rejected_for_s * 1000)
    for one in state.rejected:
        better = proposal.saves_min >= one.saves_min + planning.params.much_better_min
        if one.time_ms > since_ms and one.changes == changes_of(proposal) and not better:
            return one
    return None


def _open(state: TerritoryState, name: str, becomes: str) -> Proposal | Rejection:
    if state.proposal is not None and state.proposal.proposal == name:
        return state.proposal
    past = next((one.outcome for one in state.closed if one.proposal == name), None)
    known = f"{past} already" if past else "not known"
    now = f"{state.proposal.proposal!r} is open" if state.proposal else "none is open: request a better plan"
    return impossible(f"proposal {name!r} is {known} in {state.territory!r} and can't be {becomes}; {now}")


def _touched(name: str, moves: bool, before: TerritoryState, after: TerritoryState) -> str | None:
    was, planned = before.appointments.get(name), after.appointments.get(name)
    if was is planned:
        return None
    if was is None or planned is None:
        return "is not of today any more"
    if planned.cancelled_ms is not None:
        return "was cancelled"
    if planned.job != was.job:
        return "was changed"
    if planned.technician != was.technician:
        return "has changed hands"
    if planned.pinned != was.pinned:
        return "was pinned" if planned.pinned else "was unpinned"
    if moves and (planned.under_way or planned.ended):
        return f"is {planned.life} already"
    return None


def _ahead(before: TerritoryState, after: TerritoryState, who: str) -> tuple[str, ...]:
    """The route as it was, without what has come to an end since."""
    return tuple(name for name in before.routes.get(who, ()) if not after.appointments[name].ended)


def _in_front(route: tuple[str, ...], state: TerritoryState) -> bool:
    """Whether what is under way comes before all that is not."""
    ahead = [state.appointments[name].under_way for name in route if not state.appointments[name].ended]
    return ahead == sorted(ahead, reverse=True)
