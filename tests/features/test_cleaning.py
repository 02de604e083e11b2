"""Fixes as (second, metres north), 10 s apart where nothing else is said."""

import pytest

from features import cleaning
from features.cleaning import Kept, Params, Track
from features.events import Ping
from features.ordering import Turned
from features.waiting import Waiting, heard
from tests.support.days import at_ms, driving, ping

PARAMS = Params()


def clean(*pings: Ping, track: Track | None = None) -> tuple[Track, list[Kept | Turned]]:
    track, outcomes = track or Track(), []
    for offset, one in enumerate(pings):
        item = Waiting(one.time_ms, one.time_ms, offset, heard(one))
        track, more = cleaning.advance(track, item, heard(one), PARAMS)
        outcomes += more
    return track, outcomes


def told(outcomes: list[Kept | Turned]) -> list[tuple[str, float]]:
    """(kept or the reason, second) of each outcome."""
    return [
        ("kept", (one.fix.time_ms - at_ms(0)) / 1000)
        if isinstance(one, Kept)
        else (one.reason, (one.item.time_ms - at_ms(0)) / 1000)
        for one in outcomes
    ]


@pytest.mark.parametrize(
    ("ahead_s", "expected_s"),
    [(-900, -900), (0, 0), (5, 5), (5.001, 0), (120, 0), (120.001, None)],
)
def test_clocks_ahead_are_believed_a_little_clamped_a_while_and_refused_beyond(
    ahead_s: float, expected_s: float | None
) -> None:
    believed = cleaning.believable_ms(at_ms(ahead_s), at_ms(0), PARAMS)
    assert believed == (None if expected_s is None else at_ms(expected_s))


@pytest.mark.parametrize(
    ("accuracy_m", "outcome", "exact"),
    [(50, "kept", True), (50.1, "kept", False), (100, "kept", False), (100.1, "inaccurate", None)],
)
def test_accuracy_decides_what_a_fix_is_good_for(accuracy_m: float, outcome: str, exact: bool | None) -> None:
    _, outcomes = clean(ping(0, accuracy_m=accuracy_m))
    assert told(outcomes) == [(outcome, 0)]
    if isinstance(outcomes[0], Kept):
        assert outcomes[0].fix.exact is exact


def test_a_missing_accuracy_counts_as_30_m() -> None:
    assert clean(ping(0, accuracy_m=None))[0].last.accuracy_m == 30.0


def test_a_jump_is_dropped_when_the_next_fix_does_not_agree_with_it() -> None:
    track, outcomes = clean(ping(0), ping(10, 5_000), ping(20, 100))
    assert told(outcomes) == [("kept", 0), ("jump", 10), ("kept", 20)]
    assert outcomes[-1].moved_m == pytest.approx(100, abs=0.5)
    assert track.suspects == ()


def test_a_jump_is_kept_when_the_next_fix_agrees_with_it() -> None:
    _, outcomes = clean(ping(0), ping(10, 600), ping(20, 700))
    assert told(outcomes) == [("kept", 0), ("kept", 10), ("kept", 20)]
    assert outcomes[1].before is None
    assert outcomes[2].before == outcomes[1].fix


def test_a_fix_nearer_to_the_last_kept_one_does_not_speak_for_the_suspect() -> None:
    assert told(clean(ping(0), ping(10, 800), ping(20, 380))[1]) == [("kept", 0), ("jump", 10), ("kept", 20)]


@pytest.mark.parametrize(
    ("second", "metres", "kept"),
    [(10, 548, True), (10, 554, False), (0.9, 5_000, True), (1, 5_000, False), (601, 90_000, True)],
)
def test_only_more_than_55_mps_over_1_s_to_10_min_is_suspect(
    second: float, metres: float, kept: bool
) -> None:
    _, outcomes = clean(ping(0), ping(second, metres))
    assert (len(outcomes) == 2) is kept


def test_a_far_way_between_two_fixes_at_rest_is_suspect_though_not_too_fast_to_drive() -> None:
    still = {"speed_mps": 0.0}
    _, outcomes = clean(ping(0, **still), ping(30, 500, **still), ping(60, 4, **still))
    assert told(outcomes) == [("kept", 0), ("jump", 30), ("kept", 60)]
    _, outcomes = clean(ping(0, **still), ping(30, 500, **still), ping(60, 504, **still))
    assert told(outcomes) == [("kept", 0), ("kept", 30), ("kept", 60)]


@pytest.mark.parametrize(
    ("second", "metres", "speeds"),
    [(30, 449, (0.0, 0.0)), (46, 800, (0.0, 0.0)), (30, 500, (0.0, 8.0)), (30, 500, (None, 0.0))],
    ids=["near", "long ago", "driving", "unknown"],
)
def test_otherwise_a_way_that_can_be_driven_is_believed_at_once(
    second: float, metres: float, speeds: tuple[float | None, float]
) -> None:
    fixes = [ping(0, speed_mps=speeds[0]), ping(second, metres, speed_mps=speeds[1])]
    assert told(clean(*fixes)[1]) == [("kept", 0), ("kept", second)]


@pytest.mark.parametrize(("mps", "every_s"), [(25, 10), (20, 20), (18, 5), (16, 15)])
def test_a_device_that_always_says_it_stands_loses_nothing(mps: float, every_s: float) -> None:
    track, outcomes = clean(*driving(0, 1_800, mps=mps, every_s=every_s, speed_mps=0.0))
    assert {one for one, _ in told(outcomes)} == {"kept"}
    assert len(outcomes) + len(track.suspects) == 1_800 / every_s + 1


def test_while_it_is_in_doubt_nothing_is_made_of_rest() -> None:
    still = {"speed_mps": 0.0}
    track, _ = clean(*driving(0, 30, mps=25, **still))
    assert track.doubted_ms == at_ms(30 + 900)
    assert told(clean(ping(40, 1_000, **still), track=track)[1]) == [("kept", 40)]
    assert told(clean(ping(920, 1_000, **still), ping(935, 1_300, **still), track=track)[1]) == [
        ("kept", 920)
    ]


def test_three_suspects_that_agree_are_the_new_anchor() -> None:
    track, outcomes = clean(ping(0), ping(10, 50_000), ping(20, 50_100), ping(30, 50_200), ping(40, 50_300))
    assert told(outcomes) == [("kept", n) for n in (0, 10, 20, 30, 40)]
    assert [one.before is None for one in outcomes] == [True, True, False, False, False]
    assert track.suspects == ()


def test_suspects_that_do_not_agree_give_way_from_the_oldest() -> None:
    fixes = [
        ping(0),
        ping(10, 50_000),
        ping(20, -50_000),
        ping(30, 50_100),
        ping(40, 50_200),
        ping(50, 50_300),
    ]
    _, outcomes = clean(*fixes)
    assert told(outcomes) == [
        ("kept", 0),
        ("jump", 10),
        ("jump", 20),
        ("kept", 30),
        ("kept", 40),
        ("kept", 50),
    ]


def test_ten_minutes_later_any_place_is_believed_and_the_suspects_are_dropped() -> None:
    _, outcomes = clean(ping(0), ping(10, 50_000), ping(600.5, 50_100))
    assert told(outcomes) == [("kept", 0), ("jump", 10), ("kept", 600.5)]


def test_suspects_given_up_are_jumps() -> None:
    track, _ = clean(ping(0), ping(10, 50_000))
    assert cleaning.due_ms(track, PARAMS) == at_ms(600)
    after, outcomes = cleaning.give_up(track)
    assert told(list(outcomes)) == [("jump", 10)]
    assert cleaning.due_ms(after, PARAMS) is None
    assert cleaning.give_up(after) == (after, ())


def test_an_inaccurate_ping_leaves_the_suspects_alone() -> None:
    _, outcomes = clean(ping(0), ping(10, 600), ping(15, 0, accuracy_m=900.0), ping(20, 700))
    assert told(outcomes) == [("kept", 0), ("inaccurate", 15), ("kept", 10), ("kept", 20)]


def test_jitter_stays_at_the_anchor_and_refreshes_the_time() -> None:
    track, outcomes = clean(ping(0), ping(10, 9.5, ignition=True))
    first, second = (one.fix for one in outcomes)
    assert (second.lat, second.lon, second.accuracy_m) == (first.lat, first.lon, first.accuracy_m)
    assert (second.time_ms, second.ignition, outcomes[1].moved_m) == (at_ms(10), True, 0.0)
    assert track.last == second


@pytest.mark.parametrize(("second", "metres"), [(10, 10.2), (5, 6), (100, 10.2)])
def test_further_than_both_accuracies_or_a_metre_a_second_is_no_jitter(second: float, metres: float) -> None:
    _, outcomes = clean(ping(0), ping(second, metres))
    assert outcomes[1].moved_m == pytest.approx(metres, abs=0.1)


def test_an_exact_fix_takes_over_from_an_anchor_that_is_not() -> None:
    track, _ = clean(ping(0, accuracy_m=80.0), ping(60, 20, accuracy_m=10.0))
    assert track.last.exact
    assert track.last.accuracy_m == 10.0
