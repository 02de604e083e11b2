"""Whether a technician is on shift.

| from | to |
|---|---|
| nothing known | any |
| off_shift | on_shift |
| on_shift | on_break, off_shift |
| on_break | on_shift, off_shift |
"""

from collections.abc import Mapping

import msgspec

from features.events import Duty, Status, StatusChanged
from features.rejection import Rejection
from features.transition import OUTDATED, Outdated, judge

NEXT: Mapping[Duty | None, frozenset[Duty]] = {
    None: frozenset(("off_shift", "on_shift", "on_break")),
    "off_shift": frozenset(("on_shift",)),
    "on_shift": frozenset(("on_break", "off_shift")),
    "on_break": frozenset(("on_shift", "off_shift")),
}


class Shift(msgspec.Struct, frozen=True, gc=False):
    """The duty, known since `since_ms`; None before anybody said one."""

    duty: Duty | None = None
    since_ms: int = 0


Step = tuple[Shift, tuple[StatusChanged | Rejection | Outdated, ...]]


def advance(shift: Shift, status: Status, duty: Duty, time_ms: int) -> Step:
    """Fold one status that names a duty, at its event time. The same object when nothing changed."""
    verdict = judge(shift.duty, shift.since_ms, duty, time_ms, NEXT[shift.duty], NEXT[duty])
    if verdict == "impossible":
        detail = f"duty {shift.duty} -> {duty} of technician {status.technician!r}"
        return shift, (Rejection("impossible_transition", detail),)
    if verdict != "goes":
        return shift, (OUTDATED,) if verdict == "outdated" else ()
    changed = StatusChanged(
        technician=status.technician,
        time_ms=time_ms,
        before=shift.duty,
        after=duty,
        inferred=status.inferred,
    )
    return Shift(duty, time_ms), (changed,)
