"""What is known of work before it begins."""

from functools import reduce
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from features.duration import (
    FEATURES,
    Asked,
    Done,
    Known,
    Params,
    advance,
    centre,
    log_ratio,
    spread,
    vectors,
)
from tests.support.past_days import asked, done

PARAMS = Params()
NAMES = st.sampled_from(("ada", "bo", "cy", "repair", "survey", "x"))
ASKED = st.builds(
    Asked,
    job_type=NAMES,
    technician=NAMES,
    hour=st.floats(0, 24),
    weekday=st.integers(0, 6),
    priority=st.integers(1, 5),
    expected_s=st.floats(1e-3, 86_400),
    jobs_before=st.integers(0, 50),
    day_log_ratio=st.floats(-100, 100),
)
DONE = st.builds(Done, asked=ASKED, duration_s=st.floats(0, 1e6))


def learned(*jobs: Done) -> Known:
    return reduce(lambda known, job: advance(known, job, PARAMS), jobs, Known())


def feature(name: str, known: Known, of: Asked | None = None) -> float:
    return float(vectors([of or asked()], known, PARAMS)[0, FEATURES.index(name)])


def test_nothing_learned_means_work_takes_as_long_as_expected_on_average() -> None:
    of = vectors([asked("never_seen", "nobody")], Known(), PARAMS)
    assert exp(centre(of)[0] + spread(of)[0] ** 2 / 2) == pytest.approx(1.0)


def test_a_slow_technician_is_believed_by_and_by() -> None:
    others = [done(1.0, technician="bo")] * 200
    effects = [
        feature("technician_effect", learned(*others, *[done(1.4)] * jobs)) for jobs in (0, 2, 20, 100)
    ]
    assert effects == sorted(effects)
    assert effects[0] == 0.0
    assert effects[1] < log(1.4) / 2
    assert effects[3] == pytest.approx(log(1.4), abs=0.15)


def test_no_technician_counts_as_more_than_twice_or_less_than_half_of_others() -> None:
    slow = learned(*[done(1.0, technician="bo")] * 500, *[done(9.0)] * 100)
    quick = learned(*[done(1.0, technician="bo")] * 500, *[done(0.11)] * 100)
    assert feature("technician_effect", slow) == pytest.approx(log(2))
    assert feature("technician_effect", quick) == pytest.approx(-log(2))


def test_who_does_slow_types_of_work_is_not_slow_for_that() -> None:
    team = [f"tech-{n}" for n in range(8)]
    jobs = [done(1.5, "repair", name) for name in team] + [done(0.9, "survey", "bo")]
    known = learned(*jobs * 30)
    assert abs(feature("technician_effect", known, asked("repair", "tech-3"))) < 0.03
    assert feature("type_effect", known) == pytest.approx(log(1.5), abs=0.1)


def test_the_spread_of_a_type_is_its_own() -> None:
    steady, wild = [done(1.0, "survey")] * 200, [done(0.5, "repair"), done(2.0, "repair")] * 100
    known = learned(*steady, *wild)
    assert feature("type_spread", known, asked("survey")) < 0.3 < 0.6 < feature("type_spread", known)


def test_a_slow_day_tells_from_its_jobs() -> None:
    slow = [feature("day_effect", Known(), asked(jobs_before=n, day_log_ratio=n * 0.4)) for n in (0, 1, 4, 8)]
    assert slow == sorted(slow)
    assert slow[0] == 0.0 < slow[1]


def test_a_technician_who_is_always_slow_has_no_slow_day() -> None:
    known = learned(*[done(1.0, technician="bo")] * 500, *[done(1.4)] * 200)
    usual = asked(jobs_before=4, day_log_ratio=4 * log(1.4))
    assert abs(feature("day_effect", known, usual)) < 0.02


@pytest.mark.parametrize(("duration_s", "expected_s"), [(0.0, 3600.0), (1e9, 1.0), (-5.0, 0.0), (inf, 60.0)])
def test_a_forgotten_tap_is_no_work_of_a_second_or_a_month(duration_s: float, expected_s: float) -> None:
    assert abs(log_ratio(duration_s, expected_s)) <= log(10) + 1e-9


@given(st.lists(DONE, max_size=20), st.lists(ASKED, max_size=5))
def test_whatever_was_learned_and_is_asked_gives_finite_numbers(jobs: list[Done], of: list[Asked]) -> None:
    made = vectors(of, learned(*jobs), PARAMS)
    assert made.shape == (len(of), len(FEATURES))
    assert np.isfinite(made).all()
    assert (spread(made) > 0).all()
    for effect in ("technician_effect", "day_effect"):
        assert (np.abs(made[:, FEATURES.index(effect)]) <= log(2) + 1e-9).all()


@given(st.lists(ASKED, min_size=1, max_size=6), st.lists(DONE, max_size=10))
def test_each_is_answered_alike_alone_and_among_others(of: list[Asked], jobs: list[Done]) -> None:
    known = learned(*jobs)
    together = vectors(of, known, PARAMS)
    alone = np.vstack([vectors([one], known, PARAMS) for one in of])
    assert np.array_equal(together, alone)


@given(st.lists(DONE, min_size=1, max_size=10), DONE)
def test_learning_leaves_what_was_known_before_as_it_was(jobs: list[Done], later: Done) -> None:
    known = learned(*jobs)
    before = replace(known)
    first = vectors([later.asked], known, PARAMS)
    advance(known, later, PARAMS)
    assert known == before
    assert np.array_equal(vectors([later.asked], known, PARAMS), first)
