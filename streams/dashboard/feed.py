"""The feed of a territory: what concerns its technicians and its plan, newest first."""

from collections import ChainMap
from collections.abc import Iterable, MutableMapping

import msgspec

from features.events import Signal, Tick
from streams.dashboard.day import Day
from streams.dashboard.news import Item, News
from streams.dashboard.selection import Selection
from streams.dashboard.sentences import sentence
from streams.dashboard.words import slug

SHOWN = 60
_PLAIN = Selection()


class FeedLine(msgspec.Struct, frozen=True):
    """`link` leads to the technician or the appointment, None where it is about neither."""

    id: str
    item: str
    hour: str
    text: str
    link: str | None
    level: str


def feed(day: Day, items: Iterable[Item], fences: MutableMapping[str, str]) -> list[FeedLine]:
    """The last that happened, newest first."""
    lines: list[FeedLine] = []
    for item in reversed(list(items)):
        line = _line(day, item, fences)
        if line is not None:
            lines.append(line)
            if len(lines) == SHOWN:
                break
    return lines


def more(day: Day, news: News, after: str, fences: MutableMapping[str, str]) -> list[FeedLine] | None:
    """What came after an item, newest first; None where that item is not remembered."""
    newer = news.since(after)
    if newer is None:
        return None
    lines = (_line(day, item, fences) for item in reversed(newer))
    return [line for line in lines if line is not None]


def _line(day: Day, item: Item, fences: MutableMapping[str, str]) -> FeedLine | None:
    told = item.told
    if isinstance(told, Signal):
        if told.event.technician not in day.territory.roster:
            return None
    elif isinstance(told, Tick) or told.territory != day.territory.territory:
        return None
    said = sentence(told, ChainMap(day.family_names, fences), day.planned_ms)
    if said is None:
        return None
    return FeedLine(
        id=f"feed-{slug(item.id)}",
        item=item.id,
        hour=day.hours.hour(said.time_ms),
        text=said.text,
        link=_link(day, said.appointment, said.technician),
        level=said.level,
    )


def _link(day: Day, appointment: str | None, technician: str | None) -> str | None:
    if appointment in day.territory.appointments:
        return _PLAIN.link(appointment=appointment)
    if technician in day.territory.roster:
        return _PLAIN.link(technician=technician)
    return None
