"""The nouns of a day's plan, the same in events, states and models."""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.wire import Id, Name, Place, TimeMs

Skills = Annotated[tuple[Id, ...], Meta(max_length=256)]
DurationS = Annotated[float, Meta(gt=0.0, le=86_400.0)]


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an appointment asks for. `priority` 1 is the highest; `hard` an SLA that may not be missed.

    `window_end_ms` is when work has to have started. `expected_s` is the work that planning reckons with.
    """

    appointment: Id
    place: Place
    window_start_ms: TimeMs
    window_end_ms: TimeMs
    job_type: Id = "work"
    title: Name = ""
    fence: Id | None = None
    skills: Skills = ()
    priority: Annotated[int, Meta(ge=1, le=5)] = 3
    hard: bool = False
    emergency: bool = False
    expected_s: DurationS = 3_600.0


class Shift(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A technician's working day: from `start` to `end`, with a break of `break_s` not before `break_from_ms`."""

    start_ms: TimeMs
    end_ms: TimeMs
    start: Place
    end: Place
    break_from_ms: TimeMs | None = None
    break_s: Annotated[float, Meta(ge=0.0, le=86_400.0)] = 0.0
