"""How good predictions were."""

import numpy as np
import pytest

from models.duration import BaselineDurations
from models.evaluate import coverage, pinball, score
from models.rollforward import LEVELS
from tests.support.past_days import asked

TRUE = BaselineDurations()
"""Of work that follows the default: lognormal."""


def drawn(count: int, seed: int = 1) -> np.ndarray:
    chance = np.random.Generator(np.random.PCG64(seed))
    return 3_600 * np.exp(0.45 * chance.standard_normal(count) - 0.45**2 / 2)


def test_the_truth_covers_as_much_as_it_says() -> None:
    told = score(TRUE, [asked()] * 20_000, drawn(20_000))
    assert told.rows == 20_000
    assert told.coverage == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_nothing_beats_the_truth(factor: float) -> None:
    taken, right = drawn(20_000), TRUE.quantiles([asked()])
    wrong = right * np.float32(factor)
    assert pinball(right, taken) < pinball(wrong, taken)


def test_too_narrow_a_band_costs() -> None:
    taken, right = drawn(20_000), TRUE.quantiles([asked()])
    middle = right[:, [LEVELS.index(0.5)]]
    assert pinball(right, taken) < pinball(middle + (right - middle) / 3, taken)


def test_work_at_the_border_is_within() -> None:
    quantiles = TRUE.quantiles([asked()] * 2)
    ends = quantiles[0, [LEVELS.index(0.1), LEVELS.index(0.9)]].astype(float)
    assert coverage(quantiles, ends) == 1.0
    assert coverage(quantiles, ends * [0.999, 1.001]) == 0.0
