"""The partition's clock, from ticks at seconds of event time."""

import pytest

from features import clock
from features.clock import Clock, Params
from tests.support.days import at_ms

UNKNOWN = Clock()


def tell(*seconds: float, start: Clock = UNKNOWN) -> tuple[Clock, list[float]]:
    """The clock after some ticks, and those that were believed."""
    known, believed = start, []
    for second in seconds:
        known, passes = clock.advance(known, at_ms(second), Params())
        believed += [second] if passes else []
    return known, believed


def test_ticks_near_each_other_are_the_time() -> None:
    known, believed = tell(0, 30, 150, 155)
    assert believed == [0, 30, 150, 155]
    assert known.now_ms == at_ms(155)


@pytest.mark.parametrize("leaps", [(500,), (500, 505), (500, 9_000, 505, 9_005)])
def test_a_tick_that_leaps_is_held_and_forgotten_by_the_next_right_one(leaps: tuple[float, ...]) -> None:
    known, believed = tell(0, 10, *leaps, 20, *leaps)
    assert believed == [0, 10, 20]
    assert known.now_ms == at_ms(20)


def test_three_that_agree_are_the_time_after_downtime() -> None:
    assert tell(0, 10, 3_600, 3_630, 3_660, 3_690) == (Clock(at_ms(3_690)), [0, 10, 3_660, 3_690])


def test_what_was_received_vouches_for_a_tick() -> None:
    start = clock.heard(tell(0)[0], at_ms(3_600))
    assert tell(3_605, start=start)[1] == [3_605]


def test_a_clock_that_proves_ahead_is_set_back() -> None:
    assert tell(0, 3_600, 3_605, 3_610, 20, 25, 30, 35) == (Clock(at_ms(35)), [0, 3_610, 30, 35])


def test_a_tick_that_comes_again_or_a_little_late_changes_nothing() -> None:
    assert tell(0, 100, 100, 90)[1] == [0, 100]
