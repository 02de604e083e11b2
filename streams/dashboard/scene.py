"""What the map draws of a day, as plain data that the page hands to it."""

from itertools import pairwise

import msgspec

from streams.dashboard.day import Day
from streams.dashboard.proposals import subject
from streams.dashboard.selection import Selection
from streams.dashboard.words import level_class

Point = tuple[float, float]
"""Longitude and latitude, as GeoJSON has them."""


class Mark(msgspec.Struct, frozen=True):
    """A technician. `heading` in degrees, None where it is not known."""

    technician: str
    name: str
    at: Point
    heading: float | None
    stale: bool
    selected: bool


class Waypoint(msgspec.Struct, frozen=True):
    """An appointment on a drawn route; `number` counts the technician's day."""

    appointment: str
    number: int
    at: Point
    level: str
    selected: bool


class Line(msgspec.Struct, frozen=True):
    technician: str
    proposed: bool
    points: tuple[Point, ...]


class Scene(msgspec.Struct, frozen=True):
    """`view` says what it shows: when that changes, the map moves there, and else it stays.

    `around` are two corners of all appointments, for a map with nobody on it.
    """

    marks: tuple[Mark, ...]
    stops: tuple[Waypoint, ...]
    lines: tuple[Line, ...]
    view: str
    title: str
    around: tuple[Point, ...] = ()


def scene(day: Day, selection: Selection) -> Scene:
    shown = selection.technician or _subject(day)
    changed = _changed(day, shown)
    today = _today(day, shown) if shown else ()
    proposed = tuple(line for one in changed for line in _proposed(day, one))
    marks = [_mark(day, technician, shown, changed) for technician in day.territory.roster]
    return Scene(
        marks=tuple(mark for mark in marks if mark is not None),
        stops=_stops(day, selection, shown),
        lines=(*today, *proposed),
        view=f"{day.territory.territory} {shown or ''} {selection.appointment or ''}",
        title=_title(day, shown, bool(proposed)),
        around=_around(day),
    )


def _subject(day: Day) -> str | None:
    """Whom the open proposal is about, where nobody is selected."""
    about = subject(day)
    planned = None if about is None else day.appointment(about)
    return None if planned is None else planned.technician


def _changed(day: Day, shown: str | None) -> tuple[str, ...]:
    """Whose routes the open proposal changes, where it changes that of the one who is shown."""
    if day.proposal is None or shown not in day.proposal.routes:
        return ()
    return tuple(one for one in day.proposal.routes if one in day.territory.roster)


def _around(day: Day) -> tuple[Point, ...]:
    points = [_at(day, one) for one in day.territory.appointments]
    if not points:
        return ()
    lons, lats = zip(*points, strict=True)
    return ((min(lons), min(lats)), (max(lons), max(lats)))


def _title(day: Day, shown: str | None, proposed: bool) -> str:
    if shown is None:
        return "Where everybody is"
    return f"{day.name(shown)} · remaining route" + (" and the proposed change" if proposed else "")


def _mark(day: Day, technician: str, shown: str | None, changed: tuple[str, ...]) -> Mark | None:
    place, fix = day.place(technician), day.fix(technician)
    if place is None or day.lost(technician):
        return None
    return Mark(
        technician=technician,
        name=day.family_names[technician],
        at=(place.lon, place.lat),
        heading=None if fix is None else fix.heading_deg,
        stale=day.stale(technician),
        selected=technician == shown or technician in changed,
    )


def _at(day: Day, appointment: str) -> Point:
    place = day.territory.appointments[appointment].job.place
    return (place.lon, place.lat)


def _points(day: Day, technician: str, order: tuple[str, ...]) -> tuple[Point, ...]:
    """From where somebody is, along an order of stops."""
    place = day.place(technician)
    here = () if place is None else ((place.lon, place.lat),)
    return here + tuple(_at(day, one) for one in order if one in day.territory.appointments)


def _today(day: Day, technician: str) -> tuple[Line, ...]:
    points = _points(day, technician, day.ahead(technician))
    return (Line(technician, False, points),) if len(points) > 1 else ()


def _proposed(day: Day, technician: str) -> tuple[Line, ...]:
    """Only the legs that are new: the others lie where today's are."""
    assert day.proposal is not None
    known = set(pairwise(_points(day, technician, day.ahead(technician))))
    legs = pairwise(_points(day, technician, day.proposal.routes[technician]))
    return tuple(Line(technician, True, leg) for leg in legs if leg not in known)


def _stops(day: Day, selection: Selection, shown: str | None) -> tuple[Waypoint, ...]:
    if shown is None:
        return ()
    done = len(day.done(shown))
    return tuple(
        Waypoint(
            appointment=one,
            number=done + place,
            at=_at(day, one),
            level=level_class(day.level(one)),
            selected=one == selection.appointment,
        )
        for place, one in enumerate(day.ahead(shown), start=1)
    )
