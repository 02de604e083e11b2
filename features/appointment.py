"""The life of a technician's appointments, from dispatched to an end.

| from | to |
|---|---|
| nothing known | any state up to in_progress, cancelled |
| dispatched, delivered, acknowledged | any later state up to in_progress, declined, cancelled |
| en_route | on_site, in_progress, no_access, cancelled |
| on_site | in_progress, completed, incomplete, no_access, cancelled |
| in_progress | completed, incomplete, cancelled |
| an end | nothing; a new assignment begins another life |

People forget to tap, so states may be left out on the way; work that never began can't be completed.
What is assigned once more before the technician sets out may be delivered and answered once more.
Statuses without an appointment speak of unnamed work (named ""), which begins anew after each end.
"""

from collections.abc import Mapping

import msgspec

from features.events import Assignment, AssignmentPassed, Life, Status, StatusChanged
from features.rejection import Rejection
from features.transition import OUTDATED, Outdated, judge
from features.units import Count

ENDS: frozenset[Life] = frozenset(("declined", "completed", "incomplete", "cancelled", "no_access"))
AHEAD: frozenset[Life] = frozenset(("dispatched", "delivered", "acknowledged", "en_route"))
"""Lives in which the technician has not arrived."""
_WORKING: tuple[Life, ...] = ("en_route", "on_site", "in_progress")
_NONE: frozenset[Life] = frozenset()
NEXT: Mapping[Life | None, frozenset[Life]] = {
    None: frozenset(("dispatched", "delivered", "acknowledged", *_WORKING, "cancelled")),
    "dispatched": frozenset(("delivered", "acknowledged", "declined", *_WORKING, "cancelled")),
    "delivered": frozenset(("acknowledged", "declined", *_WORKING, "cancelled")),
    "acknowledged": frozenset(("declined", *_WORKING, "cancelled")),
    "en_route": frozenset(("on_site", "in_progress", "no_access", "cancelled")),
    "on_site": frozenset(("in_progress", "completed", "incomplete", "no_access", "cancelled")),
    "in_progress": frozenset(("completed", "incomplete", "cancelled")),
    "declined": _NONE,
    "completed": _NONE,
    "incomplete": _NONE,
    "cancelled": _NONE,
    "no_access": _NONE,
}
UNNAMED = ""


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many appointments a technician's state holds at most, and how many of them that ended."""

    remembered_ends: Count = 8
    max_appointments: Count = 64


class Appointment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`life` since `life_ms`; what the assignment of `assigned_ms` said, None where there was none."""

    life: Life = "dispatched"
    life_ms: int = 0
    fence: str | None = None
    depart_by_ms: int | None = None
    window_start_ms: int | None = None
    assigned_ms: int | None = None
    withdrawn: bool = False

    @property
    def open(self) -> bool:
        return not self.withdrawn and self.life not in ENDS

    def asked_anew(self, time_ms: int) -> bool:
        """Whether a word of `time_ms` is the first since the same appointment was assigned once more."""
        assigned_ms = None if self.withdrawn else self.assigned_ms
        answered = self.life == "delivered" or self.life == "acknowledged"
        return answered and assigned_ms is not None and self.life_ms < assigned_ms <= time_ms


Agenda = dict[str, Appointment]
"""By appointment; never changed in place."""
Step = tuple[Agenda, tuple[StatusChanged | AssignmentPassed | Rejection | Outdated, ...]]


def tell(agenda: Agenda, status: Status, life: Life, time_ms: int, params: Params) -> Step:
    """Fold one status that names a life, at its event time. The same object when nothing changed."""
    name = status.appointment or UNNAMED
    known = agenda.get(name)
    before, since_ms = (None, 0) if known is None else (known.life, known.life_ms)
    if known is not None and known.asked_anew(time_ms):
        # Also a word that was said of the assignment before says something new.
        verdict = judge("dispatched", since_ms, life, time_ms, NEXT["dispatched"], NEXT[life])
    else:
        possible = NEXT[None if name == UNNAMED and before in ENDS else before]
        verdict = judge(before, since_ms, life, time_ms, possible, NEXT[life])
    if verdict == "impossible":
        return agenda, (_impossible(status, before),)
    if verdict != "goes":
        return agenda, (OUTDATED,) if verdict == "outdated" else ()
    after = msgspec.structs.replace(known or Appointment(), life=life, life_ms=time_ms)
    return _with(agenda, name, after, params), (_changed(status, before, life, time_ms),)


def assign(agenda: Agenda, assignment: Assignment, time_ms: int, params: Params) -> Step:
    """Fold one assignment. One that is older than what is known, or repeats it, changes nothing."""
    known = agenda.get(assignment.appointment)
    if known is not None and known.assigned_ms is not None and time_ms < known.assigned_ms:
        return agenda, ()
    after = _assigned(known, assignment, time_ms)
    if after == known:
        return agenda, ()
    passed = AssignmentPassed(assignment.technician, time_ms, assignment)
    return _with(agenda, assignment.appointment, after, params), (passed,)


def depart_by_ms(agenda: Agenda) -> int | None:
    """The latest departure for the next appointment that the technician has still to arrive at."""
    ahead = [
        one.depart_by_ms
        for one in agenda.values()
        if one.depart_by_ms is not None and one.life in AHEAD and not one.withdrawn
    ]
    return min(ahead, default=None)


def _assigned(known: Appointment | None, assignment: Assignment, time_ms: int) -> Appointment:
    life: Life = "dispatched"
    life_ms = time_ms
    if known is not None and (known.open or assignment.withdrawn or time_ms <= known.life_ms):
        life, life_ms = known.life, known.life_ms
    return Appointment(
        life,
        life_ms,
        assignment.fence,
        assignment.depart_by_ms,
        assignment.window_start_ms,
        time_ms,
        assignment.withdrawn,
    )


def _with(agenda: Agenda, name: str, appointment: Appointment, params: Params) -> Agenda:
    """The agenda with one appointment put last; the oldest ends, or else the oldest at all, are forgotten."""
    after = {known: one for known, one in agenda.items() if known != name}
    after[name] = appointment
    ended = [known for known, one in after.items() if not one.open]
    forgotten = ended[: max(0, len(ended) - params.remembered_ends)]
    for known in forgotten:
        del after[known]
    for known in list(after)[: max(0, len(after) - params.max_appointments)]:
        del after[known]
    return after


def _impossible(status: Status, before: Life | None) -> Rejection:
    of = f"appointment {status.appointment!r}" if status.appointment else "work without an appointment"
    detail = f"{before or 'nothing known'} -> {status.status} of {of}"
    return Rejection("impossible_transition", detail)


def _changed(status: Status, before: Life | None, after: Life, time_ms: int) -> StatusChanged:
    return StatusChanged(
        technician=status.technician,
        time_ms=time_ms,
        before=before,
        after=after,
        appointment=status.appointment,
        inferred=status.inferred,
    )
