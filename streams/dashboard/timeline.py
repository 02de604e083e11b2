"""The middle column's upper half: a row for each technician, as percentages of the day's width."""

import msgspec

from streams.dashboard.bars import Bar, bars
from streams.dashboard.day import Day
from streams.dashboard.scale import Scale, scale
from streams.dashboard.selection import Selection
from streams.dashboard.words import DASH, count, slug


class Hour(msgspec.Struct, frozen=True):
    x: float
    word: str


class Row(msgspec.Struct, frozen=True):
    """`presence` is one of `ok`, `away`, `offline` and `out`; `says` explains it."""

    id: str
    technician: str
    name: str
    link: str
    presence: str
    says: str
    bars: tuple[Bar, ...]
    selected: bool


class Timeline(msgspec.Struct, frozen=True):
    """`now_x` and the frozen span are None where they lie outside the day."""

    hours: tuple[Hour, ...]
    rows: tuple[Row, ...]
    now_x: float | None
    now_word: str
    frozen_x: float | None
    frozen_width: float
    by_risk: str
    by_name: str
    sort: str


def timeline(day: Day, selection: Selection) -> Timeline:
    across = scale(day)
    inside = across.begin_ms <= day.now_ms <= across.end_ms
    rows = [_row(day, selection, technician, across) for technician in _sorted(day, selection)]
    unserved = _unserved(day, selection, across)
    return Timeline(
        hours=tuple(Hour(across.x(at_ms), f"{day.hours.local(at_ms):%H}") for at_ms in across.hours()),
        rows=tuple(rows if unserved is None else [unserved, *rows]),
        now_x=across.x(day.now_ms) if inside else None,
        now_word=day.hours.hour(day.now_ms),
        frozen_x=across.x(day.now_ms) if inside else None,
        frozen_width=across.width(day.now_ms, day.now_ms + day.frozen_ms),
        by_risk=selection.sorted("risk"),
        by_name=selection.sorted("name"),
        sort=selection.sort,
    )


def _sorted(day: Day, selection: Selection) -> list[str]:
    by_name = sorted(day.territory.roster, key=lambda one: (day.name(one).casefold(), one))
    if selection.sort == "name":
        return by_name
    return sorted(by_name, key=lambda one: -day.worst(one))


def _row(day: Day, selection: Selection, technician: str, across: Scale) -> Row:
    presence, says = _presence(day, technician)
    return Row(
        id=f"row-{slug(technician)}",
        technician=technician,
        name=day.name(technician),
        link=selection.link(technician=technician),
        presence=presence,
        says=says,
        bars=bars(day, selection, technician, across),
        selected=selection.technician == technician,
    )


def _unserved(day: Day, selection: Selection, across: Scale) -> Row | None:
    """What nobody is to serve stands in a row of its own, on top."""
    waiting = [
        one
        for one, planned in day.territory.appointments.items()
        if planned.technician is None and planned.cancelled_ms is None and planned.life is None
    ]
    if not waiting:
        return None
    return Row(
        id="row--nobody",
        technician="",
        name="Nobody yet",
        link=selection.link(),
        presence="none",
        says=count(len(waiting), "appointment without a technician", "appointments without a technician"),
        bars=bars(day, selection, None, across, waiting),
        selected=False,
    )


def _presence(day: Day, technician: str) -> tuple[str, str]:
    rostered, known = day.territory.roster[technician], day.technicians.get(technician)
    if rostered.lost_ms is not None:
        return "out", f"out since {day.hours.hour(rostered.lost_ms)}"
    if known is None:
        return "offline", "never heard of"
    seen = day.hours.hour(known.fix.time_ms) if known.fix is not None else DASH
    if known.motion.kind == "OFFLINE":
        return "offline", f"offline, last seen {seen}"
    if known.motion.kind == "NO_DATA":
        return "away", f"silent, last seen {seen}"
    if known.stop is not None and known.stop.kind in ("IDLE", "UNEXPLAINED"):
        said = "idling" if known.stop.kind == "IDLE" else "should have left"
        return "away", f"{said} since {day.hours.hour(known.stop.since_ms)}"
    if known.duty == "on_break":
        return "away", f"on a break since {day.hours.hour(known.duty_ms)}"
    return "ok", f"last seen {seen}"
