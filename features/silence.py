"""Whether a technician's device is heard. Silence is concluded by a tick or by the gap before the next fix.

Both ways give the same silences with the same event times.
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
    """When the last ping was heard, None before the first, and how many silences were said since."""

    heard_ms: int | None = None
    said: int = 0


@final
class Silent(msgspec.Struct, frozen=True, gc=False):
    """A silence of this kind since `time_ms`; `detected_ms` is when we knew."""

    kind: SilenceKind
    time_ms: int
    detected_ms: int


Silences = tuple[Silent, ...]


def hear(hearing: Hearing, time_ms: int, params: Params) -> tuple[Hearing, Silences]:
    """A ping was heard. Returns the silences of the gap before it."""
    heard_ms = hearing.heard_ms
    if heard_ms is None or time_ms - heard_ms <= params.no_data_after_s * 1000:
        return Hearing(time_ms, 0), ()
    return Hearing(time_ms, 0), _silences(heard_ms, hearing.said, time_ms, time_ms, params)


def listen(hearing: Hearing, until_ms: int, now_ms: int, params: Params) -> tuple[Hearing, Silences]:
    """Nothing more can come from before `until_ms`, says a tick at `now_ms`."""
    heard_ms = hearing.heard_ms
    if heard_ms is None or until_ms - heard_ms <= params.no_data_after_s * 1000:
        return hearing, ()
    silences = _silences(heard_ms, hearing.said, until_ms, now_ms, params)
    return (Hearing(hearing.heard_ms, hearing.said + len(silences)) if silences else hearing), silences


def due_ms(hearing: Hearing, params: Params) -> int | None:
    """The last time that is no silence yet; None where all was said."""
    limits_s = (params.no_data_after_s, params.offline_after_s)[hearing.said :]
    return None if hearing.heard_ms is None or not limits_s else hearing.heard_ms + ms(limits_s[0])


def _silences(heard_ms: int, said: int, until_ms: int, now_ms: int, params: Params) -> Silences:
    kinds: tuple[tuple[SilenceKind, int], ...] = (
        ("NO_DATA", heard_ms + ms(params.no_data_after_s)),
        ("OFFLINE", heard_ms + ms(params.offline_after_s)),
    )
    return tuple(Silent(kind, at_ms, now_ms) for kind, at_ms in kinds[said:] if until_ms > at_ms)
