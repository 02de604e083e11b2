"""Legs of 10 s at 12 m/s, with a reported speed."""

import pytest

from features import speed_unit
from features.fix import Fix
from features.moment import Seen
from features.speed_unit import Params, Ratios

PARAMS = Params()


def drive(
    *reported_mps: float | None, moved_mps: float = 12.0, every_s: float = 10.0
) -> tuple[Ratios, list[float]]:
    ratios, factors, before = Ratios(), [], None
    for n, speed_mps in enumerate(reported_mps):
        fix = Fix(round(n * every_s * 1000), 0.0, 0.0, 5.0, True, speed_mps)
        seen = Seen(fix, moved_mps * every_s, None if before is None else moved_mps, 0, "", ())
        ratios, factor = speed_unit.advance(ratios, seen, before, PARAMS)
        factors += [] if factor is None else [factor]
        before = fix
    return ratios, factors


@pytest.mark.parametrize("factor", [2.237, 3.6, 1.944, 1 / 2.237, 1 / 3.6])
def test_a_steady_factor_is_reported_once(factor: float) -> None:
    ratios, factors = drive(*[12.0 * factor] * 60)
    assert factors == [pytest.approx(factor)]
    assert ratios.told


def test_a_right_unit_is_not() -> None:
    assert drive(*[12.0, 13.0, 14.0, 12.5] * 20)[1] == []


def test_a_factor_that_is_not_steady_is_not() -> None:
    assert drive(*([20.0] * 5 + [60.0] * 5) * 6)[1] == []


def test_too_few_legs_prove_nothing() -> None:
    assert drive(*[40.0] * 20)[1] == []
    assert drive(*[40.0] * 21)[1] != []


@pytest.mark.parametrize(
    "legs",
    [
        {"reported_mps": [None] * 60},
        {"reported_mps": [0.0] * 60},
        {"reported_mps": [10.0, 40.0] * 30},
        {"reported_mps": [40.0] * 60, "moved_mps": 4.9},
        {"reported_mps": [40.0] * 60, "every_s": 61.0},
    ],
    ids=["nothing reported", "zero", "changing speed", "slow", "long gaps"],
)
def test_legs_that_do_not_count(legs: dict[str, object]) -> None:
    reported = legs.pop("reported_mps")
    assert drive(*reported, **legs) == (Ratios(), [])  # type: ignore[misc]


@pytest.mark.parametrize(
    ("factor", "hint"),
    [
        (2.2, "miles an hour, taken for metres a second"),
        (3.5, "kilometres an hour, taken for metres a second"),
        (0.28, "metres a second, taken for kilometres an hour"),
    ],
)
def test_the_unit_that_it_looks_like_is_named(factor: float, hint: str) -> None:
    assert speed_unit.described(factor).endswith(hint)


def test_no_unit_is_named_where_none_fits() -> None:
    assert speed_unit.described(10.0) == "the reported speed is 10.00 times the displacement"
