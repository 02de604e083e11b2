"""Predicted durations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.duration import Asked
from models.duration import LONGEST_S, SHORTEST_S, BaselineDurations, Durations, remaining
from models.rollforward import LEVELS
from tests.support.past_days import asked, trained

MEDIAN = LEVELS.index(0.5)
TEXT = st.sampled_from(("repair", "installation", "never_seen", "tech-01", "tech-02", "nobody"))
ANYTHING = st.builds(
    Asked,
    job_type=TEXT,
    technician=TEXT,
    hour=st.floats(-5, 40),
    weekday=st.integers(0, 6),
    priority=st.integers(1, 5),
    expected_s=st.floats(1e-3, 86_400),
    jobs_before=st.integers(0, 100),
    day_log_ratio=st.floats(-50, 50),
)
QUANTILES = arrays(np.float32, (3, len(LEVELS)), elements=st.floats(30, 20_000, width=32)).map(
    lambda rows: np.sort(rows, axis=1)
)
SPENT = arrays(np.float32, (3,), elements=st.floats(0, 86_400, width=32))


@pytest.fixture(params=["LightGBM", "group medians", "nothing learned"])
def durations(request: pytest.FixtureRequest) -> Durations:
    known: dict[str, Durations] = {
        "LightGBM": trained().durations,
        "group medians": trained().baseline,
        "nothing learned": BaselineDurations(),
    }
    return known[request.param]


def test_nothing_asked_is_nothing_answered(durations: Durations) -> None:
    assert durations.quantiles([]).shape == (0, len(LEVELS))


def test_work_never_seen_goes_by_what_planning_expects(durations: Durations) -> None:
    short, long = durations.quantiles(
        [asked("new", "new", expected_s=900.0), asked("new", "new", expected_s=9000.0)]
    )
    assert 600 < short[MEDIAN] < 1_100
    assert 6_000 < long[MEDIAN] < 11_000


def test_a_row_does_not_depend_on_the_others(durations: Durations) -> None:
    of = [asked(), asked("installation", "tech-03"), asked("new", "tech-05", hour=15.5)]
    together = durations.quantiles(of)
    assert np.array_equal(together, np.vstack([durations.quantiles([one]) for one in of]))


@settings(deadline=None)
@given(of=st.lists(ANYTHING, min_size=1, max_size=8))
def test_quantiles_never_cross_whatever_is_asked(of: list[Asked]) -> None:
    for durations in (trained().durations, trained().baseline, BaselineDurations()):
        quantiles = durations.quantiles(of)
        assert quantiles.shape == (len(of), len(LEVELS))
        assert quantiles.dtype == np.float32
        assert (np.diff(quantiles, axis=1) >= 0).all()
        assert (quantiles >= SHORTEST_S).all()
        assert (quantiles <= LONGEST_S).all()


def test_who_was_slow_is_expected_to_be_slow() -> None:
    durations = trained().durations
    people = durations.known.technicians
    mean = {name: tally.total / tally.jobs for name, tally in people.items()}
    slow, quick = max(mean, key=mean.__getitem__), min(mean, key=mean.__getitem__)
    of = durations.quantiles([asked(technician=slow), asked(technician=quick)])
    assert of[0, MEDIAN] > 1.1 * of[1, MEDIAN]


@given(QUANTILES)
def test_before_work_begins_all_of_it_remains(quantiles: np.ndarray) -> None:
    assert remaining(quantiles, np.zeros(3)) == pytest.approx(quantiles, rel=1e-5)


@given(QUANTILES, SPENT)
def test_what_remains_has_quantiles_that_rise_from_nothing(
    quantiles: np.ndarray, spent_s: np.ndarray
) -> None:
    left = remaining(quantiles, spent_s)
    assert left.dtype == np.float32
    assert np.isfinite(left).all()
    assert (left >= 0).all()
    assert (np.diff(left, axis=1) >= 0).all()


@given(QUANTILES, SPENT, st.floats(0, 20_000))
def test_who_has_worked_longer_ends_no_earlier(
    quantiles: np.ndarray, spent_s: np.ndarray, more_s: float
) -> None:
    ends = remaining(quantiles, spent_s) + spent_s[:, None]
    later = remaining(quantiles, spent_s + more_s) + spent_s[:, None] + more_s
    assert (later >= ends - 0.1 - 1e-5 * ends).all()


@pytest.mark.parametrize(("then", "at_first"), [(0.2, 0.6), (0.4, 0.7), (0.6, 0.8), (0.8, 0.9)])
def test_who_is_not_done_at_the_median_goes_on_like_the_slower_half(then: float, at_first: float) -> None:
    quantiles = np.linspace(1_000, 6_000, len(LEVELS), dtype=np.float32)[None]
    left = remaining(quantiles, quantiles[:, MEDIAN])[0]
    expected = quantiles[0, LEVELS.index(at_first)] - quantiles[0, MEDIAN]
    assert left[LEVELS.index(then)] == pytest.approx(expected, abs=1.0)


def test_beyond_the_last_quantile_an_end_is_never_near() -> None:
    quantiles = np.array([np.linspace(1_000, 3_000, len(LEVELS))], dtype=np.float32)
    soon, later = (remaining(quantiles, np.array([spent]))[0] for spent in (3_000.0, 30_000.0))
    assert later == pytest.approx(soon, rel=1e-3)
    assert soon[MEDIAN] == pytest.approx(quantiles[0, -1] - quantiles[0, -2], rel=1e-3)
    assert soon[-1] > 3 * soon[MEDIAN]


def test_work_that_never_varies_and_is_not_over_still_takes_a_while() -> None:
    left = remaining(np.full((1, len(LEVELS)), 3_000.0, dtype=np.float32), np.array([5_000.0]))
    assert left[0, MEDIAN] > 30.0


def test_what_remains_is_what_samples_say() -> None:
    chance = np.random.Generator(np.random.PCG64(5))
    whole = np.exp(0.5 * chance.standard_normal(400_000)) * 3_000
    quantiles = np.quantile(whole, LEVELS).astype(np.float32)[None]
    for spent in (600.0, 2_500.0, 5_000.0):
        true = np.quantile(whole[whole > spent] - spent, LEVELS[1:-1])
        assert remaining(quantiles, np.array([spent]))[0, 1:-1] == pytest.approx(true, rel=0.15, abs=60)
