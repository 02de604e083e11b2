"""Whether a source reports its speed in the unit that it declared.

On fast legs between two fixes with nearly equal speeds, reported speed divided by displacement is
about 1. A steady factor far from 1 is a wrong unit.
"""

import math
from typing import Annotated

import msgspec
from msgspec import Meta

from features.fix import Fix
from features.moment import Seen
from features.units import Count, MetresPerSecond, Seconds, ms


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Legs that count, and when a factor is steady: the spread is one of its logarithm.

    A source that was found right is not looked at again for `rest_s`.
    """

    min_mps: MetresPerSecond = 5.0
    max_gap_s: Seconds = 60.0
    legs: Count = 20
    max_spread: Annotated[float, Meta(ge=0.0)] = 0.2
    min_factor: Annotated[float, Meta(gt=1.0)] = 1.5
    rest_s: Seconds = 3600.0


class Ratios(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Number, sum and sum of squares of the logarithms of the ratios; `told` once it was reported.

    `rest_until_ms` is when to look again at a source that was right.
    """

    legs: int = 0
    total: float = 0.0
    squares: float = 0.0
    told: bool = False
    rest_until_ms: int = 0


Step = tuple[Ratios, float | None]
"""The factor, where it is to be reported."""

UNITS = {"miles an hour": 2.23694, "kilometres an hour": 3.6, "knots": 1.94384}
_TOLERANCE = 1.15
_SAME_SPEED = 1.3


def advance(ratios: Ratios, seen: Seen, before: Fix | None, params: Params) -> Step:
    """Fold one leg. Returns the same object when it says nothing."""
    # A displacement below this can't be told from a slow leg, whatever the factor.
    if (
        ratios.told
        or seen.fix.time_ms < ratios.rest_until_ms
        or seen.speed_mps is None
        or seen.speed_mps < params.min_mps
        or before is None
    ):
        return ratios, None
    reported_mps = _reported_mps(before, seen.fix)
    if reported_mps is None or seen.fix.time_ms - before.time_ms > params.max_gap_s * 1000:
        return ratios, None
    ratio = math.log(reported_mps / seen.speed_mps)
    grown = Ratios(ratios.legs + 1, ratios.total + ratio, ratios.squares + ratio * ratio)
    return _conclude(grown, seen.fix.time_ms, params) if grown.legs >= params.legs else (grown, None)


def described(factor: float) -> str:
    """For people: the factor, and the unit that it looks like."""
    text = f"the reported speed is {factor:.2f} times the displacement"
    for unit, size in UNITS.items():
        if size / _TOLERANCE < factor < size * _TOLERANCE:
            return f"{text}: it looks like {unit}, taken for metres a second"
        if size / _TOLERANCE < 1 / factor < size * _TOLERANCE:
            return f"{text}: it looks like metres a second, taken for {unit}"
    return text


def _reported_mps(before: Fix, fix: Fix) -> float | None:
    """The mean of both ends, None unless they say nearly the same."""
    a, b = before.speed_mps, fix.speed_mps
    if not a or not b or max(a, b) > _SAME_SPEED * min(a, b):
        return None
    return (a + b) / 2


def _conclude(ratios: Ratios, now_ms: int, params: Params) -> Step:
    mean = ratios.total / ratios.legs
    spread = math.sqrt(max(0.0, ratios.squares / ratios.legs - mean * mean))
    if spread > params.max_spread:
        return Ratios(), None
    if abs(mean) < math.log(params.min_factor):
        return Ratios(rest_until_ms=now_ms + ms(params.rest_s)), None
    return Ratios(told=True), math.exp(mean)
