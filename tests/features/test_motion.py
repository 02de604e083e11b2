"""Motion as scenarios: fixes of one technician through cleaning and motion alone."""

import pytest

from features import motion
from features.events import Ping
from features.fix import Fix
from features.moment import Seen
from features.motion import Motion, Params
from features.silence import Silent
from tests.support.days import at_ms, driving, ping, standing

PARAMS = Params()


def fix_of(one: Ping) -> Fix:
    return Fix(one.time_ms, one.lat, one.lon, one.accuracy_m or 5.0, True, one.speed_mps)


def move(
    *parts: list[Ping] | Silent, start: Motion = motion.UNKNOWN
) -> tuple[Motion, list[tuple[str, float]]]:
    """The motion after all parts, and each change with the second at which it began."""
    known, before, changes = start, None, []
    for one in [one for part in parts for one in ([part] if isinstance(part, Silent) else part)]:
        if isinstance(one, Silent):
            known = motion.silence(known, one)
            continue
        known, change = motion.advance(known, seen(before, fix_of(one)), before, PARAMS)
        before = fix_of(one)
        changes += [(change.kind, (change.time_ms - at_ms(0)) / 1000)] if change else []
    return known, changes


def seen(before: Fix | None, fix: Fix) -> Seen:
    if before is None:
        return Seen(fix, 0.0, None, 0, "", ())
    moved_m = abs(fix.lat - before.lat) * 110_850
    return Seen(fix, moved_m, moved_m * 1000 / (fix.time_ms - before.time_ms), 0, "", ())


def silent(seconds: float, kind: str = "NO_DATA") -> Silent:
    return Silent(kind, at_ms(seconds), at_ms(seconds))  # type: ignore[arg-type]


def test_nothing_is_known_from_one_fix() -> None:
    assert move([ping(0)])[1] == []


def test_two_fast_fixes_are_moving_since_the_first_of_them() -> None:
    assert move(standing(0, 10), [ping(20, 30), ping(30, 60)])[1] == [("MOVING", 20)]


def test_one_fast_fix_is_not() -> None:
    assert move(standing(0, 10), [ping(20, 30)], standing(30, 60, 32))[1] == []


def test_a_displacement_within_the_accuracies_is_not_fast_unless_the_device_says_so() -> None:
    jitter = [ping(n, 3 * (n % 2)) for n in range(20)]
    assert move(jitter)[1] == []
    told = [ping(n, 3 * n, speed_mps=3.0) for n in range(4)]
    assert move(told)[1] == [("MOVING", 1)]


def test_far_from_the_anchor_is_moving_however_slowly() -> None:
    known, changes = move(standing(0, 120), [ping(200, 100), ping(300, 180), ping(400, 260)])
    assert changes == [("STOPPED", 0), ("MOVING", 200)]
    assert known.kind == "MOVING"


def test_who_comes_back_to_the_anchor_never_left() -> None:
    known, changes = move(standing(0, 120), [ping(180, 80), ping(240, 10), ping(300, 80)])
    assert changes == [("STOPPED", 0)]
    assert known.run_ms == at_ms(300)


@pytest.mark.parametrize("north_m", [180, 900])
def test_one_reflection_ends_no_stop_however_far_and_fast(north_m: float) -> None:
    known, changes = move(standing(0, 120), [ping(140, north_m)], standing(160, 300, every_s=20))
    assert changes == [("STOPPED", 0)]
    assert known.run_ms is None


def test_far_from_the_anchor_is_proven_by_a_second_fix_and_counts_from_the_first() -> None:
    parked, changes = move(standing(0, 120), [ping(180, 250)])
    assert (parked.kind, changes) == ("STOPPED", [("STOPPED", 0)])
    assert move(standing(0, 120), [ping(180, 250), ping(300, 250)])[1][1:] == [("MOVING", 180)]


def test_two_fast_fixes_that_lead_away_within_the_cluster_are_moving() -> None:
    assert move(standing(0, 120), [ping(125, 20), ping(130, 40)])[1] == [("STOPPED", 0), ("MOVING", 125)]


@pytest.mark.parametrize(("until_s", "changes"), [(119, []), (120, [("STOPPED", 0)])])
def test_a_cluster_of_120_s_is_a_stop_since_its_first_fix(until_s: int, changes: list[object]) -> None:
    assert move([ping(0), ping(60, 40), ping(until_s, 20)])[1] == changes


def test_a_stop_begins_where_driving_ends() -> None:
    _, changes = move(driving(0, 100), standing(110, 300, 1_200))
    assert changes == [("MOVING", 10), ("STOPPED", 100)]


def test_creeping_under_1_kmh_goes_on_being_a_stop() -> None:
    creep = [ping(60 * n, 15 * n) for n in range(5)]
    assert move(creep)[1] == [("STOPPED", 0)]


def test_an_inexact_fix_makes_no_transition() -> None:
    known, _ = move(standing(0, 120))
    far = Fix(at_ms(130), 31.0, -97.0, 80.0, False)
    assert motion.advance(known, Seen(far, 5e4, 5e3, 0, "", ()), far, PARAMS) == (known, None)


def test_nothing_changes_while_standing() -> None:
    known, _ = move(standing(0, 120))
    fix = fix_of(ping(130))
    assert motion.advance(known, seen(fix_of(ping(120)), fix), fix_of(ping(120)), PARAMS)[0] is known


def test_after_silence_a_stop_at_the_same_place_is_believed_again() -> None:
    _, changes = move(standing(0, 120), silent(320), [ping(400, 20)])
    assert changes == [("STOPPED", 0), ("STOPPED", 400)]


def test_after_silence_a_stop_left_far_behind_is_moving() -> None:
    away = [ping(900, 5_000), ping(910, 5_000)]
    _, changes = move(standing(0, 120), silent(320), silent(720, "OFFLINE"), away)
    assert changes == [("STOPPED", 0), ("STOPPED", 900), ("MOVING", 900)]


def test_after_silence_one_reflection_ends_no_stop() -> None:
    known, changes = move(standing(0, 120), silent(320), [ping(400, 300)], standing(410, 600))
    assert changes == [("STOPPED", 0), ("STOPPED", 400)]
    assert known.run_ms is None


def test_after_silence_who_moved_is_believed_to_move() -> None:
    _, changes = move(driving(0, 40), silent(240), [ping(400, 500)])
    assert changes == [("MOVING", 10), ("MOVING", 400)]


def test_silence_is_no_part_of_a_stop() -> None:
    _, changes = move(standing(0, 100), silent(300), standing(310, 420))
    assert changes == []
    _, changes = move(standing(0, 100), silent(300), standing(310, 430))
    assert changes == [("STOPPED", 310)]


def test_the_longer_silence_keeps_what_was_believed_before_the_shorter() -> None:
    known, _ = move(standing(0, 120), silent(320), silent(720, "OFFLINE"))
    assert (known.kind, known.believed, known.since_ms) == ("OFFLINE", "STOPPED", at_ms(720))
