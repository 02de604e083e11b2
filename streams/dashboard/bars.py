"""The bars of one technician's row: what is past, what is at hand, what is expected."""

from collections.abc import Iterator, Sequence

import msgspec

from features.route_order import BEGUN
from features.territory import Planned
from models.forecast import Expected
from streams.dashboard.day import Day
from streams.dashboard.scale import Scale
from streams.dashboard.selection import Selection
from streams.dashboard.words import LEVEL_WORDS, level_class, minutes, percent, short_id, slug

APART_MS = 180_000
"""The plan is drawn where it differs by as much."""
WIDTHS_PX = (("narrow", 440.0), ("middle", 530.0), ("wide", 900.0))
"""Of a timeline on screens of 1280, 1440 and 1920 pixels, with something to spare on the narrow one."""
LETTER_PX, MARGIN_PX = 6.0, 6.0


class Spell(msgspec.Struct, frozen=True):
    """An appointment on the time axis, in milliseconds. `kind` is one of `past`, `now` and `ahead`."""

    appointment: str
    kind: str
    start_ms: int
    end_ms: int
    departed_ms: int | None = None
    expected: Expected | None = None


class Bar(msgspec.Struct, frozen=True):
    """All x and widths are percentages. Pairs are (x, width); None is not drawn. `fits` is the narrowest kind of
    screen on which the label has room, or empty."""

    id: str
    appointment: str
    label: str
    fits: str
    link: str
    kind: str
    level: str
    says: str
    x: float
    width: float
    plan: tuple[float, float] | None
    interval: tuple[float, float] | None
    drive: tuple[float, float] | None
    closes_x: float | None
    pinned: bool
    selected: bool


def bars(
    day: Day,
    selection: Selection,
    technician: str | None,
    across: Scale,
    unserved: Sequence[str] = (),
) -> tuple[Bar, ...]:
    """In the order of the day. Without a technician, those `unserved` where their windows lie."""
    if technician is None:
        spells = [_waiting(one, day.territory.appointments[one]) for one in unserved]
        return tuple(_bar(day, selection, spell, None, across) for spell in spells)
    before_ms: int | None = day.territory.roster[technician].shift.start_ms
    drawn = []
    for spell in spells_of(day, technician):
        drawn.append(_bar(day, selection, spell, before_ms, across))
        before_ms = spell.end_ms
    return tuple(drawn)


def spells_of(day: Day, technician: str) -> Iterator[Spell]:
    """What has ended, then what is at hand and ahead."""
    end_ms = day.territory.roster[technician].shift.start_ms
    for appointment in day.done(technician):
        spell = _past(day, technician, appointment)
        end_ms = max(end_ms, spell.end_ms)
        yield spell
    for appointment in day.ahead(technician):
        spell = _coming(day, technician, appointment, end_ms)
        end_ms = spell.end_ms
        yield spell


def _past(day: Day, technician: str, appointment: str) -> Spell:
    planned, stop = day.territory.appointments.get(appointment), day.stop(technician, appointment)
    life_ms = 0 if planned is None else planned.life_ms
    if stop is not None:
        end_ms = stop.ended_ms or stop.life_ms or life_ms
        began_ms = stop.began_ms or end_ms - round(1000 * stop.job.expected_s)
        return Spell(appointment, "past", min(began_ms, end_ms), end_ms, stop.departed_ms)
    work_ms = 0 if planned is None else round(1000 * planned.job.expected_s)
    return Spell(appointment, "past", life_ms - work_ms, life_ms)


def _coming(day: Day, technician: str, appointment: str, free_ms: int) -> Spell:
    """As expected; without an expectation as planned, else one after the other."""
    planned = day.territory.appointments[appointment]
    stop, expected = day.stop(technician, appointment), day.expected(technician, appointment)
    kind = "now" if planned.life in BEGUN else "ahead"
    departed_ms = None if stop is None else stop.departed_ms
    if expected is not None:
        start_ms = stop.began_ms if stop is not None and stop.began_ms else expected.start_p50_ms
        return Spell(appointment, kind, start_ms, expected.end_p50_ms, departed_ms, expected)
    start_ms = planned.life_ms if kind == "now" else planned.planned_start_ms or free_ms
    return Spell(appointment, kind, start_ms, start_ms + round(1000 * planned.job.expected_s), departed_ms)


def _waiting(appointment: str, planned: Planned) -> Spell:
    start_ms = planned.job.window_start_ms
    return Spell(appointment, "ahead", start_ms, start_ms + round(1000 * planned.job.expected_s))


def _bar(day: Day, selection: Selection, spell: Spell, before_ms: int | None, across: Scale) -> Bar:
    planned, level = day.territory.appointments.get(spell.appointment), day.level(spell.appointment)
    label, width = short_id(spell.appointment), max(0.4, across.width(spell.start_ms, spell.end_ms))
    risky = level is not None and planned is not None and spell.kind != "past"
    return Bar(
        id=f"bar-{slug(spell.appointment)}",
        appointment=spell.appointment,
        label=label,
        fits=_fits(label, width),
        link=selection.link(appointment=spell.appointment),
        kind=spell.kind,
        level=level_class(level),
        says=_says(day, spell, planned),
        x=across.x(spell.start_ms),
        width=width,
        plan=None if planned is None else _plan(spell, planned, across),
        interval=_interval(spell, across),
        drive=_drive(spell, before_ms, across),
        closes_x=across.x(planned.job.window_end_ms) if risky and planned is not None else None,
        pinned=planned is not None and planned.pinned,
        selected=selection.appointment == spell.appointment,
    )


def _fits(label: str, width: float) -> str:
    needed_px = len(label) * LETTER_PX + MARGIN_PX
    return next((name for name, timeline_px in WIDTHS_PX if width / 100 * timeline_px >= needed_px), "")


def _plan(spell: Spell, planned: Planned, across: Scale) -> tuple[float, float] | None:
    start_ms = planned.planned_start_ms
    if start_ms is None or spell.kind == "past" or abs(start_ms - spell.start_ms) < APART_MS:
        return None
    return across.x(start_ms), across.width(start_ms, start_ms + round(1000 * planned.job.expected_s))


def _interval(spell: Spell, across: Scale) -> tuple[float, float] | None:
    known = spell.expected
    if known is None or known.end_p90_ms <= known.end_p10_ms:
        return None
    return across.x(known.end_p10_ms), across.width(known.end_p10_ms, known.end_p90_ms)


def _drive(spell: Spell, before_ms: int | None, across: Scale) -> tuple[float, float] | None:
    since_ms = spell.departed_ms or before_ms
    if since_ms is None or spell.start_ms - since_ms < 60_000:
        return None
    return across.x(since_ms), across.width(since_ms, spell.start_ms)


def _says(day: Day, spell: Spell, planned: Planned | None) -> str:
    """What stands there when the pointer rests on the bar."""
    hours, level = day.hours, day.level(spell.appointment)
    said = [spell.appointment, day.title(spell.appointment), hours.window(spell.start_ms, spell.end_ms)]
    if planned is not None:
        said.append(f"window {hours.window(planned.job.window_start_ms, planned.job.window_end_ms)}")
        if planned.planned_start_ms is not None:
            said.append(f"planned {hours.hour(planned.planned_start_ms)}")
    if level is not None:
        risk = day.endangered[spell.appointment]
        said.append(f"{LEVEL_WORDS[level]}, {percent(risk.probability)}, median {minutes(risk.late_min)}")
    return " · ".join(said)
