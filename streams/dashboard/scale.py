"""From moments to percentages of the timeline's width."""

from collections.abc import Iterator

import msgspec

from streams.dashboard.day import Day

HOUR_MS = 3_600_000
LONGEST_MS = 24 * HOUR_MS


class Scale(msgspec.Struct, frozen=True):
    """Whole hours, from `begin_ms` to `end_ms`."""

    begin_ms: int
    end_ms: int

    def x(self, time_ms: int) -> float:
        """0 to 100; what lies outside is drawn at the edge."""
        share = (time_ms - self.begin_ms) / (self.end_ms - self.begin_ms)
        return round(100 * min(1.0, max(0.0, share)), 3)

    def width(self, start_ms: int, end_ms: int) -> float:
        return round(max(0.0, self.x(end_ms) - self.x(start_ms)), 3)

    def hours(self) -> Iterator[int]:
        """The full hours; every second one of a long day."""
        step = HOUR_MS if self.end_ms - self.begin_ms <= 14 * HOUR_MS else 2 * HOUR_MS
        yield from range(self.begin_ms, self.end_ms + 1, step)


def scale(day: Day) -> Scale:
    """All shifts of the day, and what is expected to end after them."""
    shifts = [rostered.shift for rostered in day.territory.roster.values()]
    begins = [shift.start_ms for shift in shifts] or [day.now_ms]
    ends = [shift.end_ms for shift in shifts] or [day.now_ms + 8 * HOUR_MS]
    ends += [
        expected.end_p50_ms
        for technician in day.territory.roster
        if technician in day.risks
        for appointment in day.ahead(technician)
        if (expected := day.expected(technician, appointment)) is not None
    ]
    begin_ms = min(begins) // HOUR_MS * HOUR_MS
    end_ms = min(max(ends), begin_ms + LONGEST_MS)
    return Scale(begin_ms, max(-(-end_ms // HOUR_MS) * HOUR_MS, begin_ms + HOUR_MS))
