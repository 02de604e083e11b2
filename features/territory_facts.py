"""What an office says of its territory's day: who works, what is asked for, and the plan it begins with.

What cannot be so is refused, naming the thing, what is known of it, and what to do.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from features.plan import Job
from features.plan_events import Trigger
from features.rejection import Rejection
from features.territory import Planned, Rostered, TerritoryState
from features.territory_edit import able, ended, orphaned, rerouted, with_planned, with_rostered
from features.territory_events import (
    AppointmentCancelled,
    AppointmentRequested,
    RoutesPlanned,
    ShiftPlanned,
    TechnicianLost,
)
from features.units import Seconds
from features.wishes import dropped, unanswered, wished, wished_each


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cancelled appointment that leaves `gap_s` of work free makes it worth looking for a better plan."""

    gap_s: Seconds = 1_800.0


def requested(state: TerritoryState, fact: AppointmentRequested, now_ms: int) -> TerritoryState | Rejection:
    name, job = fact.job.appointment, fact.job
    known = state.appointments.get(name)
    if job.window_end_ms < job.window_start_ms:
        return impossible(
            f"the window of appointment {name!r} ends before it begins: say it the other way round"
        )
    if known is None or known.cancelled_ms is not None:
        if known is not None and fact.time_ms <= (known.cancelled_ms or 0):
            return impossible(
                f"appointment {name!r} was cancelled since: request it anew if it is wanted again"
            )
        return _new(state, Planned(job=job, asked_ms=fact.time_ms), now_ms)
    if fact.time_ms < known.asked_ms:
        return state
    if job == known.job:
        # Said once more: what was said in between and comes later is overtaken.
        return with_planned(state, {name: replace(known, asked_ms=fact.time_ms)})
    if known.begun or known.ended:
        return impossible(
            f"appointment {name!r} is {known.life} and can't be changed: cancel it, or request another one"
        )
    return _changed(state, replace(_asked_anew(known, job), asked_ms=fact.time_ms), now_ms)


def cancelled(
    state: TerritoryState, fact: AppointmentCancelled, now_ms: int, params: Params
) -> TerritoryState | Rejection:
    name = fact.appointment
    known = state.appointments.get(name)
    if known is None:
        return unknown_appointment(state, name, "cancelled")
    if known.cancelled_ms is not None or fact.time_ms < known.asked_ms:
        return state
    if known.ended:
        return impossible(
            f"appointment {name!r} has ended ({_end(known)}) and can't be cancelled: nothing to do"
        )
    after = ended(state, name, replace(known, cancelled_ms=fact.time_ms, technician=None, pinned=False))
    if known.technician is None or known.begun or known.job.expected_s < params.gap_s:
        return after
    # Somebody has time now: what could not be helped before may be asked again.
    return wished(unanswered(after), "gap", (known.technician,), now_ms)


def shift_planned(state: TerritoryState, fact: ShiftPlanned, now_ms: int) -> TerritoryState | Rejection:
    who = fact.technician
    if fact.shift.end_ms <= fact.shift.start_ms:
        return impossible(
            f"the shift of technician {who!r} ends before it begins: say it the other way round"
        )
    known = state.roster.get(who)
    if known is not None and fact.time_ms < max(known.said_ms, known.lost_ms or 0):
        return state
    rostered = Rostered(shift=fact.shift, name=fact.name, skills=fact.skills, said_ms=fact.time_ms)
    if known is not None and replace(known, said_ms=fact.time_ms) == rostered:
        return replace(state, roster={**state.roster, who: rostered})
    after = with_rostered(state, who, rostered)
    unfit = [
        name
        for name in after.routes.get(who, ())
        if not able(rostered, after.appointments[name]) and not after.appointments[name].under_way
    ]
    return wished_each(orphaned(after, unfit), "new_appointment", unfit, now_ms)


def lost(state: TerritoryState, fact: TechnicianLost, now_ms: int) -> TerritoryState | Rejection:
    """All that is open on their route is orphaned, also what they are at: somebody has to finish it.

    What was said before they were planned anew does not count any more.
    """
    known = state.roster.get(fact.technician)
    if known is None:
        return unknown_technician(state, fact.technician)
    if known.lost_ms is not None or fact.time_ms < known.said_ms:
        return state
    after = with_rostered(state, fact.technician, replace(known, lost_ms=fact.time_ms))
    orphans = after.routes.get(fact.technician, ())
    return wished_each(dropped(orphaned(after, orphans), orphans), "technician_lost", orphans, now_ms)


def routes_planned(state: TerritoryState, fact: RoutesPlanned, now_ms: int) -> TerritoryState | Rejection:
    """All or nothing: a plan with anything impossible in it is refused whole."""
    refused = _impossible_plan(state, fact)
    if refused is not None:
        return refused
    return unanswered(rerouted(state, fact.routes, now_ms))


def impossible(detail: str) -> Rejection:
    return Rejection("impossible_transition", detail)


def unknown_appointment(state: TerritoryState, name: str, becomes: str) -> Rejection:
    return impossible(
        f"nothing known -> {becomes} of appointment {name!r}: request it in {state.territory!r} first"
    )


def unknown_technician(state: TerritoryState, who: str) -> Rejection:
    known = ", ".join(sorted(state.roster)[:8]) or "nobody"
    return Rejection(
        "unknown_technician",
        f"technician {who!r} does not work in {state.territory!r} today, but {known}: plan a shift first",
    )


def _new(state: TerritoryState, planned: Planned, now_ms: int) -> TerritoryState:
    name = planned.job.appointment
    trigger: Trigger = "emergency" if planned.job.emergency else "new_appointment"
    return wished(with_planned(unanswered(state, (name,)), {name: planned}), trigger, (name,), now_ms)


def _asked_anew(known: Planned, job: Job) -> Planned:
    """Who asks for another window is promised a start within it, and that breaks no earlier promise."""
    if (job.window_start_ms, job.window_end_ms) == (known.job.window_start_ms, known.job.window_end_ms):
        return replace(known, job=job)
    start_ms = known.planned_start_ms
    if start_ms is not None:
        start_ms = min(max(start_ms, job.window_start_ms), job.window_end_ms)
    return replace(known, job=job, planned_start_ms=start_ms, promises=0)


def _changed(state: TerritoryState, planned: Planned, now_ms: int) -> TerritoryState:
    """Another version of what is known: whoever has it keeps it where they can."""
    name, who = planned.job.appointment, planned.technician
    after = unanswered(with_planned(state, {name: planned}), (name,))
    if who is not None and not able(state.roster[who], planned):
        after = orphaned(after, (name,))
    trigger: Trigger = "emergency" if planned.job.emergency else "new_appointment"
    return wished(dropped(after, (name,)), trigger, (name,), now_ms)


def _end(planned: Planned) -> str:
    return "cancelled" if planned.cancelled_ms is not None else str(planned.life)


def _impossible_plan(state: TerritoryState, fact: RoutesPlanned) -> Rejection | None:
    times = Counter(name for route in fact.routes.values() for name in route)
    for name, count in times.items():
        if count > 1:
            return impossible(f"appointment {name!r} is {count} times in the plan: plan it once")
    for who, route in fact.routes.items():
        refused = _impossible_route(state, who, route)
        if refused is not None:
            return refused
    return _impossible_omission(state, fact)


def _impossible_route(state: TerritoryState, who: str, route: Sequence[str]) -> Rejection | None:
    rostered = state.roster.get(who)
    if rostered is None:
        return unknown_technician(state, who)
    if rostered.lost_ms is not None and route:
        return impossible(
            f"technician {who!r} is out today and can't be planned: plan a shift to bring them back"
        )
    for name in route:
        planned = state.appointments.get(name)
        if planned is None:
            return unknown_appointment(state, name, "planned")
        if planned.ended:
            return impossible(
                f"appointment {name!r} has ended ({_end(planned)}) and can't be planned: leave it out"
            )
        missing = set(planned.job.skills) - set(rostered.skills)
        if missing:
            return impossible(
                f"technician {who!r} has no skill {', '.join(sorted(missing))} for appointment {name!r}: "
                f"plan it for somebody who has"
            )
    return None


def _impossible_omission(state: TerritoryState, fact: RoutesPlanned) -> Rejection | None:
    """Whoever is at work, or drives to it, can't be planned away from it; what is pinned isn't left out."""
    planned = {name for route in fact.routes.values() for name in route}
    for who, route in state.routes.items():
        for name in route:
            one = state.appointments[name]
            if not (one.under_way or one.pinned):
                continue
            stays = name in fact.routes[who] if who in fact.routes else name not in planned
            if not stays:
                what = one.life if one.under_way else "pinned"
                return impossible(f"appointment {name!r} is {what} with {who!r}: leave it on their route")
    return None
