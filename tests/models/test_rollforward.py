"""Rolling routes forward: what follows from what, and how likely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from models.rollforward import LEVELS, Array, Routes, draws, roll

K = len(LEVELS)
STEADY = np.ones(144, dtype=np.float32)


def routes(count: int = 1, stops: int = 2, **given: object) -> Routes:
    """Free at once, legs of 600 s and work of exactly 3,600 s, unless said otherwise."""
    arrays = {
        "free_s": np.zeros(count),
        "leg_s": np.full((count, stops), 600.0),
        "spread": np.zeros((count, stops)),
        "work_s": np.full((count, stops, K), 3_600.0),
        "opens_s": np.full((count, stops), -1e5),
        "slow": np.zeros((count, stops)),
        "break_from_s": np.zeros(count),
        "break_s": np.zeros(count),
    }
    shaped = {name: np.broadcast_to(value, arrays[name].shape) for name, value in given.items()}
    return Routes(**{name: np.array(one, dtype=np.float32) for name, one in (arrays | shaped).items()})


def rolled(of: Routes, samples: int = 512, pace: Array = STEADY, sigma: float = 0.0) -> tuple[Array, Array]:
    return roll(of, draws(1, of.leg_s.shape[1], samples), pace, day_sigma=sigma)


def test_legs_and_work_follow_each_other() -> None:
    starts, ends = rolled(routes())
    assert starts[:, 0, 0].tolist() == [600.0, 4_800.0]
    assert ends[:, 0, 0].tolist() == [4_200.0, 8_400.0]


def test_who_comes_early_waits_until_the_window_opens() -> None:
    starts, _ = rolled(routes(opens_s=[[900.0, 0.0]]))
    assert starts[:, 0, 0].tolist() == [900.0, 5_100.0]


def test_a_break_is_taken_once_before_the_first_leg_after_its_time() -> None:
    starts, _ = rolled(routes(stops=3, break_from_s=[4_000.0], break_s=[1_800.0]))
    assert starts[:, 0, 0].tolist() == [600.0, 6_600.0, 10_800.0]


def test_a_break_is_taken_in_a_wait_that_it_fits_into() -> None:
    starts, _ = rolled(routes(opens_s=[[9_000.0, 0.0]], break_from_s=[7_000.0], break_s=[1_800.0]))
    assert starts[:, 0, 0].tolist() == [9_000.0, 13_200.0]
    starts, _ = rolled(routes(opens_s=[[9_000.0, 0.0]], break_from_s=[7_500.0], break_s=[1_800.0]))
    assert starts[:, 0, 0].tolist() == [9_000.0, 15_000.0]


def test_legs_are_slower_in_the_rush_hour_of_their_departure() -> None:
    pace = STEADY.copy()
    pace[4:] = 2.0
    starts, _ = rolled(routes(), pace=pace)
    assert starts[:, 0, 0].tolist() == [600.0, 4_200.0 + 1_200.0]


def test_before_the_first_quarter_and_behind_the_last_their_pace_holds() -> None:
    pace = np.array([2.0, 1.0], dtype=np.float32)
    starts, _ = rolled(routes(2, 1, free_s=[-5_000.0, 900_000.0]), pace=pace)
    assert starts[0, :, 0].tolist() == [-3_800.0, 900_600.0]


def test_work_has_the_quantiles_that_it_was_given() -> None:
    levels = np.array(LEVELS)
    work = 3_600 * np.exp(0.4 * ndtri(levels))
    starts, ends = rolled(routes(stops=1, work_s=work), 8_192)
    taken = np.quantile(ends[0, 0] - starts[0, 0], levels[1:-1])
    assert taken == pytest.approx(work[1:-1], rel=0.01)


def test_legs_are_spread_around_their_mean() -> None:
    starts, _ = rolled(routes(stops=1, spread=0.3), 8_192)
    assert starts.mean() == pytest.approx(600.0, rel=0.01)
    assert np.log(starts).std() == pytest.approx(0.3, rel=0.02)


def test_a_slow_day_is_slow_at_every_stop() -> None:
    starts, ends = rolled(routes(stops=3, slow=1.0), sigma=0.2)
    work = (ends - starts)[:, 0]
    assert np.corrcoef(work)[0, 2] == pytest.approx(1.0, abs=1e-3)
    assert work.mean() == pytest.approx(3_600.0, rel=0.02)


def test_chances_are_the_same_for_the_same_seed_and_for_the_first_stops() -> None:
    few, many, other = draws(7, 3, 64), draws(7, 5, 64), draws(8, 3, 64)
    assert np.array_equal(few.work, many.work[:3])
    assert np.array_equal(few.leg, many.leg[:3])
    assert np.array_equal(few.day, many.day)
    assert not np.array_equal(few.leg, other.leg)


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_no_route_knows_of_another(count: int, stops: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    shape = (count, stops)
    of = routes(
        count,
        stops,
        free_s=chance.uniform(-1e4, 1e4, count),
        leg_s=chance.uniform(0, 3_000, shape),
        spread=chance.choice([0.0, 0.2, 0.4], shape),
        work_s=np.sort(chance.uniform(0, 9_000, (*shape, K)), axis=2),
        opens_s=chance.uniform(-1e4, 4e4, shape),
        slow=chance.choice([0.0, 1.0], shape),
        break_from_s=chance.uniform(0, 2e4, count),
        break_s=chance.choice([0.0, 1_800.0], count),
    )
    starts, ends = rolled(of, 32, sigma=0.1)
    assert np.isfinite(starts).all()
    assert (ends >= starts).all()
    assert (starts[1:] >= ends[:-1]).all()
    for row in range(count):
        alone = Routes(*[getattr(of, name)[row : row + 1] for name in Routes.__dataclass_fields__])
        own_starts, own_ends = rolled(alone, 32, sigma=0.1)
        assert own_starts[:, 0] == pytest.approx(starts[:, row], rel=1e-4, abs=0.1)
        assert own_ends[:, 0] == pytest.approx(ends[:, row], rel=1e-4, abs=0.1)
