"""Whether a technician moves, stands, or is not heard.

Displacement decides; the reported speed is only evidence that a short displacement is not noise.
A stop is a cluster of fixes around an anchor; leaving it begins a run that ends in `MOVING` or back
at the anchor.

A single fix proves nothing, for a reflection shows one far from a vehicle that stands, too slow for a
jump where fixes are rare. So 200 m from the anchor are believed of the second fix in a run, and who is
back in the cluster never left it, however fast the way out and back. The change still counts from the
first fix of the run.
"""

import msgspec

from features.events import MotionKind
from features.fix import Fix
from features.geo import distance_m
from features.moment import Seen
from features.silence import Silent
from features.units import Count, Metres, MetresPerSecond, Seconds


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """8 km/h is 2.222 m/s, 1 km/h is 0.278 m/s."""

    moving_mps: MetresPerSecond = 8 / 3.6
    moving_fixes: Count = 2
    moving_from_anchor_m: Metres = 200.0
    stopped_mps: MetresPerSecond = 1 / 3.6
    cluster_m: Metres = 50.0
    stopped_after_s: Seconds = 120.0


class Motion(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`kind` since `since_ms`, None before anything is known; `believed` is the kind before a silence.

    The anchor is where the cluster of fixes began. The run leads away from it: its first fix, and how
    many of its last fixes were fast.
    """

    kind: MotionKind | None = None
    since_ms: int = 0
    believed: MotionKind | None = None
    anchor_ms: int = -1
    anchor_lat: float = 0.0
    anchor_lon: float = 0.0
    run_ms: int | None = None
    run_lat: float = 0.0
    run_lon: float = 0.0
    run_fast: int = 0


class Change(msgspec.Struct, frozen=True, gc=False):
    """The motion is `kind` since `time_ms`, at that place."""

    kind: MotionKind
    time_ms: int
    lat: float
    lon: float


Step = tuple[Motion, Change | None]

UNKNOWN = Motion()
SILENT = ("NO_DATA", "OFFLINE")


def advance(motion: Motion, seen: Seen, before: Fix | None, params: Params) -> Step:
    """Fold one fix. Returns the same object when nothing changed. A fix that is not exact changes nothing."""
    fix = seen.fix
    if not fix.exact:
        return motion, None
    if motion.kind in SILENT:
        return _resume(motion, fix, params)
    if motion.anchor_ms < 0:
        return _anchored(motion, fix), None
    if before is not None and seen.speed_mps is not None and motion.anchor_ms == before.time_ms:
        away_m = seen.moved_m
    else:
        away_m = _from_anchor_m(motion, fix)
    if motion.kind != "MOVING":
        motion, change = _leave(motion, seen, before, away_m, params)
        if change is not None or motion.kind == "STOPPED":
            return motion, change
    return _rest(motion, fix, away_m, seen.speed_mps, params)


def silence(motion: Motion, silent: Silent) -> Motion:
    """Nothing is heard: what was believed waits until something is."""
    believed = motion.believed if motion.kind in SILENT else motion.kind
    return msgspec.structs.replace(motion, kind=silent.kind, since_ms=silent.time_ms, believed=believed)


def _resume(motion: Motion, fix: Fix, params: Params) -> Step:
    """The first fix after a silence: what was believed is believed again, but no run outlives a silence.

    Far from the anchor it begins one, and the next fix proves whether the technician left.
    """
    kind, anchor = motion.believed, (motion.anchor_ms, motion.anchor_lat, motion.anchor_lon)
    if kind is None:
        return _anchored(Motion(), fix), None
    if kind == "STOPPED":
        stopped = Motion("STOPPED", fix.time_ms, None, *anchor)
        if _from_anchor_m(motion, fix) < params.moving_from_anchor_m:
            return stopped, Change("STOPPED", fix.time_ms, fix.lat, fix.lon)
        left = msgspec.structs.replace(stopped, run_ms=fix.time_ms, run_lat=fix.lat, run_lon=fix.lon)
        return left, Change("STOPPED", fix.time_ms, motion.anchor_lat, motion.anchor_lon)
    moving = Motion("MOVING", fix.time_ms, None, fix.time_ms, fix.lat, fix.lon)
    return moving, Change("MOVING", fix.time_ms, fix.lat, fix.lon)


def _leave(motion: Motion, seen: Seen, before: Fix | None, away_m: float, params: Params) -> Step:
    """Not moving yet: a run away from the anchor, if there is one, goes on or begins."""
    fix = seen.fix
    fast = _fast(seen, before, params)
    if away_m <= params.cluster_m and not (fast and _leads_away(motion, before, away_m)):
        return (motion if motion.run_ms is None else _without_run(motion)), None
    run_fast = motion.run_fast + 1 if fast else 0
    second = motion.run_ms is not None
    run_ms, lat, lon = motion.run_ms, motion.run_lat, motion.run_lon
    if run_ms is None:
        run_ms, lat, lon = fix.time_ms, fix.lat, fix.lon
    if run_fast >= params.moving_fixes or (second and away_m >= params.moving_from_anchor_m):
        moving = Motion("MOVING", run_ms, None, fix.time_ms, fix.lat, fix.lon)
        return moving, Change("MOVING", run_ms, lat, lon)
    return msgspec.structs.replace(motion, run_ms=run_ms, run_lat=lat, run_lon=lon, run_fast=run_fast), None


def _rest(motion: Motion, fix: Fix, away_m: float, speed_mps: float | None, params: Params) -> Step:
    """Not stopped yet: the cluster goes on, or another one begins here."""
    slow = speed_mps is not None and speed_mps < params.stopped_mps
    if away_m > params.cluster_m and not slow:
        return _anchored(motion, fix), None
    if fix.time_ms - motion.anchor_ms < params.stopped_after_s * 1000:
        return motion, None
    anchor_ms, lat, lon = motion.anchor_ms, motion.anchor_lat, motion.anchor_lon
    return Motion("STOPPED", anchor_ms, None, anchor_ms, lat, lon), Change("STOPPED", anchor_ms, lat, lon)


def _fast(seen: Seen, before: Fix | None, params: Params) -> bool:
    """By displacement; one that both accuracies could explain needs the reported speed to support it."""
    if before is None or seen.speed_mps is None or seen.speed_mps < params.moving_mps:
        return False
    if seen.moved_m > before.accuracy_m + seen.fix.accuracy_m:
        return True
    return seen.fix.speed_mps is not None and seen.fix.speed_mps >= params.moving_mps


def _leads_away(motion: Motion, before: Fix | None, away_m: float) -> bool:
    return before is None or away_m > _from_anchor_m(motion, before)


def _from_anchor_m(motion: Motion, fix: Fix) -> float:
    if fix.lat == motion.anchor_lat and fix.lon == motion.anchor_lon:
        return 0.0
    return distance_m(motion.anchor_lat, motion.anchor_lon, fix.lat, fix.lon)


def _anchored(motion: Motion, fix: Fix) -> Motion:
    return Motion(
        motion.kind,
        motion.since_ms,
        None,
        fix.time_ms,
        fix.lat,
        fix.lon,
        motion.run_ms,
        motion.run_lat,
        motion.run_lon,
        motion.run_fast,
    )


def _without_run(motion: Motion) -> Motion:
    return Motion(motion.kind, motion.since_ms, None, motion.anchor_ms, motion.anchor_lat, motion.anchor_lon)
