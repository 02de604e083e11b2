"""What the map draws of a day, as plain data that the page hands to it."""

from itertools import pairwise
from typing import Literal

import msgspec

from features.plan_events import Move
from streams.dashboard.day import Day
from streams.dashboard.proposals import subject
from streams.dashboard.selection import Selection
from streams.dashboard.words import count, level_class

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
    """An appointment; `number` counts the technician's day, 0 where it is not on the drawn route of today.
    `label` says who takes it over, or from whom."""

    appointment: str
    number: int
    at: Point
    level: str
    selected: bool
    label: str = ""


class Line(msgspec.Struct, frozen=True):
    """`given` leads from whoever is to take over a stop to that stop, as the crow flies."""

    technician: str
    kind: Literal["today", "proposed", "given"]
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
    """Of one technician's route at most: where nothing is selected, only what the open proposal hands over."""
    handed = _handed(day)
    if handed and selection.technician is None and selection.appointment is None:
        return _handover(day, handed)
    shown = selection.technician or (None if selection.appointment else _subject(day))
    today = _today(day, shown) if shown else ()
    proposed = (*_proposed(day, shown), *_taken(day, selection.appointment, shown))
    return Scene(
        marks=_marks(day, {line.technician for line in proposed} | {shown or ""}),
        stops=(*_stops(day, selection, shown), *_gained(day, selection, shown)),
        lines=(*today, *proposed),
        view=f"{day.territory.territory} {shown or ''} {selection.appointment or ''}",
        title=_title(day, selection, shown, bool(proposed)),
        around=_around(day),
    )


def _handover(day: Day, handed: dict[str, Move]) -> Scene:
    """All proposed routes over each other tell nothing; each stop with its taker's name does."""
    takers = {move.after_technician or "" for move in handed.values()}
    lines = []
    for name, move in handed.items():
        place = day.place(move.after_technician or "")
        if place is not None:
            lines.append(Line(move.after_technician or "", "given", ((place.lon, place.lat), _at(day, name))))
    assert day.proposal is not None
    return Scene(
        marks=_marks(day, takers),
        stops=tuple(_waypoint(day, name, 0, label=_taker(day, move)) for name, move in handed.items()),
        lines=tuple(lines),
        view=f"{day.territory.territory} {day.proposal.proposal}",
        title=f"{count(len(handed), 'appointment')} to {count(len(takers), 'technician')}",
        around=_around(day),
    )


def _subject(day: Day) -> str | None:
    """Whom the open proposal is about."""
    about = subject(day)
    planned = None if about is None else day.appointment(about)
    return None if planned is None else planned.technician


def _handed(day: Day) -> dict[str, Move]:
    """What the open proposal gives to somebody else, by appointment."""
    moves = () if day.proposal is None else day.proposal.moves
    return {
        move.appointment: move
        for move in moves
        if move.after_technician not in (None, move.before_technician)
        and move.appointment in day.territory.appointments
    }


def _taker(day: Day, move: Move) -> str:
    taker = move.after_technician or ""
    return f"→ {day.family_names.get(taker, taker)}"


def _giver(day: Day, move: Move) -> str:
    giver = move.before_technician
    return "new" if giver is None else f"from {day.family_names.get(giver, giver)}"


def _around(day: Day) -> tuple[Point, ...]:
    points = [_at(day, one) for one in day.territory.appointments]
    if not points:
        return ()
    lons, lats = zip(*points, strict=True)
    return ((min(lons), min(lats)), (max(lons), max(lats)))


def _title(day: Day, selection: Selection, shown: str | None, proposed: bool) -> str:
    if shown is None:
        return day.title(selection.appointment) if selection.appointment else "Where everybody is"
    return f"{day.name(shown)} · remaining route" + (" and the proposed change" if proposed else "")


def _marks(day: Day, selected: set[str]) -> tuple[Mark, ...]:
    marks = (_mark(day, technician, technician in selected) for technician in day.territory.roster)
    return tuple(mark for mark in marks if mark is not None)


def _mark(day: Day, technician: str, selected: bool) -> Mark | None:
    place, fix = day.place(technician), day.fix(technician)
    if place is None or day.lost(technician):
        return None
    return Mark(
        technician=technician,
        name=day.family_names[technician],
        at=(place.lon, place.lat),
        heading=None if fix is None else fix.heading_deg,
        stale=day.stale(technician),
        selected=selected,
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
    return (Line(technician, "today", points),) if len(points) > 1 else ()


def _proposed(day: Day, technician: str | None) -> tuple[Line, ...]:
    """Only the legs that are new: the others lie where today's are."""
    if day.proposal is None or technician not in day.proposal.routes:
        return ()
    assert technician is not None
    known = set(pairwise(_points(day, technician, day.ahead(technician))))
    legs = pairwise(_points(day, technician, day.proposal.routes[technician]))
    return tuple(Line(technician, "proposed", leg) for leg in legs if leg not in known)


def _taken(day: Day, appointment: str | None, shown: str | None) -> tuple[Line, ...]:
    """Of whoever is to take over the selected appointment, the way there and on from there."""
    move = _handed(day).get(appointment or "")
    if move is None or move.after_technician in (None, shown):
        return ()
    at = _at(day, move.appointment)
    return tuple(line for line in _proposed(day, move.after_technician) if at in line.points)


def _stops(day: Day, selection: Selection, shown: str | None) -> tuple[Waypoint, ...]:
    if shown is None:
        return ()
    done, handed = len(day.done(shown)), _handed(day)
    return tuple(
        _waypoint(day, one, done + place, selection, _taker(day, handed[one]) if one in handed else "")
        for place, one in enumerate(day.ahead(shown), start=1)
    )


def _gained(day: Day, selection: Selection, shown: str | None) -> tuple[Waypoint, ...]:
    """What the proposal gives to who is shown; and the selected one, where nobody serves it today."""
    return tuple(
        _waypoint(
            day, one, 0, selection, _giver(day, move) if move.after_technician == shown else _taker(day, move)
        )
        for one, move in _handed(day).items()
        if move.after_technician == shown or (one == selection.appointment and move.before_technician is None)
    )


def _waypoint(
    day: Day, appointment: str, number: int, selection: Selection | None = None, label: str = ""
) -> Waypoint:
    return Waypoint(
        appointment=appointment,
        number=number,
        at=_at(day, appointment),
        level=level_class(day.level(appointment)),
        selected=selection is not None and appointment == selection.appointment,
        label=label,
    )
