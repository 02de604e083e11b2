"""What a technician is sent and answers, in minutes of one day, and what comes of it."""

from collections.abc import Iterable

from features.acknowledgement import AcknowledgementState, Params, StageChanged, advance
from features.events import (
    Assignment,
    AssignmentPassed,
    Conclusion,
    Reminder,
    Route,
    RoutePassed,
    StatusChanged,
    Ticked,
)
from features.plan import Shift
from features.wire import Place

MIDNIGHT_MS = 1_773_730_800_000
HOME = Place(33.45, -112.07)
PARAMS = Params()


def at(minute: float) -> int:
    return MIDNIGHT_MS + round(minute * 60_000)


def sent(
    minute: float, appointment: str = "job", *, start: float | None = None, who: str = "ana", **more: object
) -> AssignmentPassed:
    """Given at a minute, to be begun at another; what starts hours later where none is named."""
    said: dict[str, object] = {"territory": "north", "lat": HOME.lat, "lon": HOME.lon} | more
    given = Assignment(
        technician=who,
        time_ms=at(minute),
        appointment=appointment,
        planned_start_ms=at(minute + 300 if start is None else start),
        **said,  # type: ignore[arg-type]
    )
    return AssignmentPassed(who, given.time_ms, given)


def said(
    minute: float, life: str, appointment: str | None = "job", *, who: str = "ana", inferred: bool = False
) -> StatusChanged:
    return StatusChanged(who, at(minute), None, life, appointment, inferred)  # type: ignore[arg-type]


def duty(minute: float, now: str, *, who: str = "ana") -> StatusChanged:
    return said(minute, now, None, who=who)


def shift(minute: float, begin: float, end: float | None = None, *, who: str = "ana") -> RoutePassed:
    """A route with a shift, of nine hours where no end is named."""
    hours = Shift(start_ms=at(begin), end_ms=at(begin + 540 if end is None else end), start=HOME, end=HOME)
    route = Route(
        technician=who, time_ms=at(minute), territory="north", plan_version=1, stops=(), shift=hours
    )
    return RoutePassed(who, route.time_ms, route)


def ticks(*minutes: float) -> list[Ticked]:
    return [Ticked(at(minute)) for minute in minutes]


def after(
    *events: Conclusion, who: str = "ana", params: Params = PARAMS
) -> tuple[AcknowledgementState, list[tuple[float, str, str]]]:
    """The state, and what was made as (minute, stage, appointment); a reminder to the technician is `asks`."""
    state, told = AcknowledgementState(who), []
    for event in events:
        state, made = advance(state, event, params)
        told += list(_in_words(made))
    return state, told


def told(*events: Conclusion, params: Params = PARAMS) -> list[tuple[float, str, str]]:
    return after(*events, params=params)[1]


def _in_words(made: Iterable[Reminder | StageChanged]) -> Iterable[tuple[float, str, str]]:
    for one in made:
        stage = "asks" if isinstance(one, Reminder) else one.stage
        yield (one.time_ms - MIDNIGHT_MS) / 60_000, stage, one.appointment
