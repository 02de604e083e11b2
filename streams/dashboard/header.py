"""The line on top: how many are where, and what time it is where the events come from."""

import msgspec

from features.territory_events import LEVELS, Level
from streams.dashboard.day import Day
from streams.dashboard.words import LEVEL_WORDS, level_class

LIVE_WITHIN_MS = 120_000
"""Event time that differs more from the wall clock is not called live."""


class Count(msgspec.Struct, frozen=True):
    number: str
    word: str
    level: str = ""


class Clock(msgspec.Struct, frozen=True):
    """Event time. `says` explains it where it is not now; `pace` says how many seconds of events there are in
    one, `event_pace` the same as a number: 1 where it is now, 0 where it stands still or that is not known."""

    hour: str
    now_ms: int
    live: bool
    says: str
    pace: str
    event_pace: float


class Header(msgspec.Struct, frozen=True):
    counts: tuple[Count, ...]
    clock: Clock


def header(day: Day, wall_ms: int, pace: float) -> Header:
    return Header(_counts(day), clock(day, wall_ms, pace))


def clock(day: Day, wall_ms: int, pace: float) -> Clock:
    apart_ms = wall_ms - day.now_ms
    live = abs(apart_ms) <= LIVE_WITHIN_MS and pace < 1.5
    hour = day.hours.hour(day.now_ms)
    if live:
        return Clock(hour, day.now_ms, live, "", "", 1.0)
    pace_word = f"{round(pace)}×" if pace >= 1.5 else ""  # noqa: RUF001
    event_pace = round(pace, 2) if pace >= 1.5 else 0.0
    return Clock(hour, day.now_ms, live, f"{day.hours.day(day.now_ms)}, not now", pace_word, event_pace)


def _counts(day: Day) -> tuple[Count, ...]:
    state = day.territory
    served = [planned for planned in state.appointments.values() if planned.cancelled_ms is None]
    by_level = dict.fromkeys(LEVELS, 0)
    for risk in day.endangered.values():
        by_level[risk.level] += 1
    on_time = max(0, len(served) - sum(by_level.values()))
    here = sum(1 for one in state.roster if not (day.lost(one) or day.offline(one)))
    return (
        Count(str(on_time), "on time"),
        *(_level(level, by_level[level]) for level in LEVELS),
        Count(f"{here}/{len(state.roster)}", "technicians"),
    )


def _level(level: Level, number: int) -> Count:
    return Count(str(number), LEVEL_WORDS[level], level_class(level))
