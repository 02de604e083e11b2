"""When an arrival is published."""

import pytest

from models.arrivals import Params, publish
from models.forecast import Expected, Published
from tests.support.day_plans import at

PARAMS = Params()


def expected(median: float = 13.0, *, late_min: float = 0.0, latest_min: float = 0.0) -> Expected:
    """Median, p80 and p90 an hour's quarter apart; the last two so much later than usual."""
    p50, p80, p90 = at(median), at(median + 0.25 + late_min / 60), at(median + 0.5 + latest_min / 60)
    return Expected(p50, p50, p80, p90, p50, p50, p90)


KNOWN = Published(at(13), at(13.25), at(13.5), at(13))


def test_the_first_prediction_is_published_to_all() -> None:
    assert publish(None, expected(), False, PARAMS) == KNOWN


@pytest.mark.parametrize(
    "moved",
    [expected(13.04), expected(late_min=5.9), expected(latest_min=-5.9)],
)
def test_a_little_is_not_worth_a_word(moved: Expected) -> None:
    assert publish(KNOWN, moved, False, PARAMS) is None


@pytest.mark.parametrize(
    "moved", [expected(13.05), expected(12.95), expected(late_min=6), expected(latest_min=-6)]
)
def test_three_minutes_of_the_median_and_six_of_the_rest_are_for_dispatchers(moved: Expected) -> None:
    said = publish(KNOWN, moved, False, PARAMS)
    assert said == Published(moved.start_p50_ms, moved.start_p80_ms, moved.start_p90_ms, KNOWN.customer_ms)


def test_another_level_is_published_wherever_the_arrival_is() -> None:
    assert publish(KNOWN, expected(), True, PARAMS) == KNOWN


def test_the_customer_hears_when_all_that_they_did_not_hear_comes_to_ten_minutes() -> None:
    known, heard = KNOWN, []
    for minutes in (4, 8, 12, 15, 18, 23):
        said = publish(known, expected(13 + minutes / 60), False, PARAMS)
        assert said is not None
        heard.append(said.customer_ms != known.customer_ms)
        known = said
    assert heard == [False, False, True, False, False, True]
