"""Levels of risk, and how slowly they come and go."""

import pytest

from features.territory_events import Level, Reason
from models.forecast import Standing
from models.levels import Change, Evaluation, Params, advance, ended, level_of

PARAMS = Params()
SLACK = -60.0
T0 = 1_000_000_000


def seen(p: float, late_min: float = SLACK, **more: object) -> Evaluation:
    return Evaluation(p, late_min, **more)  # type: ignore[arg-type]


def run(*steps: tuple[float, Evaluation], begin: Standing | None = None) -> tuple[Standing, list]:
    """The standing after evaluations at these seconds, and each change with its second."""
    standing, changes = begin or Standing(), []
    for second, one in steps:
        standing, change = advance(standing, one, T0 + round(second * 1000), PARAMS)
        if change is not None:
            changes.append((second, change.before, change.after))
    return standing, changes


def at_level(level: Level) -> Standing:
    return Standing(level, since_ms=T0)


@pytest.mark.parametrize(
    ("evaluation", "level"),
    [
        (seen(0.19), None),
        (seen(0.2), "WATCH"),
        (seen(0.1, -9.0), "WATCH"),
        (seen(0.01, -9.0), None),
        (seen(0.1, -11.0), None),
        (seen(0.5), "AT_RISK"),
        (seen(0.0, overdue=True), "AT_RISK"),
        (seen(0.8), "CRITICAL"),
        (seen(0.6, 15.0), "CRITICAL"),
        (seen(0.6, 14.0), "AT_RISK"),
        (seen(0.5, hard=True), "CRITICAL"),
        (seen(0.0, overdue=True, hard=True), "CRITICAL"),
        (seen(0.3, hard=True), "WATCH"),
        (seen(0.0, closed=True), "LATE"),
    ],
)
def test_what_each_level_takes(evaluation: Evaluation, level: Level | None) -> None:
    assert level_of(evaluation, PARAMS) == level


def test_a_level_is_raised_by_the_second_evaluation() -> None:
    assert run((0, seen(0.3)), (20, seen(0.3)))[1] == [(20, None, "WATCH")]


def test_one_evaluation_is_not_enough() -> None:
    assert run((0, seen(0.3)), (20, seen(0.1)), (40, seen(0.3)))[1] == []


def test_what_two_evaluations_have_reached_is_the_milder_of_them() -> None:
    standing, changes = run((0, seen(0.3)), (20, seen(0.9)))
    assert changes == [(20, None, "WATCH")]
    assert run((40, seen(0.9)), begin=standing)[1] == [(40, "WATCH", "CRITICAL")]
    assert run((0, seen(0.9)), (20, seen(0.3)))[1] == [(20, None, "WATCH")]


def test_late_is_raised_at_once() -> None:
    assert run((0, seen(1.0, closed=True)))[1] == [(0, None, "LATE")]
    assert run((0, seen(1.0, closed=True)), begin=at_level("WATCH"))[1] == [(0, "WATCH", "LATE")]


def test_a_level_is_cleared_after_five_minutes_well_below_its_threshold() -> None:
    _, changes = run((0, seen(0.05)), (180, seen(0.05)), (299, seen(0.05)), begin=at_level("WATCH"))
    assert changes == []
    _, changes = run((0, seen(0.05)), (180, seen(0.05)), (300, seen(0.05)), begin=at_level("WATCH"))
    assert changes == [(300, "WATCH", None)]


def test_a_little_below_the_threshold_the_level_stays() -> None:
    standing, changes = run(*[(60 * n, seen(0.11)) for n in range(20)], begin=at_level("WATCH"))
    assert (changes, standing.level, standing.below_ms) == ([], "WATCH", None)


def test_five_minutes_below_count_anew_after_every_return() -> None:
    steps = [(0, seen(0.05)), (200, seen(0.25)), (260, seen(0.05)), (500, seen(0.05))]
    assert run(*steps, begin=at_level("WATCH"))[1] == []
    assert run(*steps, (560, seen(0.05)), begin=at_level("WATCH"))[1] == [(560, "WATCH", None)]


def test_a_worse_level_falls_to_the_one_that_still_holds() -> None:
    steps = [(0, seen(0.3)), (300, seen(0.3))]
    assert run(*steps, begin=at_level("CRITICAL"))[1] == [(300, "CRITICAL", "WATCH")]


def test_late_is_over_at_once_where_the_window_was_moved() -> None:
    assert run((0, seen(0.0)), begin=at_level("LATE"))[1] == [(0, "LATE", None)]


def test_going_to_and_fro_around_a_threshold_is_said_once() -> None:
    _, changes = run(*[(30 * n, seen(0.48 if n % 2 else 0.52)) for n in range(60)], begin=at_level("AT_RISK"))
    assert changes == []


def test_the_figures_are_always_the_latest() -> None:
    why = (Reason("travel", 3.0),)
    standing, _ = run((0, seen(0.3)), (60, seen(0.35, reasons=why)))
    assert (standing.probability, standing.reasons) == (0.35, why)


def test_what_is_over_is_cleared_at_once_where_there_was_a_level() -> None:
    assert ended(at_level("CRITICAL")) == Change("CRITICAL", None)
    assert ended(Standing(rising="WATCH", evaluations=1)) is None
