"""The time as a partition's log says it: that of its ticks, none of which is believed at once if it leaps.

A tick from a wrong clock would make everybody silent, and the right ticks after it would say nothing. So
a tick that is far from the clock, and ahead of what was received besides, is held. Ticks in a row that
agree with each other are right: time went by while nobody ticked, or the clock itself was ahead.
"""

import msgspec

from features.units import Count, Seconds, ms


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a tick may leap, and how many that agree with each other may leap further."""

    tick_leap_max_s: Seconds = 120.0
    agreeing_ticks: Count = 3


class Clock(msgspec.Struct, frozen=True):
    """The last tick believed, 0 before the first; when the last record that is no tick was received.

    `held` has the ticks in a row that are not believed yet.
    """

    now_ms: int = 0
    received_ms: int = 0
    held: tuple[int, ...] = ()


def heard(clock: Clock, received_ms: int) -> Clock:
    """A record that is no tick was received."""
    return clock if received_ms == clock.received_ms else Clock(clock.now_ms, received_ms, clock.held)


def advance(clock: Clock, time_ms: int, params: Params) -> tuple[Clock, bool]:
    """Fold one tick. Returns whether the time is now `time_ms`; where not, nothing is due."""
    leap_ms, now_ms = ms(params.tick_leap_max_s), clock.now_ms
    if now_ms == 0 or now_ms < time_ms <= max(now_ms, clock.received_ms) + leap_ms:
        return Clock(time_ms, clock.received_ms), True
    if now_ms - leap_ms <= time_ms <= now_ms:
        return Clock(now_ms, clock.received_ms), False
    agrees = bool(clock.held) and 0 < time_ms - clock.held[-1] <= leap_ms
    held = (*clock.held, time_ms) if agrees else (time_ms,)
    if len(held) < params.agreeing_ticks:
        return Clock(now_ms, clock.received_ms, held), False
    return Clock(time_ms, clock.received_ms), True
