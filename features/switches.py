"""Ignition and power take-off, and since when they are as they are. A fix that is silent makes them unknown."""

import msgspec

from features.fix import Fix


class Switches(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """True on, False off, None unknown; each since its time."""

    ignition: bool | None = None
    ignition_ms: int = 0
    pto: bool | None = None
    pto_ms: int = 0


def advance(switches: Switches, fix: Fix) -> Switches:
    """Fold one fix. The same object when nothing was switched."""
    same_ignition, same_pto = fix.ignition is switches.ignition, fix.pto is switches.pto
    if same_ignition and same_pto:
        return switches
    return Switches(
        fix.ignition,
        switches.ignition_ms if same_ignition else fix.time_ms,
        fix.pto,
        switches.pto_ms if same_pto else fix.time_ms,
    )
