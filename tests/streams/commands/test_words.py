"""Events in a person's words."""

from typing import get_args

import pytest

from features.events import (
    Assignment,
    AssignmentPassed,
    Conclusion,
    Dropped,
    DropReason,
    FenceEvent,
    FenceEventType,
    Flagged,
    Located,
    MotionChanged,
    MotionKind,
    Ping,
    StatusChanged,
    StopChanged,
    StopKind,
    Ticked,
)
from features.fence_events import FenceKind
from streams.commands.words import tell

NAMES = {"t1": "Ada", "f1": "Customer 7"}
WHO = {"technician": "t1", "time_ms": 0}
AT = {**WHO, "detected_ms": 1_300_000, "lat": 30.2, "lon": -97.7}


def fence_event(event: FenceEventType, kind: FenceKind = "customer_site", **more: object) -> FenceEvent:
    return FenceEvent(**AT, fence="f1", fence_version=1, kind=kind, event=event, **more)


def stop(kind: StopKind, change: str) -> StopChanged:
    return StopChanged(**AT, change=change, kind=kind, since_ms=0)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (fence_event("entered"), "Ada arrived at Customer 7"),
        (fence_event("exited"), "Ada left Customer 7"),
        (fence_event("overstayed"), "Ada stays too long at Customer 7"),
        (fence_event("speeding"), "Ada drives too fast in Customer 7"),
        (fence_event("breached", rule="no_go"), "Ada entered the no-go area Customer 7"),
        (fence_event("breached", "territory", rule="left_territory"), "Ada left the territory Customer 7"),
        (stop("IDLE", "alerted"), "Ada has been idling for 21 min"),
        (stop("UNEXPLAINED", "alerted"), "Ada should have left, and has stood for 21 min"),
        (MotionChanged(**AT, motion="NO_DATA"), "Ada is silent"),
        (StatusChanged(**WHO, before=None, after="en_route", appointment="j1"), "Ada says en route (j1)"),
        (StatusChanged(**WHO, before=None, after="on_shift"), "Ada says on shift"),
        (Flagged(**WHO, flag="clock_ahead", detail="20 s ahead"), "Ada sends odd data: 20 s ahead"),
        (Dropped(**WHO, reason="jump", ping=Ping(**WHO, lat=0, lon=0)), "Ada sent a position that cannot be"),
    ],
)
def test_what_somebody_wants_to_know_is_a_sentence(event: Conclusion, said: str) -> None:
    assert tell(event, NAMES) == said


@pytest.mark.parametrize(
    "event",
    [
        fence_event("dwelt"),
        fence_event("crossed"),
        fence_event("entered", "territory"),
        stop("ON_SITE", "began"),
        MotionChanged(**AT, motion="MOVING"),
        AssignmentPassed(**WHO, assignment=Assignment(**WHO, appointment="j1")),
        StatusChanged(**WHO, before="dispatched", after="delivered", appointment="j1"),
        Located(**WHO, lat=30.2, lon=-97.7),
        Ticked(5),
        Dropped(**WHO, reason="late", ping=Ping(**WHO, lat=0, lon=0)),
    ],
)
def test_what_nobody_watches_is_not_told(event: Conclusion) -> None:
    assert tell(event, NAMES) is None


def test_names_that_nobody_gave_are_ids() -> None:
    assert tell(fence_event("entered"), {}) == "t1 arrived at f1"
    assert tell(fence_event("entered"), {"t1": "", "f1": ""}) == "t1 arrived at f1"


def every_event() -> list[Conclusion]:
    """Of every kind that the schema has."""
    rules = ("no_go", "left_territory", "max_dwell", "max_speed")
    fences = [fence_event(kind) for kind in get_args(FenceEventType) if kind != "breached"]
    breaches = [fence_event("breached", rule=rule) for rule in rules]
    stops = [stop(kind, change) for kind in get_args(StopKind) for change in ("began", "alerted", "ended")]
    motions = [MotionChanged(**AT, motion=motion) for motion in get_args(MotionKind)]
    ping = Ping(**WHO, lat=0, lon=0)
    drops = [Dropped(**WHO, reason=reason, ping=ping) for reason in get_args(DropReason)]
    return [*fences, *breaches, *stops, *motions, *drops]


def test_there_are_words_for_everything_in_the_schema() -> None:
    for event in every_event():
        said = tell(event, NAMES)
        assert said is None or said.startswith("Ada "), event
