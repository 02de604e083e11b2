"""What a technician is asked to acknowledge, and when an assignment that is sent again is another question."""

import msgspec

from features.events import Assignment
from features.ids import event_id
from features.territory_events import Stage


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One assignment as it was last asked about; `stage` None while it is only sent.

    `start_ms` is the start that was asked about, `content` a digest of what else was. `open` while an answer
    is waited for; `begun` once the technician is on the way to it, or there.
    """

    sent_ms: int
    content: str
    territory: str | None = None
    start_ms: int | None = None
    emergency: bool = False
    delivered_ms: int | None = None
    stage: Stage | None = None
    open: bool = True
    begun: bool = False


def asked_of(assignment: Assignment, sent_ms: int) -> Asked:
    """The question that an assignment puts."""
    start_ms = assignment.planned_start_ms
    return Asked(
        sent_ms=sent_ms,
        content=_content(assignment),
        territory=assignment.territory,
        start_ms=assignment.window_start_ms if start_ms is None else start_ms,
        emergency=assignment.emergency,
    )


def is_another(known: Asked, after: Asked, moved_ms: int) -> bool:
    """Whether the answer to the one is none to the other: the start moves by more than `moved_ms`, or what is
    to be done is something else. Whoever is at work on it isn't asked any more."""
    if known.begun:
        return False
    if known.content != after.content:
        return True
    if known.start_ms is None or after.start_ms is None:
        return known.start_ms != after.start_ms
    return abs(after.start_ms - known.start_ms) > moved_ms


def _content(assignment: Assignment) -> str:
    """What a technician would have to know of. Weights and limits of planning are none of it."""
    return event_id(
        assignment.fence,
        assignment.lat,
        assignment.lon,
        assignment.window_start_ms,
        assignment.window_end_ms,
        assignment.job_type,
        assignment.title,
        assignment.skills,
        assignment.emergency,
    )
