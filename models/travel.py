"""How long a way takes: as the crow flies, made longer by streets, slower in the rush hours.

    seconds = (fixed + crow * detour / speed) * pace(hour) * exp(spread N - spread^2 / 2)

with N standard normal, so that the formula without the last factor is the mean. `fixed` is what comes with
every leg: paperwork, starting, lights, parking, setting up.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from scipy.optimize import least_squares

from features.geo import haversines_m
from features.travel import HOURS, Columns, Floats, Leg, columns, hour_weights

LEAST_LEGS = 50
_LEAST_CROW_M = 300.0
"""Under it, streets say little about detours."""
_RIDGE = 1.0
"""How strongly an hour's pace is held at 1 where few legs speak for another."""
_TAIL = 0.01
"""The share of legs at either end that are errands and forgotten taps: they count as much as those before them."""


class Travel(Protocol):
    """The port of travel times."""

    @property
    def spread(self) -> float:
        """Standard deviation of the logarithm of one leg."""
        ...

    @property
    def leaving_s(self) -> float:
        """The part of every leg that is over when the vehicle sets out."""
        ...

    def base_s(self, lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
        """Mean seconds at pace 1, from the end of work at one place to its begin at another; broadcasts."""
        ...

    def pace(self, hours: Floats) -> Floats:
        """Factors at these local hours of day; 1 is the mean of past legs."""
        ...


class CircleTravel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Great circle, detour and speed by hour. `pace_by_hour` holds at the middle of each hour.

    >>> CircleTravel(detour=1.5, speed_mps=10.0, fixed_s=60.0).base_s(0.0, 0.0, 0.0, 0.0).item()
    60.0
    """

    detour: float = 1.35
    speed_mps: float = 9.5
    pace_by_hour: tuple[float, ...] = (1.0,) * HOURS
    spread: float = 0.25
    fixed_s: float = 300.0
    leaving_s: float = 150.0

    def base_s(self, lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
        crow_m = haversines_m(*(np.asarray(one, dtype=float) for one in (lat1, lon1, lat2, lon2)))
        return np.asarray(self.fixed_s + crow_m * (self.detour / self.speed_mps))

    def pace(self, hours: Floats) -> Floats:
        flat = np.asarray(hours, dtype=float)
        factors: Floats = hour_weights(flat.ravel()) @ np.array(self.pace_by_hour)
        return factors.reshape(flat.shape)


class TravelScore(msgspec.Struct, frozen=True):
    """Of legs: the mean of true / expected, the median of |true - expected| in seconds and as a share of the
    expected, and the share of legs within p10 to p90."""

    legs: int
    mean_ratio: float
    error_s: float
    error_share: float
    coverage: float


def learned(legs: Sequence[Leg], zone: str) -> CircleTravel:
    """From past legs, by robust least squares on the logarithm. Of too few, the defaults."""
    known = columns(legs, zone)
    if len(legs) < LEAST_LEGS:
        return CircleTravel()
    fixed_s, s_per_m, paces = _fitted(known)
    weights = hour_weights(known.hour)
    centre = float((weights @ paces).mean())
    leaving_s = float(known.leaving_s.mean())
    base_s = leaving_s + (fixed_s + known.crow_m * s_per_m) * centre
    ratios = known.seconds / (base_s * (weights @ paces) / centre)
    ratios = np.clip(ratios, *np.quantile(ratios, (_TAIL, 1 - _TAIL)))
    scale = float(ratios.mean())
    detour = _detour(known)
    return CircleTravel(
        detour=detour,
        speed_mps=detour / (s_per_m * centre * scale),
        pace_by_hour=tuple((paces / centre).tolist()),
        spread=float(np.log(ratios).std()),
        fixed_s=(leaving_s + fixed_s * centre) * scale,
        leaving_s=leaving_s * scale,
    )


def score(travel: Travel, legs: Sequence[Leg], zone: str) -> TravelScore:
    """How well the legs were foretold; at least one."""
    known = columns(legs, zone)
    places = [(leg.start.lat, leg.start.lon, leg.end.lat, leg.end.lon) for leg in legs]
    base_s = travel.base_s(*np.array(places, dtype=float).reshape(-1, 4).T)
    expected_s = base_s * travel.pace(known.hour)
    off_s = np.abs(known.seconds - expected_s)
    deviation = np.log(known.seconds / expected_s) + travel.spread**2 / 2
    within = np.abs(deviation) <= 1.2816 * travel.spread
    return TravelScore(
        legs=len(legs),
        mean_ratio=float((known.seconds / expected_s).mean()),
        error_s=float(np.median(off_s)),
        error_share=float(np.median(off_s / expected_s)),
        coverage=float(within.mean()),
    )


def _fitted(known: Columns) -> tuple[float, float, Floats]:
    """Of the way alone: fixed seconds, seconds a metre of crow flight, and the pace of each hour."""
    weights, logs = hour_weights(known.hour), np.log(np.maximum(known.seconds - known.leaving_s, 1.0))

    def residuals(theta: Floats) -> Floats:
        base = np.exp(theta[0]) + known.crow_m * np.exp(theta[1])
        off = logs - np.log(base * (weights @ np.exp(theta[2:])))
        return np.concatenate([off, _RIDGE * theta[2:]])

    begin = np.concatenate([np.log([300.0, 0.14]), np.zeros(HOURS)])
    found = least_squares(residuals, begin, loss="soft_l1", f_scale=0.2).x
    return float(np.exp(found[0])), float(np.exp(found[1])), np.exp(found[2:])


def _detour(known: Columns) -> float:
    """Median of metres driven over metres flown, where they were counted."""
    counted = np.isfinite(known.driven_m) & (known.crow_m > _LEAST_CROW_M)
    if not counted.any():
        return CircleTravel().detour
    return max(1.0, float(np.median(known.driven_m[counted] / known.crow_m[counted])))
