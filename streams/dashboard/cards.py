"""The left column: what is going wrong, sorted by what waiting costs."""

import msgspec

from features.territory import Planned, Risk
from features.territory_events import LEVELS
from streams.dashboard.day import Day
from streams.dashboard.selection import Selection
from streams.dashboard.way_out import decide_by_ms
from streams.dashboard.words import LEVEL_WORDS, level_class, minutes, percent, reasons, short_id, slug


class Card(msgspec.Struct, frozen=True):
    """One appointment at risk, in words."""

    id: str
    appointment: str
    short: str
    link: str
    level: str
    word: str
    probability: str
    title: str
    technician: str
    window: str
    reasons: str
    late: str
    decide_by: str
    overdue: bool
    pinned: bool
    selected: bool


def cards(day: Day, selection: Selection) -> list[Card]:
    """All that is at risk: the worst level first, within a level what costs most."""
    known = [
        (appointment, risk, day.territory.appointments[appointment])
        for appointment, risk in day.endangered.items()
        if appointment in day.territory.appointments
    ]
    known.sort(
        key=lambda one: (-LEVELS.index(one[1].level), -waiting_costs(one[1], day.weight(one[2].job)), one[0])
    )
    return [_card(day, selection, *one) for one in known]


def waiting_costs(risk: Risk, weight: float) -> float:
    """Late minutes to be expected if nobody does anything, as plans weigh them."""
    return weight * risk.probability * max(risk.late_min, 1.0)


def _card(day: Day, selection: Selection, appointment: str, risk: Risk, planned: Planned) -> Card:
    by_ms = decide_by_ms(day, appointment)
    overdue = by_ms is not None and by_ms <= day.now_ms
    return Card(
        id=f"card-{slug(appointment)}",
        appointment=appointment,
        short=short_id(appointment),
        link=selection.link(appointment=appointment),
        level=level_class(risk.level),
        word=LEVEL_WORDS[risk.level],
        probability=percent(risk.probability),
        title=day.title(appointment),
        technician=day.name(planned.technician),
        window=day.hours.window(planned.job.window_start_ms, planned.job.window_end_ms),
        reasons=reasons(risk.reasons),
        late=f"median {minutes(risk.late_min)}" if risk.technician else "nobody goes",
        decide_by="now" if overdue else "" if by_ms is None else day.hours.hour(by_ms),
        overdue=overdue,
        pinned=planned.pinned,
        selected=selection.appointment == appointment,
    )
