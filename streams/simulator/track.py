"""Where a vehicle truly was: driving as a function of time, and the journal that a day writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from streams.simulator.plane import Floats
from streams.simulator.quantities import Amount, Count, Share
from streams.simulator.routing import Route
from streams.simulator.streets import Class


class DrivingParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How real driving differs from the router's expectation.

    time of a piece = expected * day * technician * leg * piece, all lognormal with median 1; plus waits
    at lights (where an arterial begins, ends or goes on at a crossing) and at stop signs (elsewhere).
    """

    day_sigma: Amount = 0.06
    leg_sigma: Amount = 0.10
    piece_sigma: Amount = 0.08
    light_share: Share = 0.15
    light_max_s: Amount = 55.0
    sign_share: Share = 0.08
    sign_max_s: Amount = 6.0
    smoothing_s: Count = 7


@dataclass(frozen=True, eq=False)
class Drive:
    """A driven route at 1 Hz: seconds since departure, metres east and north, metres a second."""

    seconds: Floats
    x: Floats
    y: Floats
    speed_mps: Floats

    @property
    def duration_s(self) -> float:
        return float(self.seconds[-1])


def drive(route: Route, draw: np.random.Generator, factor: float, params: DrivingParams) -> Drive:
    """Drive a route. `factor` is that of the leg, the day and the technician together."""
    pieces = len(route.seconds)
    spent = route.seconds * factor * np.exp(params.piece_sigma * draw.standard_normal(pieces))
    steps_s = np.column_stack([spent, _waits(route, draw, params)]).ravel()
    steps_m = np.column_stack([route.lengths_m, np.zeros(pieces)]).ravel()
    some = steps_s > 0
    knots_s = np.concatenate([[0.0], np.cumsum(steps_s[some])])
    knots_m = np.concatenate([[0.0], np.cumsum(steps_m[some])])
    metres = _smoothed(knots_s, knots_m, params.smoothing_s)
    along_m = np.concatenate([[0.0], np.cumsum(route.lengths_m)])
    x, y = (np.interp(metres, along_m, route.points[:, axis]) for axis in (0, 1))
    return Drive(np.arange(len(metres), dtype=float), x, y, np.gradient(metres))


def _waits(route: Route, draw: np.random.Generator, params: DrivingParams) -> Floats:
    """Seconds of waiting after each piece; none after the last."""
    after = route.classes
    before_big = after >= Class.ARTERIAL
    light = before_big | np.append(before_big[1:], False)
    share = np.where(light, params.light_share, params.sign_share)
    longest = np.where(light, params.light_max_s, params.sign_max_s)
    waits = np.where(draw.random(len(after)) < share, draw.uniform(2.0, longest), 0.0)
    on_street = np.append(after[1:] >= 0, False) & (after >= 0)
    return np.where(on_street, waits, 0.0)


def _smoothed(knots_s: Floats, knots_m: Floats, window_s: int) -> Floats:
    """Distance at each second, averaged over a window: speeds ramp instead of jumping."""
    reach = np.arange(-window_s + 1, np.ceil(knots_s[-1]) + window_s)
    metres = np.interp(reach, knots_s, knots_m)
    total = np.concatenate([[0.0], np.cumsum(metres)])
    averages: Floats = (total[window_s:] - total[:-window_s]) / window_s
    return averages


@dataclass(frozen=True, eq=False)
class Track:
    """A vehicle's day. `t_ms` (n) rises, between its moments positions are interpolated.

    `moving` (k, 2) are the intervals of driving, `ignition` and `pto` pairs of (from_ms, on).
    """

    t_ms: Floats
    x: Floats
    y: Floats
    speed_mps: Floats
    moving: Floats
    ignition: tuple[tuple[float, bool], ...]
    pto: tuple[tuple[float, bool], ...]

    def at(self, t_ms: Floats) -> tuple[Floats, Floats, Floats]:
        """Positions (metres) and speeds (m/s) at these times."""
        x, y, speed = (np.interp(t_ms, self.t_ms, of) for of in (self.x, self.y, self.speed_mps))
        return x, y, speed

    @staticmethod
    def joined(pieces: "Sequence[Track]") -> "Track":
        """Pieces of one day, in order."""
        t_ms, x, y, speed = (
            np.concatenate(column)
            for column in zip(*((one.t_ms, one.x, one.y, one.speed_mps) for one in pieces), strict=True)
        )
        moving = np.vstack([one.moving for one in pieces])
        ignition = tuple(switch for one in pieces for switch in one.ignition)
        return Track(t_ms, x, y, speed, moving, ignition, tuple(pto for one in pieces for pto in one.pto))

    def ignition_on(self, t_ms: Floats) -> np.ndarray:
        return switched(self.ignition, t_ms)

    def pto_on(self, t_ms: Floats) -> np.ndarray:
        return switched(self.pto, t_ms)


def switched(changes: tuple[tuple[float, bool], ...], t_ms: Floats) -> np.ndarray:
    """The state of a switch at these times; off before its first change."""
    times = np.array([time for time, _ in changes], dtype=float)
    states = np.array([False, *(on for _, on in changes)])
    return states[np.searchsorted(times, t_ms, side="right")]


class Journal:
    """Writes a vehicle's day down, from the front. `now_ms` is the moment it has come to."""

    def __init__(self, x: float, y: float, begin_ms: float) -> None:
        self.x, self.y, self.now_ms = x, y, begin_ms
        self.ignition_on = self.pto_on = False
        self._begin_piece()

    def drive(self, driven: Drive) -> None:
        times = self.now_ms + driven.seconds * 1000
        self._parts.append((times, driven.x, driven.y, driven.speed_mps))
        self._moving.append((self.now_ms, float(times[-1])))
        self.now_ms = float(times[-1])
        self.x, self.y = float(driven.x[-1]), float(driven.y[-1])
        self._stand_knot()

    def stand(self, seconds: float) -> None:
        self.stand_until(self.now_ms + seconds * 1000)

    def stand_until(self, time_ms: float) -> None:
        self.now_ms = max(self.now_ms, time_ms)
        self._stand_knot()

    def ignition(self, on: bool) -> None:
        self.ignition_on = on
        self._ignition.append((self.now_ms, on))

    def pto(self, on: bool) -> None:
        self.pto_on = on
        self._pto.append((self.now_ms, on))

    def piece(self) -> Track:
        """The track since the last call; the next one begins where this one ends."""
        t_ms, x, y, speed = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        moving = np.array(self._moving, dtype=float).reshape(-1, 2)
        piece = Track(t_ms, x, y, speed, moving, tuple(self._ignition), tuple(self._pto))
        self._begin_piece()
        return piece

    def _begin_piece(self) -> None:
        self._parts: list[tuple[Floats, Floats, Floats, Floats]] = []
        self._moving: list[tuple[float, float]] = []
        self._ignition = [(self.now_ms, self.ignition_on)]
        self._pto = [(self.now_ms, self.pto_on)]
        self._stand_knot()

    def _stand_knot(self) -> None:
        here = tuple(np.array([value]) for value in (self.now_ms, self.x, self.y, 0.0))
        self._parts.append((here[0], here[1], here[2], here[3]))
