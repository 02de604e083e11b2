"""What GPS and a cheap clock make of a true track.

Per axis, a fix shows true position + g(t) + w:
  g  Gauss-Markov: g(t + dt) = g(t) exp(-dt / tau) + sigma s(t) sqrt(1 - exp(-2 dt / tau)) N(0, 1)
  w  white: N(0, white_sigma_m)
with s(t) = `poor_sky_factor` during spells of poor sky (a Poisson process) and 1 otherwise. Reported
accuracy is about 1.5 standard deviations: 1.5 hypot(sigma s, white_sigma) exp(0.2 N(0, 1)).
Instead of that, a few fixes are
  coarse      from cell towers: accuracy uniform in a range, error N(0, accuracy / 2) an axis
  multipath   moved by a uniform distance in a random direction, one or two in a row, accuracy unchanged
  null island latitude and longitude 0
  far ahead   the time is wrong by more than a year
Tunnels (while driving) and outages (any time) are Poisson processes in which nothing is sent.
A device's clock is off by N(0, clock_sigma_s); some run `clock_ahead_s` ahead all day.
"""

from dataclasses import dataclass
from enum import IntFlag

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.simulator.plane import Floats
from streams.simulator.quantities import Amount, Positive, Share
from streams.simulator.track import Track

STANDING_MPS = 0.2
"""Slower than that, devices show 0."""


class NoiseParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rates an hour are of expected spells; shares are of fixes, `clock_ahead_share` of devices."""

    moving_every_s: Positive = 5.0
    standing_every_s: Positive = 15.0
    parked_every_s: Positive = 20.0
    jitter_sigma_m: Amount = 3.5
    jitter_tau_s: Positive = 60.0
    white_sigma_m: Amount = 1.0
    poor_sky_per_h: Amount = 0.25
    poor_sky_mean_s: Amount = 90.0
    poor_sky_factor: Amount = 6.0
    coarse_share: Share = 0.003
    coarse_min_accuracy_m: Amount = 80.0
    coarse_max_accuracy_m: Amount = 800.0
    multipath_share: Share = 0.002
    multipath_min_m: Amount = 150.0
    multipath_max_m: Amount = 2_500.0
    null_island_share: Share = 0.0001
    tunnel_per_driving_h: Amount = 0.3
    tunnel_min_s: Amount = 30.0
    tunnel_max_s: Amount = 240.0
    outage_per_h: Amount = 0.01
    outage_min_s: Amount = 300.0
    outage_max_s: Amount = 1_200.0
    speed_sigma_mps: Amount = 0.3
    clock_sigma_s: Amount = 0.5
    clock_ahead_share: Share = 0.15
    clock_ahead_s: Amount = 20.0
    far_ahead_share: Share = 0.00005
    far_ahead_s: Amount = 40_000_000.0


class Cause(IntFlag):
    """What happened to a fix."""

    CLEAN = 0
    POOR_SKY = 1
    COARSE = 2
    MULTIPATH = 4
    NULL_ISLAND = 8
    FAR_AHEAD = 16
    CLOCK_AHEAD = 32


@dataclass(frozen=True, eq=False)
class Fixes:
    """Columns (n) of what a device measured. `true_ms` is when, `device_ms` what its clock said."""

    true_ms: np.ndarray
    device_ms: np.ndarray
    x: Floats
    y: Floats
    accuracy_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    ignition: np.ndarray
    pto: np.ndarray
    causes: np.ndarray
    unsent: dict[str, int]


class Device:
    """A device for one day: what its clock is off, when it sees little sky or is out, how far its error has
    wandered. It measures a track piece by piece, in order."""

    def __init__(
        self, begin_ms: float, end_ms: float, draw: np.random.Generator, params: NoiseParams
    ) -> None:
        """It is on for no longer than from `begin_ms` to `end_ms`."""
        self._draw, self._params = draw, params
        poor_begins = _at_random(begin_ms, end_ms, draw, params.poor_sky_per_h)
        poor_s = draw.exponential(params.poor_sky_mean_s, len(poor_begins))
        self._poor = np.column_stack([poor_begins, poor_begins + poor_s * 1000])
        begins = _at_random(begin_ms, end_ms, draw, params.outage_per_h)
        lasting_s = draw.uniform(params.outage_min_s, params.outage_max_s, len(begins))
        self._outages = np.column_stack([begins, begins + lasting_s * 1000])
        self._offset_ms, self._ahead = _clock(draw, params)
        self._wandered: tuple[float, Floats] | None = None

    def measure(self, track: Track) -> Fixes:
        """The fixes of this piece, in order of true time."""
        draw, params = self._draw, self._params
        true_ms, unsent = self._sent(sample_times(track, params), track)
        x, y, speed = track.at(true_ms)
        causes = np.where(_within(true_ms, self._poor), Cause.POOR_SKY, 0)
        causes |= _lots(len(true_ms), draw, params) | (Cause.CLOCK_AHEAD if self._ahead else 0)
        error, accuracy = self._errors(true_ms, causes)
        far_ms = np.where(_has(causes, Cause.FAR_AHEAD), params.far_ahead_s * 1000, 0)
        shown = np.abs(speed + draw.normal(0, params.speed_sigma_mps, len(speed)))
        return Fixes(
            true_ms=true_ms,
            device_ms=(true_ms + self._offset_ms + far_ms).astype(np.int64),
            x=x + error[0],
            y=y + error[1],
            accuracy_m=accuracy,
            speed_mps=np.where(speed > STANDING_MPS, shown, 0.0),
            heading_deg=_headings(track, true_ms),
            ignition=track.ignition_on(true_ms),
            pto=track.pto_on(true_ms),
            causes=causes,
            unsent=unsent,
        )

    def _sent(self, planned: np.ndarray, track: Track) -> tuple[np.ndarray, dict[str, int]]:
        """What is left of the planned fixes outside tunnels and outages, and how many were lost to each."""
        tunnel = _within(planned, _tunnels(track, self._draw, self._params)) & _within(planned, track.moving)
        outage = _within(planned, self._outages)
        lost = {"tunnel": int((tunnel & ~outage).sum()), "outage": int(outage.sum())}
        return planned[~tunnel & ~outage], lost

    def _errors(self, t_ms: np.ndarray, causes: np.ndarray) -> tuple[Floats, Floats]:
        """How far each fix is off (2, n), and the accuracy that the device claims (n); metres."""
        scale = np.where(_has(causes, Cause.POOR_SKY), self._params.poor_sky_factor, 1.0)
        wandered = gauss_markov(t_ms, scale, self._draw, self._params, self._wandered)
        if len(t_ms):
            self._wandered = float(t_ms[-1]), wandered[:, -1]
        return _spoilt(wandered, causes, scale, self._draw, self._params)


def measure(track: Track, draw: np.random.Generator, params: NoiseParams) -> Fixes:
    """The fixes of one device for one whole track."""
    return Device(float(track.t_ms[0]), float(track.t_ms[-1]), draw, params).measure(track)


def _spoilt(
    wandered: Floats, causes: np.ndarray, scale: Floats, draw: np.random.Generator, params: NoiseParams
) -> tuple[Floats, Floats]:
    """The whole error (2, n) and the accuracy that goes with it (n)."""
    count = len(causes)
    error = wandered + draw.normal(0, params.white_sigma_m, (2, count))
    spread = 1.5 * np.hypot(params.jitter_sigma_m * scale, params.white_sigma_m)
    accuracy = spread * np.exp(0.2 * draw.standard_normal(count))
    wide = draw.uniform(params.coarse_min_accuracy_m, params.coarse_max_accuracy_m, count)
    coarse_error = draw.standard_normal((2, count)) * wide / 2
    coarse = _has(causes, Cause.COARSE)
    error = np.where(coarse, coarse_error, error) + _multipath(causes, draw, params)
    return error, np.where(coarse, wide, accuracy)


def _has(causes: np.ndarray, cause: Cause) -> NDArray[np.bool_]:
    return (causes & cause) > 0


def sample_times(track: Track, params: NoiseParams) -> np.ndarray:
    """When the device takes a fix: whole seconds, by whether it moves, stands or is switched off."""
    switches = [time for time, _ in track.ignition]
    ends = [track.t_ms[0], track.t_ms[-1], *track.moving.ravel().tolist(), *switches]
    borders = np.unique(np.round(np.array(ends) / 1000) * 1000)
    middle = (borders[:-1] + borders[1:]) / 2
    every_s = np.where(
        _within(middle, track.moving),
        params.moving_every_s,
        np.where(track.ignition_on(middle), params.standing_every_s, params.parked_every_s),
    )
    parts = [np.arange(a, b, s * 1000) for a, b, s in zip(borders, borders[1:], every_s, strict=False)]
    return np.concatenate([np.empty(0), *parts]).astype(np.int64)


def gauss_markov(
    t_ms: np.ndarray,
    scale: Floats,
    draw: np.random.Generator,
    params: NoiseParams,
    before: tuple[float, Floats] | None = None,
) -> Floats:
    """The correlated error of each axis in metres, shape (2, n), going on from that of the time `before`."""
    if len(t_ms) == 0:
        return np.zeros((2, 0))
    since_ms, wandered = before or (-np.inf, np.zeros(2))
    kept = np.exp(-np.diff(t_ms, prepend=since_ms) / 1000 / params.jitter_tau_s)
    fresh = params.jitter_sigma_m * scale * np.sqrt(1 - kept**2) * draw.standard_normal((2, len(t_ms)))
    return np.array(
        [
            _accumulated(kept.tolist(), new.tolist(), old)
            for new, old in zip(fresh, wandered.tolist(), strict=True)
        ]
    )


def _accumulated(kept: list[float], fresh: list[float], error: float) -> list[float]:
    """The recursion g = kept g + fresh, which has no vectorised form that stays exact."""
    errors = []
    for share, new in zip(kept, fresh, strict=True):
        error = share * error + new
        errors.append(error)
    return errors


def _tunnels(track: Track, draw: np.random.Generator, params: NoiseParams) -> Floats:
    """Spells that begin while driving, evenly over the time spent driving."""
    driven_ms = np.concatenate([[0.0], np.cumsum(np.diff(track.moving, axis=1).ravel())])
    count = draw.poisson(params.tunnel_per_driving_h * driven_ms[-1] / 3_600_000)
    at_ms = draw.uniform(0, driven_ms[-1], count)
    leg = np.searchsorted(driven_ms, at_ms, side="right") - 1
    begins = track.moving[leg, 0] + at_ms - driven_ms[leg]
    lasting_s = draw.uniform(params.tunnel_min_s, params.tunnel_max_s, count)
    return np.column_stack([begins, begins + lasting_s * 1000])


def _at_random(begin_ms: float, end_ms: float, draw: np.random.Generator, per_h: float) -> Floats:
    return draw.uniform(begin_ms, end_ms, draw.poisson(per_h * (end_ms - begin_ms) / 3_600_000))


def _within(t_ms: np.ndarray, intervals: Floats) -> np.ndarray:
    """Which times lie in any of the intervals (k, 2)."""
    if len(intervals) == 0:
        return np.zeros(len(t_ms), dtype=bool)
    begins, ends = np.sort(intervals[:, 0]), np.sort(intervals[:, 1])
    # As many intervals have begun as have ended: outside all of them, also where they overlap.
    return np.searchsorted(begins, t_ms, side="right") > np.searchsorted(ends, t_ms, side="right")


def _lots(count: int, draw: np.random.Generator, params: NoiseParams) -> np.ndarray:
    """Which fixes something happens to, at most one thing each."""
    lot = draw.random(count)
    shares = (params.coarse_share, params.multipath_share, params.null_island_share, params.far_ahead_share)
    kinds = np.array(
        [Cause.COARSE, Cause.MULTIPATH, Cause.NULL_ISLAND, Cause.FAR_AHEAD, Cause.CLEAN], dtype=int
    )
    causes = kinds[np.searchsorted(np.cumsum(shares), lot, side="right")]
    # A reflection often catches the next fix as well.
    second = np.roll(causes == Cause.MULTIPATH, 1) & (causes == 0) & (draw.random(count) < 0.3)
    if count:
        second[0] = False
    return np.where(second, int(Cause.MULTIPATH), causes)


def _multipath(causes: np.ndarray, draw: np.random.Generator, params: NoiseParams) -> Floats:
    count = len(causes)
    distance = draw.uniform(params.multipath_min_m, params.multipath_max_m, count)
    angle = draw.uniform(0, 2 * np.pi, count)
    hit = _has(causes, Cause.MULTIPATH)
    return np.where(hit, distance * np.array([np.cos(angle), np.sin(angle)]), 0.0)


def _clock(draw: np.random.Generator, params: NoiseParams) -> tuple[int, bool]:
    offset_s = float(draw.normal(0, params.clock_sigma_s))
    ahead = bool(draw.random() < params.clock_ahead_share)
    return round(1000 * (offset_s + (params.clock_ahead_s if ahead else 0))), ahead


def _headings(track: Track, t_ms: np.ndarray) -> Floats:
    """Degrees from north, clockwise; NaN where the vehicle stands."""
    before_x, before_y, _ = track.at(t_ms - 500.0)
    after_x, after_y, _ = track.at(t_ms + 500.0)
    east, north = after_x - before_x, after_y - before_y
    return np.where(np.hypot(east, north) > 0.5, np.degrees(np.arctan2(east, north)) % 360, np.nan)
