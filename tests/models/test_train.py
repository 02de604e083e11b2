"""Learning from past days, and what it is worth on later ones."""

import numpy as np
import pytest
from msgspec.structs import replace

from features.duration import FEATURES
from models.dataset import History, local_day
from models.rollforward import LEVELS
from models.train import LEAST_DAYS, TooLittle, TrainParams, grouped, pipeline, train
from tests.support.past_days import ZONE, asked, history, job, trained


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_later_days_are_foretold_better_than_by_group_medians_and_as_surely_as_said(seed: int) -> None:
    told = trained(seed)
    assert told.model_score.rows > 1_000
    assert told.model_score.pinball_s < 0.98 * told.baseline_score.pinball_s
    assert told.model_score.error_s < told.baseline_score.error_s
    assert 0.75 < told.model_score.coverage < 0.85


def test_learning_again_gives_the_same() -> None:
    again, told = train(history()), trained()
    texts = [[one.model_to_string() for one in of.durations.boosters] for of in (again, told)]
    assert texts[0] == texts[1]
    assert again.durations.shifts == told.durations.shifts
    assert again.travel == told.travel
    assert again.data_hash == told.data_hash


def test_the_days_that_judge_were_not_learned_from() -> None:
    """Spoil them: what was learned before them, and so the baseline's quantiles that they are judged by, stays."""
    past, told = history(), trained()
    spoilt = tuple(
        replace(one, duration_s=one.duration_s * 3)
        if local_day(one.started_ms, ZONE) >= told.judged_from
        else one
        for one in past.jobs
    )
    judged = train(History(spoilt, past.legs, past.zone))
    assert judged.model_score.coverage < 0.5
    assert judged.durations.shifts == told.durations.shifts


def test_too_few_days_are_refused() -> None:
    days = tuple(job(0, day=n) for n in range(LEAST_DAYS - 1))
    with pytest.raises(TooLittle, match="9 past days"):
        train(History(days, (), ZONE))


def test_a_small_team_can_be_learned_from() -> None:
    chance = np.random.Generator(np.random.PCG64(2))
    jobs = tuple(job(hour, float(chance.uniform(30, 90)), day=n) for n in range(14) for hour in (0, 2, 4))
    told = train(History(jobs, (), ZONE))
    quantiles = told.durations.quantiles([asked()])
    assert 1_500 < quantiles[0, 0] < quantiles[0, -1] < 6_000


def test_groups_that_are_rare_go_by_everybody() -> None:
    jobs = [job(0, took_min=30, job_type="survey")] * 40 + [job(0, took_min=90)] * 3
    known = grouped(jobs, TrainParams())
    assert set(known.job_types) == {"survey"}
    rare, common = known.quantiles([asked("repair"), asked("survey")])
    assert rare[-1] > common[-1] == pytest.approx(1800)


def test_a_level_is_learned_by_a_pipeline_from_vectors_to_its_quantile() -> None:
    chance = np.random.Generator(np.random.PCG64(1))
    vectors, z = chance.uniform(0, 1, (3_000, len(FEATURES))), chance.standard_normal(3_000)
    fitted = pipeline(0.9, TrainParams()).fit(vectors, z)
    assert (z <= fitted.predict(vectors)).mean() == pytest.approx(0.9, abs=0.03)
    assert len(LEVELS) == len(trained().durations.boosters)
