"""Events in a person's words, for feeds and terminals."""

from collections.abc import Mapping

from features.events import (
    Conclusion,
    Dropped,
    FenceEvent,
    Flagged,
    MotionChanged,
    StatusChanged,
    StopChanged,
)

_FENCE_WORDS = {
    "entered": "arrived at",
    "exited": "left",
    "dwelt": "stays at",
    "overstayed": "stays too long at",
    "speeding": "drives too fast in",
    "crossed": "passed through",
}
_BREACH_WORDS = {
    "no_go": "entered the no-go area",
    "left_territory": "left the territory",
    "max_dwell": "broke the time limit of",
    "max_speed": "broke the speed limit of",
}
_STOP_WORDS = {
    "ON_SITE": "has been on site",
    "BREAK": "has been on a break",
    "DEPOT": "has been at the depot",
    "IDLE": "has been idling",
    "PARKED": "has been parked",
    "UNEXPLAINED": "should have left, and has stood",
}
_MOTION_WORDS = {"NO_DATA": "is silent", "OFFLINE": "is offline"}


def tell(event: Conclusion, names: Mapping[str, str]) -> str | None:
    """What happened; None for what nobody watches. `names` gives technicians' and fences' names by id."""
    who = names.get(event.technician) or event.technician
    said = _said(event, names)
    return None if said is None else f"{who} {said}"


def _said(event: Conclusion, names: Mapping[str, str]) -> str | None:
    match event:
        case FenceEvent(event="breached", rule=rule) if rule is not None:
            return f"{_BREACH_WORDS[rule]} {_place(event.fence, names)}"
        case FenceEvent(event="dwelt" | "crossed"):
            return None
        case FenceEvent(kind="territory"):
            return None
        case FenceEvent():
            return f"{_FENCE_WORDS[event.event]} {_place(event.fence, names)}"
        case StopChanged(change="alerted"):
            return f"{_STOP_WORDS[event.kind]} for {_minutes(event.since_ms, event.detected_ms)}"
        case MotionChanged(motion="NO_DATA" | "OFFLINE"):
            return _MOTION_WORDS[event.motion]
        case StatusChanged(after="delivered"):
            return None
        case StatusChanged():
            of = f" ({event.appointment})" if event.appointment else ""
            return f"says {event.after.replace('_', ' ')}{of}"
        case Flagged():
            return f"sends odd data: {event.detail}"
        case Dropped(reason="jump"):
            return "sent a position that cannot be"
    return None


def _place(fence: str, names: Mapping[str, str]) -> str:
    return names.get(fence) or fence


def _minutes(since_ms: int, now_ms: int) -> str:
    return f"{max(0, now_ms - since_ms) // 60_000} min"
