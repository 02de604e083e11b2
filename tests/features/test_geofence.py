"""Visits as scenarios, a letter a fix: i inside, f inside and fast, b near the border, o clear of it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.geofence import (
    NO_LIMITS,
    OUTSIDE,
    Limits,
    Params,
    Phase,
    Sight,
    Transition,
    Visit,
    advance,
    silence,
)

BEYOND_M = {"i": -5.0, "f": -5.0, "b": 12.0, "o": 90.0}
PARAMS = Params()
DEPOT = Params(exit_after_s=120.0)


def sight(time_s: float, letter: str) -> Sight:
    speed_mps = 20.0 if letter == "f" else 2.0
    return Sight(round(time_s * 1000), BEYOND_M[letter], accuracy_m=8, radius_m=100, speed_mps=speed_mps)


def drive(
    fixes: str,
    every_s: int = 10,
    params: Params = PARAMS,
    limits: Limits = NO_LIMITS,
) -> tuple[Visit, list[Transition]]:
    """A `.` is a silence of 300 s before the next fix."""
    visit, time_s = OUTSIDE, 0
    happened: list[Transition] = []
    for fix in fixes:
        if fix == ".":
            visit, time_s = silence(visit, (300 + every_s) * 1000), time_s + 300
            continue
        visit, transitions = advance(visit, sight(time_s, fix), params, limits)
        happened += transitions
        time_s += every_s
    return visit, happened


def kinds(fixes: str, every_s: int = 10, params: Params = PARAMS, limits: Limits = NO_LIMITS) -> list[str]:
    return [transition.kind for transition in drive(fixes, every_s, params, limits)[1]]


def test_one_fix_inside_is_not_a_visit() -> None:
    assert kinds("ooiooo") == []


def test_two_fixes_inside_are_a_visit_that_began_with_the_first() -> None:
    assert drive("ooii")[1] == [Transition("entered", time_ms=20_000, detected_ms=30_000)]


def test_15_s_inside_are_a_visit_where_more_fixes_are_asked_for() -> None:
    patient = Params(enter_fixes=5)
    assert kinds("ii", every_s=10, params=patient) == []
    assert kinds("ii", every_s=15, params=patient) == ["entered"]


def test_a_fix_near_the_border_breaks_the_run_that_enters() -> None:
    assert kinds("ibi") == []
    assert drive("ib")[0] is OUTSIDE


def test_jitter_at_the_border_does_not_end_a_visit() -> None:
    assert kinds("iibibbib") == ["entered"]


def test_a_visit_ends_where_the_run_outside_began() -> None:
    visit, happened = drive("iioooo")
    assert happened[-1] == Transition("exited", time_ms=20_000, detected_ms=50_000)
    assert visit is OUTSIDE


def test_one_fix_outside_does_not_end_a_visit_however_long_it_was() -> None:
    assert kinds("iioii", every_s=60) == ["entered", "dwelt"]


def test_an_exit_goes_on_waiting_near_the_border() -> None:
    assert kinds("iiobbo") == ["entered", "exited"]


def test_a_depot_is_left_after_two_minutes() -> None:
    assert kinds("ii" + "o" * 12, params=DEPOT) == ["entered"]
    assert kinds("ii" + "o" * 13, params=DEPOT) == ["entered", "exited"]


@pytest.mark.parametrize(
    ("beyond_m", "accuracy_m", "radius_m", "clear"),
    [
        (25.1, 5, 100, True),
        (24.9, 5, 100, False),
        (75.0, 80, 100, True),
        (69.0, 80, 100, False),
        (54.0, 5, 500, False),
        (56.0, 5, 500, True),
    ],
)
def test_clear_is_beyond_the_margin_after_allowing_the_accuracy(
    beyond_m: float, accuracy_m: float, radius_m: float, clear: bool
) -> None:
    inside, _ = drive("ii")
    visit, _ = advance(inside, Sight(60_000, beyond_m, accuracy_m, radius_m), PARAMS)
    assert (visit.phase is Phase.EXITING) == clear


@given(st.floats(1, 5000), st.floats(0, 100))
def test_beyond_reach_every_fix_is_clear(radius_m: float, accuracy_m: float) -> None:
    inside, _ = drive("ii")
    sight = Sight(60_000, PARAMS.reach_m(radius_m) + 0.01, accuracy_m, radius_m)
    assert advance(inside, sight, PARAMS)[0].phase is Phase.EXITING


def test_a_visit_dwells_once_and_the_time_is_when_it_had_lasted_120_s() -> None:
    assert kinds("i" * 40) == ["entered", "dwelt"]
    assert drive("i" * 40, every_s=50)[1][-1] == Transition("dwelt", time_ms=120_000, detected_ms=150_000)


def test_the_fix_that_confirms_a_visit_may_already_show_that_it_lasts() -> None:
    assert kinds("ii", every_s=150) == ["entered", "dwelt"]


def test_a_second_visit_dwells_again() -> None:
    day = "i" * 15 + "o" * 5
    assert kinds(day + day) == ["entered", "dwelt", "exited"] * 2


def test_a_visit_overstays_once() -> None:
    happened = drive("i" * 40, limits=Limits(max_dwell_s=300))[1]
    assert [transition.kind for transition in happened] == ["entered", "dwelt", "overstayed"]
    assert happened[-1] == Transition("overstayed", time_ms=300_000, detected_ms=310_000)


def test_a_stay_exactly_as_long_as_allowed_is_no_overstaying() -> None:
    assert kinds("i" * 7, limits=Limits(max_dwell_s=60)) == ["entered"]
    assert kinds("i" * 8, limits=Limits(max_dwell_s=60)) == ["entered", "overstayed"]


def test_two_fast_fixes_inside_are_speeding_once_a_run() -> None:
    happened = drive("iiifffff", limits=Limits(max_speed_mps=10))[1]
    assert happened[1:] == [Transition("speeding", time_ms=30_000, detected_ms=40_000)]


def test_one_fast_fix_is_not_speeding() -> None:
    assert kinds("iififi", limits=Limits(max_speed_mps=10)) == ["entered"]


def test_speeding_again_is_said_again() -> None:
    assert kinds("iiffiff", limits=Limits(max_speed_mps=10)) == ["entered", "speeding", "speeding"]


def test_nobody_speeds_where_there_is_no_limit_or_no_speed() -> None:
    assert kinds("ffffff") == ["entered"]
    inside, _ = drive("ii")
    unknown = Sight(60_000, -5.0, 8, 100, speed_mps=None)
    assert advance(inside, unknown, PARAMS, Limits(max_speed_mps=10))[0] is inside


def test_silence_proves_nothing() -> None:
    assert kinds("ii.i") == ["entered"]
    assert kinds("iio.o") == ["entered"]
    assert kinds("iio.oooo") == ["entered", "exited"]


def test_time_in_silence_does_not_count_as_dwelling() -> None:
    happened = drive("iiiiii." + "i" * 30)[1]
    assert [transition.kind for transition in happened] == ["entered", "dwelt"]
    # 50 s were heard before the silence of 310 s, 70 s had to be heard after it.
    assert happened[-1].time_ms == 120_000 + 310_000


def test_an_exit_begins_anew_after_a_return() -> None:
    assert drive("iiooiioooo")[1][-1] == Transition("exited", time_ms=60_000, detected_ms=90_000)


def test_events_lie_where_their_run_began() -> None:
    visit, _ = advance(OUTSIDE, Sight(0, -5, 8, 100, lat=30.1, lon=-97.1), PARAMS)
    _, (entered,) = advance(visit, Sight(9_000, -5, 8, 100, lat=30.2, lon=-97.2), PARAMS)
    assert (entered.lat, entered.lon) == (30.1, -97.1)


@given(st.text("ibo.", max_size=200))
def test_visits_open_and_close_in_turn(fixes: str) -> None:
    borders = [kind for kind in kinds(fixes) if kind != "dwelt"]
    assert borders == (["entered", "exited"] * len(borders))[: len(borders)]


@given(st.text("ifbo.", max_size=200))
def test_no_event_is_known_before_it_happened(fixes: str) -> None:
    happened = drive(fixes, limits=Limits(max_dwell_s=100, max_speed_mps=10))[1]
    assert all(transition.time_ms <= transition.detected_ms for transition in happened)


@given(st.text("ibo.", max_size=60))
def test_nothing_changes_while_nothing_new_is_seen(fixes: str) -> None:
    visit, _ = drive(fixes)
    if visit.phase is Phase.OUTSIDE:
        assert advance(visit, Sight(10**9, 90.0, 8, 100), PARAMS)[0] is visit
    if visit.phase is not Phase.ENTERING:
        assert advance(visit, Sight(10**9, 12.0, 8, 100), PARAMS)[0] is visit


@given(st.text("ifbo.", max_size=60))
def test_a_visit_survives_storage(fixes: str) -> None:
    visit, _ = drive(fixes, limits=Limits(max_speed_mps=10))
    assert msgspec.json.decode(msgspec.json.encode(visit), type=Visit) == visit
