"""Travel times, learned from past legs."""

import numpy as np
import pytest

from features.travel import Leg
from models.travel import LEAST_LEGS, CircleTravel, learned, score
from tests.support.past_days import ZONE, history, leg

FIXED_S, S_PER_M = 240.0, 0.15


def legs(count: int, *, sigma: float = 0.2, rush: float = 1.5, seed: int = 1) -> list[Leg]:
    """Between 7 and 18 o'clock, slower by `rush` from 16 to 18."""
    chance = np.random.Generator(np.random.PCG64(seed))
    made = []
    for _ in range(count):
        hour, north_m = chance.uniform(7, 18), chance.uniform(300, 6_000)
        pace = rush if hour >= 16 else 1.0
        noise = np.exp(sigma * chance.standard_normal() - sigma**2 / 2)
        made.append(leg(hour, north_m, float((FIXED_S + north_m * S_PER_M) * pace * noise)))
    return made


def expected_s(travel: CircleTravel, hour: float, north_m: float) -> float:
    base = travel.base_s(33.0, -112.0, 33.0 + north_m / 111_195.0, -112.0)  # type: ignore[arg-type]
    return float(base * travel.pace(np.array(hour)))


def test_the_law_behind_the_legs_is_found() -> None:
    travel = learned(legs(2_000), ZONE)
    for hour, pace in ((10.0, 1.0), (17.0, 1.5)):
        for north_m in (500.0, 2_000.0, 5_000.0):
            true_s = (FIXED_S + north_m * S_PER_M) * pace
            assert expected_s(travel, hour, north_m) == pytest.approx(true_s, rel=0.06)
    assert travel.spread == pytest.approx(0.2, abs=0.03)
    assert travel.leaving_s == pytest.approx(60.0, rel=0.05)


def test_forgotten_taps_do_not_move_it() -> None:
    clean = legs(1_500)
    wild = [leg(12.0, 2_000.0, 90_000.0) for _ in range(10)] + [leg(12.0, 4_000.0, 61.0) for _ in range(5)]
    travel = learned([*clean, *wild], ZONE)
    assert expected_s(travel, 12.0, 2_000.0) == pytest.approx(FIXED_S + 2_000 * S_PER_M, rel=0.08)


def test_hours_without_legs_have_the_usual_pace() -> None:
    travel = learned(legs(1_000), ZONE)
    assert travel.pace(np.array([1.0, 3.5, 22.0])) == pytest.approx(1.0, abs=0.25)


def test_too_few_legs_leave_the_defaults() -> None:
    assert learned(legs(LEAST_LEGS - 1), ZONE) == CircleTravel()
    assert learned([], ZONE) == CircleTravel()


def test_base_times_broadcast() -> None:
    lat, lon = np.array([33.0, 33.1, 33.2]), np.array([-112.0, -112.1, -112.2])
    base_s = CircleTravel().base_s(lat[:, None], lon[:, None], lat, lon)
    assert base_s.shape == (3, 3)
    assert base_s == pytest.approx(base_s.T)
    assert np.diag(base_s) == pytest.approx(CircleTravel().fixed_s)
    assert base_s[0, 2] > base_s[0, 1] > base_s[0, 0]


def test_paces_keep_the_shape_of_the_hours_and_go_round_the_clock() -> None:
    travel = learned(legs(500), ZONE)
    hours = np.array([[8.0, 17.0], [32.0, 41.0]])
    assert travel.pace(hours).shape == (2, 2)
    assert travel.pace(hours)[0] == pytest.approx(travel.pace(hours)[1])


def test_legs_of_later_days_take_as_long_as_foretold() -> None:
    past = history().legs
    cut = round(0.8 * len(past))
    told = score(learned(past[:cut], ZONE), past[cut:], ZONE)
    assert 0.9 < told.mean_ratio < 1.1
    assert told.error_share < 0.25
    assert 0.75 < told.coverage < 0.92


def test_a_rush_hour_is_found_in_the_simulated_city() -> None:
    travel = learned(history().legs, ZONE)
    noon, evening = travel.pace(np.array([12.5, 17.0]))
    assert evening > 1.1 * noon
