"""Visits to geofences: entering, dwelling, overstaying, speeding and leaving, debounced against GPS jitter.

One technician and one fence make one `Visit`. A fix either proves that the technician is inside,
proves that they are clear of the fence, or, near the border, proves nothing. Only a run of proofs
changes what we believe. Silence proves nothing either: it stops the clock of every visit and run.
"""

from enum import IntEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from features.fence_events import FenceKind
from features.units import Count, Metres, Seconds, Share


class Phase(IntEnum):
    OUTSIDE = 0
    ENTERING = 1
    INSIDE = 2
    EXITING = 3


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a run of fixes is believed. Read from `configs/`, one set for each kind of fence."""

    enter_fixes: Count = 2
    enter_after_s: Seconds = 15.0
    exit_fixes: Count = 2
    exit_after_s: Seconds = 30.0
    exit_margin_m: Metres = 20.0
    exit_margin_share: Share = 0.1
    trusted_accuracy_m: Metres = 50.0
    dwell_after_s: Seconds = 120.0
    speeding_fixes: Count = 2

    def margin_m(self, radius_m: float) -> float:
        """How far beyond the border a technician must be to be clear of the fence."""
        return max(self.exit_margin_m, self.exit_margin_share * radius_m)

    def reach_m(self, radius_m: float) -> float:
        """The distance from the border beyond which every fix is clear, whatever its accuracy."""
        return self.margin_m(radius_m) + self.trusted_accuracy_m


class Limits(msgspec.Struct, frozen=True):
    """What a fence allows; None where it sets no limit."""

    max_dwell_s: float | None = None
    max_speed_mps: float | None = None


class Sight(msgspec.Struct, frozen=True, gc=False):
    """One exact fix as seen from one fence.

    `beyond_m` is the distance to the border: positive outside, negative or 0 inside. `speed_mps` is
    what the displacement since the fix before says, None where nothing does.
    """

    time_ms: int
    beyond_m: float
    accuracy_m: float
    radius_m: float
    lat: float = 0.0
    lon: float = 0.0
    speed_mps: float | None = None


class Visit(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What we believe, and the run of fixes that may change it. Kept while the phase is not OUTSIDE.

    `version` and `kind` are the fence's, noted by whoever keeps the visits. `silent_ms` and `run_silent_ms`
    are how long nothing was heard since `entered_ms` and since `run_start_ms`. `fast_fixes` counts the
    fixes over the speed limit in a row, up to those that make it `speeding`.
    """

    phase: Phase = Phase.OUTSIDE
    version: int = 0
    kind: FenceKind = "customer_site"
    entered_ms: int = 0
    silent_ms: int = 0
    run_start_ms: int = 0
    run_fixes: int = 0
    run_silent_ms: int = 0
    run_lat: float = 0.0
    run_lon: float = 0.0
    dwelt: bool = False
    overstayed: bool = False
    fast_fixes: int = 0
    fast_start_ms: int = 0
    fast_lat: float = 0.0
    fast_lon: float = 0.0


class Transition(msgspec.Struct, frozen=True, gc=False):
    """`time_ms` is when it happened: the first fix of the run; `detected_ms` is when we knew."""

    kind: Literal["entered", "exited", "dwelt", "overstayed", "speeding", "crossed"]
    time_ms: int
    detected_ms: int
    lat: float = 0.0
    lon: float = 0.0


Step = tuple[Visit, tuple[Transition, ...]]

OUTSIDE = Visit()
NO_LIMITS = Limits()


def advance(visit: Visit, sight: Sight, params: Params, limits: Limits = NO_LIMITS) -> Step:
    """Fold one exact fix into a visit. Returns the same object when nothing changed."""
    if sight.beyond_m <= 0:
        return _inside(visit, sight, params, limits)
    trusted_m = min(sight.accuracy_m, params.trusted_accuracy_m)
    if sight.beyond_m - trusted_m > params.margin_m(sight.radius_m):
        return _clear(visit, sight, params)
    return _near_the_border(visit)


def silence(visit: Visit, silent_ms: int) -> Visit:
    """The visit after nothing was heard for a while: that time counts neither for it nor for its run."""
    return replace(
        visit, silent_ms=visit.silent_ms + silent_ms, run_silent_ms=visit.run_silent_ms + silent_ms
    )


def _inside(visit: Visit, sight: Sight, params: Params, limits: Limits) -> Step:
    if visit.phase is Phase.INSIDE:
        return _stay(visit, sight, params, limits)
    if visit.phase is Phase.EXITING:
        return _stay(replace(visit, phase=Phase.INSIDE, fast_fixes=0), sight, params, limits)
    run = _longer(visit, sight, Phase.ENTERING)
    if run.run_fixes < params.enter_fixes and _run_s(run, sight) < params.enter_after_s:
        return run, ()
    visit = replace(
        run, phase=Phase.INSIDE, entered_ms=run.run_start_ms, silent_ms=run.run_silent_ms, run_fixes=0
    )
    entered = Transition("entered", run.run_start_ms, sight.time_ms, run.run_lat, run.run_lon)
    # Where fixes are rare, the one that confirms the visit may already show that it lasts.
    visit, lasts = _stay(visit, sight, params, limits)
    return visit, (entered, *lasts)


def _clear(visit: Visit, sight: Sight, params: Params) -> Step:
    if visit.phase is Phase.OUTSIDE:
        return visit, ()
    if visit.phase is Phase.ENTERING:
        return OUTSIDE, ()
    run = _longer(visit, sight, Phase.EXITING)
    if run.run_fixes < params.exit_fixes or _run_s(run, sight) < params.exit_after_s:
        return run, ()
    return OUTSIDE, (Transition("exited", run.run_start_ms, sight.time_ms, run.run_lat, run.run_lon),)


def _near_the_border(visit: Visit) -> Step:
    # Not inside, so a run of fixes inside is broken; not clear either, so an exit goes on waiting.
    return (OUTSIDE if visit.phase is Phase.ENTERING else visit), ()


def _stay(visit: Visit, sight: Sight, params: Params, limits: Limits) -> Step:
    transitions: tuple[Transition, ...] = ()
    heard_s = (sight.time_ms - visit.entered_ms - visit.silent_ms) / 1000
    if not visit.dwelt and heard_s >= params.dwell_after_s:
        transitions += (_after("dwelt", params.dwell_after_s, visit, sight),)
        visit = replace(visit, dwelt=True)
    if limits.max_dwell_s is not None and not visit.overstayed and heard_s > limits.max_dwell_s:
        transitions += (_after("overstayed", limits.max_dwell_s, visit, sight),)
        visit = replace(visit, overstayed=True)
    if limits.max_speed_mps is not None and sight.speed_mps is not None:
        visit, speeding = _race(visit, sight, params, sight.speed_mps > limits.max_speed_mps)
        transitions += speeding
    return visit, transitions


def _after(kind: Literal["dwelt", "overstayed"], stay_s: float, visit: Visit, sight: Sight) -> Transition:
    """Time spent in silence does not count, so the moment moves back by as much."""
    time_ms = visit.entered_ms + visit.silent_ms + round(stay_s * 1000)
    return Transition(kind, time_ms, sight.time_ms, sight.lat, sight.lon)


def _race(visit: Visit, sight: Sight, params: Params, over: bool) -> Step:
    """Count the fixes over the limit in a row, and say so once a run."""
    if not over:
        return (replace(visit, fast_fixes=0) if visit.fast_fixes else visit), ()
    if visit.fast_fixes >= params.speeding_fixes:
        return visit, ()
    if visit.fast_fixes == 0:
        visit = replace(visit, fast_start_ms=sight.time_ms, fast_lat=sight.lat, fast_lon=sight.lon)
    visit = replace(visit, fast_fixes=visit.fast_fixes + 1)
    if visit.fast_fixes < params.speeding_fixes:
        return visit, ()
    speeding = Transition("speeding", visit.fast_start_ms, sight.time_ms, visit.fast_lat, visit.fast_lon)
    return visit, (speeding,)


def _longer(visit: Visit, sight: Sight, phase: Phase) -> Visit:
    """The run that leads to `phase`, one fix longer, or a new one."""
    if visit.phase is phase:
        return replace(visit, run_fixes=visit.run_fixes + 1)
    return replace(
        visit,
        phase=phase,
        run_start_ms=sight.time_ms,
        run_fixes=1,
        run_silent_ms=0,
        run_lat=sight.lat,
        run_lon=sight.lon,
    )


def _run_s(run: Visit, sight: Sight) -> float:
    return (sight.time_ms - run.run_start_ms - run.run_silent_ms) / 1000
