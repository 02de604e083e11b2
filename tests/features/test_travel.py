"""Legs as numbers."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.travel import columns, hour_weights, local_hour
from tests.support.past_days import MONDAY_8_MS, ZONE, leg


def test_a_leg_counts_from_the_end_of_work_to_the_next_begin() -> None:
    known = columns([leg(9.5, 1_000.0, 300.0, leaving_s=100.0)], ZONE)
    assert known.seconds.tolist() == [300.0]
    assert known.leaving_s.tolist() == [100.0]
    assert known.hour.tolist() == [9.5]
    assert known.crow_m[0] == pytest.approx(1_000.0, abs=1.0)
    assert np.isnan(known.driven_m[0])


def test_hours_are_local() -> None:
    assert local_hour(MONDAY_8_MS, ZoneInfo(ZONE)) == 8.0
    assert local_hour(MONDAY_8_MS, ZoneInfo("Europe/Berlin")) == 16.0


def test_no_legs_are_no_rows() -> None:
    assert columns([], ZONE).seconds.shape == (0,)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20))
def test_weights_of_hours_are_shares_of_two_neighbours(hours: list[float]) -> None:
    weights = hour_weights(np.array(hours))
    assert (weights >= 0).all()
    assert weights.sum(axis=1) == pytest.approx(1.0)
    assert ((weights > 0).sum(axis=1) <= 2).all()


@given(st.floats(0, 24))
def test_hours_go_on_after_midnight(hour: float) -> None:
    assert hour_weights(np.array([hour])) == pytest.approx(hour_weights(np.array([hour + 24])), abs=1e-6)
