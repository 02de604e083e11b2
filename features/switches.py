"""Ignition and power take-off, and since when they are as they are.

A fix may leave them out: what was said last holds for a while, then it is unknown.
"""

import msgspec

from features.fix import Fix
from features.units import Seconds


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what was said holds while fixes leave it out."""

    unsaid_after_s: Seconds = 120.0


class _Switch(msgspec.Struct, frozen=True, gc=False):
    """True on, False off, None unknown, since `since_ms`.

    `said_ms` is when a fix said it last, where a later one left it out.
    """

    on: bool | None = None
    since_ms: int = 0
    said_ms: int | None = None


class Switches(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """True on, False off, None unknown; each since its time.

    The `said` times are when a fix said it last, None where the last fix did.
    """

    ignition: bool | None = None
    ignition_ms: int = 0
    pto: bool | None = None
    pto_ms: int = 0
    ignition_said_ms: int | None = None
    pto_said_ms: int | None = None


def advance(switches: Switches, fix: Fix, before: Fix | None, params: Params) -> Switches:
    """Fold one fix that came after `before`. The same object when nothing was switched or left out."""
    if (
        fix.ignition is switches.ignition
        and fix.pto is switches.pto
        and switches.ignition_said_ms is None
        and switches.pto_said_ms is None
    ):
        return switches
    last_ms = fix.time_ms if before is None else before.time_ms
    limit_ms = fix.time_ms - params.unsaid_after_s * 1000
    ignition = _Switch(switches.ignition, switches.ignition_ms, switches.ignition_said_ms)
    pto = _Switch(switches.pto, switches.pto_ms, switches.pto_said_ms)
    ignition = _turn(ignition, fix.ignition, fix.time_ms, last_ms, limit_ms)
    pto = _turn(pto, fix.pto, fix.time_ms, last_ms, limit_ms)
    return Switches(ignition.on, ignition.since_ms, pto.on, pto.since_ms, ignition.said_ms, pto.said_ms)


def _turn(switch: _Switch, said: bool | None, time_ms: int, last_ms: int, limit_ms: float) -> _Switch:
    if said is switch.on:
        return _Switch(switch.on, switch.since_ms)
    if said is None:
        said_ms = last_ms if switch.said_ms is None else switch.said_ms
        if said_ms >= limit_ms:
            return _Switch(switch.on, switch.since_ms, said_ms)
    return _Switch(said, time_ms)
