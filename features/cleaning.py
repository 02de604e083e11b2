"""Which pings become fixes. What is dropped says why.

A ping that implies an absurd speed is a suspect: it is held until later fixes prove it right or wrong.
"""

from itertools import combinations
from typing import final

import msgspec

from features.fix import Fix
from features.geo import distance_m
from features.ordering import Turned
from features.units import Count, Metres, MetresPerSecond, Seconds, ms
from features.waiting import Heard, Waiting


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to `exact_accuracy_m` a fix is used in full, up to `usable_accuracy_m` it only moves.

    A way from rest to rest is absurd at a lower speed: 15 m/s over 45 s is 675 m, and none of it standing.
    """

    future_accepted_s: Seconds = 5.0
    future_clamped_s: Seconds = 120.0
    exact_accuracy_m: Metres = 50.0
    usable_accuracy_m: Metres = 100.0
    missing_accuracy_m: Metres = 30.0
    jump_mps: MetresPerSecond = 55.0
    jump_resting_mps: MetresPerSecond = 15.0
    jump_resting_gap_max_s: Seconds = 45.0
    resting_mps: MetresPerSecond = 1.0
    resting_doubted_s: Seconds = 900.0
    jump_gap_min_s: Seconds = 1.0
    jump_gap_max_s: Seconds = 600.0
    anchor_fixes: Count = 3
    jitter_mps: MetresPerSecond = 1.0


class Track(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last kept fix, and the suspects that came after it.

    Until `doubted_ms` nothing is made of it when the device says that it stands: that was proven wrong.
    """

    last: Fix | None = None
    suspects: tuple[Waiting, ...] = ()
    doubted_ms: int = 0


@final
class Kept(msgspec.Struct, frozen=True, gc=False):
    """A new fix. `before` is the one before it, `moved_m` the way from there.

    `before` is None where the way from there proves nothing. `source` is the ping's.
    """

    fix: Fix
    before: Fix | None
    moved_m: float
    source: str | None = None


Step = tuple[Track, tuple[Kept | Turned, ...]]


def believable_ms(time_ms: int, received_ms: int, params: Params) -> int | None:
    """The event time of a message: as said, or clamped to its receive time, or None too far in the future."""
    ahead_ms = time_ms - received_ms
    if ahead_ms <= params.future_accepted_s * 1000:
        return time_ms
    return received_ms if ahead_ms <= params.future_clamped_s * 1000 else None


def advance(track: Track, item: Waiting, ping: Heard, params: Params) -> Step:
    """Fold the next ping in order of event time. Everything comes out once: as kept or as turned away."""
    fix = _fix(item, ping, params)
    if fix.accuracy_m > params.usable_accuracy_m:
        return track, (Turned(item, "inaccurate"),)
    last = track.last
    if last is None:
        return Track(fix, (), track.doubted_ms), (Kept(fix, None, 0.0, ping.source),)
    moved_m = _apart_m(last, fix)
    if _suspicious(last, fix, moved_m, track.doubted_ms, params):
        return _suspect(track, last, (*track.suspects, item), params)
    if track.suspects:
        return _judge(track, last, item, params)
    kept = _settle(last, fix, moved_m, ping.source, params)
    return Track(kept.fix, (), track.doubted_ms), (kept,)


def give_up(track: Track) -> Step:
    """The suspects are dropped: nothing came soon enough to prove them right."""
    if not track.suspects:
        return track, ()
    return _without_suspects(track), tuple(Turned(item, "jump") for item in track.suspects)


def due_ms(track: Track, params: Params) -> int | None:
    """The last time at which the suspects still have a chance."""
    if track.last is None or not track.suspects:
        return None
    return track.last.time_ms + ms(params.jump_gap_max_s)


def _fix(item: Waiting, ping: Heard, params: Params) -> Fix:
    accuracy_m = params.missing_accuracy_m if ping.accuracy_m is None else ping.accuracy_m
    return Fix(
        item.time_ms,
        ping.lat,
        ping.lon,
        accuracy_m,
        accuracy_m <= params.exact_accuracy_m,
        ping.speed_mps,
        ping.heading_deg,
        ping.ignition,
        ping.pto,
    )


def _apart_m(a: Fix, b: Fix) -> float:
    if a.lat == b.lat and a.lon == b.lon:
        return 0.0
    return distance_m(a.lat, a.lon, b.lat, b.lon)


def _suspicious(a: Fix, b: Fix, moved_m: float, doubted_ms: int, params: Params) -> bool:
    gap_ms = b.time_ms - a.time_ms
    if moved_m * 1000 <= params.jump_resting_mps * gap_ms:
        return False
    if _too_fast(gap_ms, moved_m, params):
        return True
    in_bounds = gap_ms >= params.jump_gap_min_s * 1000 and b.time_ms > doubted_ms
    return in_bounds and moved_m * 1000 <= params.jump_mps * gap_ms and _at_rest(a, b, gap_ms, params)


def _too_fast(gap_ms: int, moved_m: float, params: Params) -> bool:
    if moved_m * 1000 <= params.jump_mps * gap_ms:
        return False
    return params.jump_gap_min_s * 1000 <= gap_ms <= params.jump_gap_max_s * 1000


def _settle(last: Fix, fix: Fix, moved_m: float, source: str | None, params: Params) -> Kept:
    """A fix that may be the anchor's own jitter stays at the anchor, unless only the new one is exact."""
    slow = moved_m < params.jitter_mps * (fix.time_ms - last.time_ms) / 1000
    if moved_m == 0.0 or not slow or moved_m >= last.accuracy_m + fix.accuracy_m or last.exact < fix.exact:
        return Kept(fix, last, moved_m, source)
    anchored = Fix(
        fix.time_ms,
        last.lat,
        last.lon,
        last.accuracy_m,
        last.exact,
        fix.speed_mps,
        fix.heading_deg,
        fix.ignition,
        fix.pto,
    )
    return Kept(anchored, last, 0.0, source)


def _suspect(track: Track, last: Fix, suspects: tuple[Waiting, ...], params: Params) -> Step:
    """Enough suspects that agree with each other are right, and the last kept fix was wrong."""
    if len(suspects) < params.anchor_fixes:
        return Track(last, suspects, track.doubted_ms), ()
    fixes = [_fix_of(item, params) for item in suspects]
    if any(_disagree(a, b, params) for a, b in combinations(fixes, 2)):
        return Track(last, suspects[1:], track.doubted_ms), (Turned(suspects[0], "jump"),)
    return _chain(suspects, _doubted_ms(track, last, fixes, params), params)


def _judge(track: Track, last: Fix, item: Waiting, params: Params) -> Step:
    """A fix that the last kept one agrees with says which suspects were right."""
    fix, suspects = _fix_of(item, params), track.suspects
    right = [one for one in suspects if _supports(fix, _fix_of(one, params), last, params)]
    turned = [Turned(one, "jump") for one in suspects if one not in right]
    if right:
        fixes = [_fix_of(one, params) for one in right]
        after, kept = _chain((*right, item), _doubted_ms(track, last, fixes, params), params)
    else:
        after, kept = advance(_without_suspects(track), item, _ping(item), params)
    return after, (*turned, *kept)


def _doubted_ms(track: Track, last: Fix, right: list[Fix], params: Params) -> int:
    """Suspects that were right and could be driven were suspect only by what the device says: doubt it."""
    if any(_too_fast(one.time_ms - last.time_ms, _apart_m(last, one), params) for one in right):
        return track.doubted_ms
    return right[-1].time_ms + ms(params.resting_doubted_s)


def _without_suspects(track: Track) -> Track:
    return Track(track.last, (), track.doubted_ms)


def _supports(fix: Fix, suspect: Fix, last: Fix, params: Params) -> bool:
    if fix.time_ms - last.time_ms > params.jump_gap_max_s * 1000 or _disagree(suspect, fix, params):
        return False
    return _apart_m(suspect, fix) < _apart_m(last, fix)


def _disagree(a: Fix, b: Fix, params: Params) -> bool:
    """By what can be driven alone: what the device says of its speed has been heard, and is in question."""
    return _too_fast(b.time_ms - a.time_ms, _apart_m(a, b), params)


def _at_rest(a: Fix, b: Fix, gap_ms: int, params: Params) -> bool:
    """Whether the device says at both ends that it stands. Evidence only: a suspect may still prove right."""
    if a.speed_mps is None or b.speed_mps is None or gap_ms > params.jump_resting_gap_max_s * 1000:
        return False
    return a.speed_mps <= params.resting_mps and b.speed_mps <= params.resting_mps


def _chain(items: tuple[Waiting, ...], doubted_ms: int, params: Params) -> Step:
    """All are kept, each after the other, though the way to the first proves nothing."""
    first = _fix_of(items[0], params)
    outcomes = [Kept(first, None, 0.0, _ping(items[0]).source)]
    for item in items[1:]:
        last, fix = outcomes[-1].fix, _fix_of(item, params)
        outcomes.append(_settle(last, fix, _apart_m(last, fix), _ping(item).source, params))
    return Track(outcomes[-1].fix, (), doubted_ms), tuple(outcomes)


def _fix_of(item: Waiting, params: Params) -> Fix:
    return _fix(item, _ping(item), params)


def _ping(item: Waiting) -> Heard:
    assert item.heard is not None, "only pings are suspects"
    return item.heard
