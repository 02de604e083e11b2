"""The fleet page: broken rules and unexplained stops, over all technicians."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from features.events import FenceEvent, Signal
from features.technician import TechnicianState
from streams.commands import words as event_words
from streams.dashboard.day import STALE_AFTER_MS
from streams.dashboard.news import Item
from streams.dashboard.scene import Line, Mark, Scene, Waypoint
from streams.dashboard.selection import Selection
from streams.dashboard.words import Hours, short_name, slug

SHOWN = 60
STANDS = {"IDLE": "idling", "UNEXPLAINED": "should have left", "PARKED": "parked", "DEPOT": "at the depot"}
ALERTED = ("IDLE", "UNEXPLAINED")


class Alert(msgspec.Struct, frozen=True):
    """A line on the left: who, what, since when."""

    id: str
    who: str
    says: str
    hour: str
    link: str
    selected: bool


class Fleet(msgspec.Struct, frozen=True):
    breaches: tuple[Alert, ...]
    stops: tuple[Alert, ...]
    scene: Scene
    technicians: int
    silent: int
    hour: str
    now_ms: int


def fleet(
    technicians: Sequence[TechnicianState],
    items: Iterable[Item],
    fences: Mapping[str, str],
    zone: str,
    selected: str | None,
) -> Fleet:
    """The time is that of the last fix: events have no other here."""
    hours = Hours(zone)
    now_ms = max((one.fix.time_ms for one in technicians if one.fix is not None), default=0)
    names = {one.technician: one.name or one.technician for one in technicians}
    marks = tuple(_mark(one, now_ms, selected) for one in technicians if one.fix is not None)
    return Fleet(
        breaches=tuple(_breaches(items, {**fences, **names}, hours, selected)),
        stops=tuple(_stops(technicians, now_ms, hours, selected)),
        scene=Scene(marks, _NO_STOPS, _NO_LINES, f"fleet {selected or ''}", "Where everybody is"),
        technicians=len(technicians),
        silent=sum(mark.stale for mark in marks),
        hour=hours.hour(now_ms) if now_ms else "",
        now_ms=now_ms,
    )


_PLAIN = Selection()
_NO_STOPS: tuple[Waypoint, ...] = ()
_NO_LINES: tuple[Line, ...] = ()


def _breaches(
    items: Iterable[Item], names: Mapping[str, str], hours: Hours, selected: str | None
) -> list[Alert]:
    found = []
    for item in reversed(list(items)):
        told = item.told
        if not isinstance(told, Signal) or told.retracts is not None:
            continue
        event = told.event
        if isinstance(event, FenceEvent) and event.event in ("breached", "overstayed", "speeding"):
            found.append(_breach(item.id, event, names, hours, selected))
            if len(found) == SHOWN:
                break
    return found


def _breach(
    item: str, event: FenceEvent, names: Mapping[str, str], hours: Hours, selected: str | None
) -> Alert:
    who = names.get(event.technician) or event.technician
    said = event_words.tell(event, {**names, event.technician: ""}) or event.event
    return Alert(
        id=f"breach-{slug(item)}",
        who=who,
        says=said.removeprefix(event.technician).strip(),
        hour=hours.hour(event.time_ms),
        link=_PLAIN.link(technician=event.technician),
        selected=event.technician == selected,
    )


def _stops(
    technicians: Sequence[TechnicianState], now_ms: int, hours: Hours, selected: str | None
) -> list[Alert]:
    """Who stands now without a reason, the longest first."""
    standing = [one for one in technicians if one.stop is not None and one.stop.kind in ALERTED]
    standing.sort(key=lambda one: one.stop.since_ms if one.stop else 0)
    return [_stop(one, now_ms, hours, selected) for one in standing]


def _stop(one: TechnicianState, now_ms: int, hours: Hours, selected: str | None) -> Alert:
    assert one.stop is not None
    assert one.stop.kind is not None
    stands = max(0, now_ms - one.stop.since_ms) // 60_000
    return Alert(
        id=f"stop-{slug(one.technician)}",
        who=one.name or one.technician,
        says=f"{STANDS[one.stop.kind]}, stands for {stands} min",
        hour=hours.hour(one.stop.since_ms),
        link=_PLAIN.link(technician=one.technician),
        selected=one.technician == selected,
    )


def _mark(one: TechnicianState, now_ms: int, selected: str | None) -> Mark:
    assert one.fix is not None
    silent = one.motion.kind in ("NO_DATA", "OFFLINE") or now_ms - one.fix.time_ms > STALE_AFTER_MS
    return Mark(
        technician=one.technician,
        name=short_name(one.name or one.technician),
        at=(one.fix.lon, one.fix.lat),
        heading=one.fix.heading_deg,
        stale=silent,
        selected=one.technician == selected,
    )
