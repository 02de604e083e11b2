"""Whether a technician's device is heard. Silence is concluded by a tick or by the gap before the next fix.

Both ways give the same silences with the same event times. A device whose clock is slow, or that sends
what it gathered from time to time, is heard as long as anything is received of it: fix times alone prove
a silence only by the gap between two of them.
"""

from typing import Literal, final

import msgspec

from features.units import Seconds, ms

SilenceKind = Literal["NO_DATA", "OFFLINE"]


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long nothing may be heard, from one fix to the next."""

    no_data_after_s: Seconds = 200.0
    offline_after_s: Seconds = 600.0


class Hearing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The time of the last ping, None before the first, and how many silences were said since.

    `received_ms` is when that ping was received, 0 where nothing more is to be said.
    """

    heard_ms: int | None = None
    said: int = 0
    received_ms: int = 0


@final
class Silent(msgspec.Struct, frozen=True, gc=False):
    """A silence of this kind since `time_ms`; `detected_ms` is when we knew."""

    kind: SilenceKind
    time_ms: int
    detected_ms: int


Silences = tuple[Silent, ...]


def hear(hearing: Hearing, time_ms: int, received_ms: int, params: Params) -> tuple[Hearing, Silences]:
    """A ping was heard. Returns the silences of the gap before it."""
    heard_ms, after = hearing.heard_ms, Hearing(time_ms, 0, received_ms)
    if heard_ms is None or not is_silence(time_ms - heard_ms, params):
        return after, ()
    return after, _silences(hearing, heard_ms, time_ms, time_ms, params)


def is_silence(gap_ms: int, params: Params) -> bool:
    """Whether a gap between two fixes is a silence."""
    return gap_ms > params.no_data_after_s * 1000


def listen(hearing: Hearing, until_ms: int, now_ms: int, params: Params) -> tuple[Hearing, Silences]:
    """Nothing more can come from before `until_ms`, says a tick at `now_ms`."""
    heard_ms = hearing.heard_ms
    if heard_ms is None or not is_silence(until_ms - heard_ms, params):
        return hearing, ()
    # What is silent is so at once by both: whoever delivers within the buffer is judged by fix times alone.
    quiet_ms = min(until_ms, heard_ms + now_ms - hearing.received_ms)
    silences = _silences(hearing, heard_ms, quiet_ms, now_ms, params)
    if not silences:
        return hearing, ()
    said = hearing.said + len(silences)
    return Hearing(heard_ms, said, hearing.received_ms if said < len(_KINDS) else 0), silences


def due_ms(hearing: Hearing, wait_ms: int, params: Params) -> int | None:
    """The last tick that says no silence yet, where it speaks for `wait_ms` before it; None: all was said."""
    if hearing.heard_ms is None or hearing.said >= len(_KINDS):
        return None
    return max(hearing.heard_ms + wait_ms, hearing.received_ms) + _limits_ms(params)[hearing.said]


_KINDS: tuple[SilenceKind, ...] = ("NO_DATA", "OFFLINE")


def _limits_ms(params: Params) -> tuple[int, ...]:
    return ms(params.no_data_after_s), ms(params.offline_after_s)


def _silences(hearing: Hearing, heard_ms: int, until_ms: int, now_ms: int, params: Params) -> Silences:
    limits = list(zip(_KINDS, _limits_ms(params), strict=True))[hearing.said :]
    return tuple(
        Silent(kind, heard_ms + limit_ms, now_ms)
        for kind, limit_ms in limits
        if until_ms > heard_ms + limit_ms
    )
