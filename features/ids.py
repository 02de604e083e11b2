"""Names of events that anybody can compute again from what happened."""

import hashlib

from features.events import (
    AssignmentPassed,
    Conclusion,
    Dropped,
    FenceEvent,
    Flagged,
    Located,
    MotionChanged,
    RoutePassed,
    StatusChanged,
    StopChanged,
    Ticked,
)


def event_id(*parts: object) -> str:
    """16 hexadecimal characters from what names an event, so the same history gives the same ids."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def conclusion_id(event: Conclusion) -> str:
    """The id of what was concluded. It leaves out when it was known and where its input stood.

    So one time said on several partitions has one id.
    """
    parts: tuple[object, ...]
    match event:
        case FenceEvent():
            parts = (event.fence, event.fence_version, event.event, event.rule)
        case StopChanged():
            parts = (event.change, event.kind, event.since_ms)
        case MotionChanged():
            parts = (event.motion,)
        case StatusChanged():
            parts = (event.appointment, event.before, event.after)
        case AssignmentPassed():
            parts = (event.assignment.appointment, event.assignment.withdrawn)
        case RoutePassed():
            parts = (event.route.territory, event.route.plan_version)
        case Dropped():
            parts = (event.reason, event.ping.seq, event.ping.lat, event.ping.lon)
        case Flagged():
            parts = (event.flag, event.source)
        case Located() | Ticked():
            parts = ()
    return event_id(event.__struct_config__.tag, event.technician, event.time_ms, *parts)
