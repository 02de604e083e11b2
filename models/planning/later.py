"""Days to come: what is said of them is kept beside the day at hand, and takes over when they begin.

A service day goes from a quiet hour of the night to the same hour of the next; where people work all night, an
office sets `planning.day_turns_s` to an hour at which no shift begins or goes on. What is said of a day is checked
against what is known of that day, at once.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from features.rejection import Rejection
from features.territory import TerritoryState
from features.territory_edit import ended
from features.territory_events import (
    AppointmentCancelled,
    AppointmentRequested,
    PinAppointment,
    RoutesPlanned,
    ShiftPlanned,
    TerritoryInbound,
)
from features.territory_facts import impossible
from models.planning.change import Planning


def service_day(time_ms: int, zone: str, turns_at_s: float) -> date:
    """The day that a moment belongs to.

    >>> service_day(1_773_734_400_000, "America/Phoenix", 10_800)  # 1:00 on the 17th
    datetime.date(2026, 3, 16)
    """
    return (datetime.fromtimestamp(time_ms / 1000, ZoneInfo(zone)) - timedelta(seconds=turns_at_s)).date()


def day_of(state: TerritoryState, event: TerritoryInbound, planning: Planning) -> str | Rejection | None:
    """The day to come that an event is about, None where that is the day at hand."""
    match event:
        case AppointmentRequested(job=job):
            today = date_of(state.clock_ms, planning)
            unknown = job.appointment not in state.appointments
            past = unknown and date_of(job.window_end_ms, planning) < today
            return _ahead(today, job.window_start_ms, f"appointment {job.appointment!r}", planning, past)
        case ShiftPlanned(shift=shift, technician=who):
            today = date_of(state.clock_ms, planning)
            # One that ends before it begins has a refusal of its own.
            past = who in state.roster and shift.start_ms < shift.end_ms
            past = past and date_of(shift.end_ms, planning) < today
            return _ahead(today, shift.start_ms, f"the shift of {who!r}", planning, past)
        case AppointmentCancelled() | PinAppointment():
            return _known_on(state, event.appointment)
        case RoutesPlanned():
            return _planned_for(state, event)
    return None


def day_at(state: TerritoryState, day: str | None) -> TerritoryState:
    """What is known of a day, at the time it is now."""
    if day is None:
        return state
    return replace(state.later.get(day) or TerritoryState(state.territory), clock_ms=state.clock_ms)


def with_day(state: TerritoryState, day: str | None, known: TerritoryState) -> TerritoryState:
    if day is None:
        return known
    return replace(state, later={**state.later, day: known})


def is_overtaken(state: TerritoryState, fact: AppointmentRequested, day: str | None) -> bool:
    """Whether somebody has asked for the appointment on another day since."""
    others = [known for other, known in _days(state) if other != day]
    found = [known.appointments.get(fact.job.appointment) for known in others]
    return any(one is not None and max(one.asked_ms, one.cancelled_ms or 0) > fact.time_ms for one in found)


def moved_here(
    state: TerritoryState, fact: AppointmentRequested, day: str | None
) -> TerritoryState | Rejection:
    """An appointment asked for on one day is off all others. What has begun today stays."""
    name = fact.job.appointment
    here = state.appointments.get(name)
    if day is not None and here is not None and not here.ended:
        if here.begun:
            return impossible(
                f"appointment {name!r} is {here.life} and can't be moved to {day}: request another one"
            )
        called_off = replace(here, cancelled_ms=fact.time_ms, technician=None, pinned=False)
        state = ended(state, name, called_off)
    others = [other for other, known in state.later.items() if other != day and name in known.appointments]
    for other in others:
        state = replace(state, later={**state.later, other: _without(state.later[other], name)})
    return state


def _days(state: TerritoryState) -> list[tuple[str | None, TerritoryState]]:
    """All that are known, that at hand first."""
    return [(None, state), *sorted(state.later.items())]


def date_of(time_ms: int, planning: Planning) -> str:
    """The service day of a moment, as the state names it."""
    return service_day(time_ms, planning.ways.zone, planning.params.day_turns_s).isoformat()


def _ahead(today: str, time_ms: int, what: str, planning: Planning, past: bool) -> str | Rejection | None:
    day = date_of(time_ms, planning)
    if day <= today:
        return impossible(f"{what} is of {day}, which is over: today is {today}") if past else None
    most = planning.params.days_ahead_max
    if date.fromisoformat(day) - date.fromisoformat(today) > timedelta(days=most):
        return impossible(
            f"{what} is on {day}, and today is {today}: say it no more than {most} days before, "
            "or give times in milliseconds"
        )
    return day


def _known_on(state: TerritoryState, name: str) -> str | None:
    """Where an appointment is open; else where it is known of."""
    here = state.appointments.get(name)
    if here is not None and not here.ended:
        return None
    return next((day for day, known in sorted(state.later.items()) if name in known.appointments), None)


def _is_known(state: TerritoryState, name: str) -> bool:
    return any(name in known.appointments for _, known in _days(state))


def _planned_for(state: TerritoryState, fact: RoutesPlanned) -> str | Rejection | None:
    names = [name for route in fact.routes.values() for name in route]
    if not names:
        return _rostered_on(state, fact.routes.keys())
    known = [name for name in names if _is_known(state, name)]
    days = {_known_on(state, name): name for name in known or names}
    if len(days) > 1:
        said = ", ".join(f"{name!r} {day or 'today'}" for day, name in days.items())
        return impossible(
            f"the plan has appointments of several days ({said}): plan each day by itself, "
            "or let days turn when nobody works (planning.day_turns_s)"
        )
    return next(iter(days))


def _rostered_on(state: TerritoryState, technicians: Collection[str]) -> str | None:
    """A plan without appointments is about the first day on which everybody in it works."""
    if all(who in state.roster for who in technicians):
        return None
    return next(
        (
            day
            for day, known in sorted(state.later.items())
            if all(who in known.roster for who in technicians)
        ),
        None,
    )


def _without(known: TerritoryState, name: str) -> TerritoryState:
    after = ended(known, name, known.appointments[name])
    return replace(after, appointments={one: p for one, p in after.appointments.items() if one != name})
