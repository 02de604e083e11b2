"""Learn durations and travel times from past days, and judge them on the last of these days.

Days are taken in order: the first teach effects only, the next the boosters, later ones the shifts that
calibrate, the last are only judged by. Then effects and boosters are learned once more from all days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
from lightgbm import Booster, LGBMRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from features.duration import FEATURES, Params, log_ratio
from models.dataset import History, PastJob, Table, local_day, table
from models.duration import BaselineDurations, LightGbmDurations, limited, standard_quantiles
from models.evaluate import Score, score
from models.rollforward import LEVELS
from models.travel import CircleTravel, TravelScore, learned
from models.travel import score as travel_score

LEAST_DAYS = 10
_WARM, _FITTED, _CALIBRATED = 0.1, 0.4, 0.8
"""Up to these shares of the days effects are taught, boosters fitted, shifts found; the rest is for judging.
Shifts take as many days as they can get: they are quantiles of what is rare."""


class TooLittle(ValueError):
    """Not enough past days to learn from and to judge by."""


class TrainParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Small trees, few of them: the effects say most. So many `group_jobs` make a group of the baseline."""

    seed: int = 1
    trees: int = 40
    leaves: int = 7
    leaf_jobs: int = 200
    learning_rate: float = 0.05
    group_jobs: int = 30
    effects: Params = Params()


@dataclass(frozen=True, eq=False)
class Trained:
    """What was learned from all days; the scores are of the same learned without the days
    from `judged_from`. There is none for travel where nobody travelled on those."""

    durations: LightGbmDurations
    baseline: BaselineDurations
    travel: CircleTravel
    model_score: Score
    baseline_score: Score
    travel_score: TravelScore | None
    days: tuple[date, ...]
    judged_from: date
    jobs: int
    legs: int
    data_hash: str


def train(history: History, params: TrainParams | None = None) -> Trained:
    """Raises `TooLittle` where there are fewer than `LEAST_DAYS` days with work."""
    params = params or TrainParams()
    rows, known = table(history.jobs, history.zone, params.effects)
    days = sorted(set(rows.day))
    if len(days) < LEAST_DAYS:
        raise TooLittle(f"{len(days)} past days with completed work: learning needs {LEAST_DAYS} or more")
    warm, fitted, judged_from = (days[round(share * len(days))] for share in (_WARM, _FITTED, _CALIBRATED))
    boosters = _fit(rows.between(warm, fitted), params)
    shifts = _shifts(boosters, rows.between(fitted, judged_from))
    early = _before(history, judged_from)
    _, known_early = table(early.jobs, history.zone, params.effects)
    judged = rows.between(judged_from, None)
    late_legs = history.legs[len(early.legs) :]
    model = LightGbmDurations(boosters, shifts, known_early, params.effects)
    return Trained(
        durations=LightGbmDurations(_fit(rows.between(warm, None), params), shifts, known, params.effects),
        baseline=grouped(history.jobs, params),
        travel=learned(history.legs, history.zone),
        model_score=score(model, judged.asked, judged.duration_s),
        baseline_score=score(grouped(early.jobs, params), judged.asked, judged.duration_s),
        travel_score=travel_score(learned(early.legs, history.zone), late_legs, history.zone)
        if late_legs
        else None,
        days=tuple(days),
        judged_from=judged_from,
        jobs=len(history.jobs),
        legs=len(history.legs),
        data_hash=history.hash(),
    )


def grouped(jobs: Sequence[PastJob], params: TrainParams) -> BaselineDurations:
    """The quantiles of log ratios by job type, where there are enough of it."""
    ratios: dict[str, list[float]] = {}
    for job in jobs:
        ratios.setdefault(job.job_type, []).append(log_ratio(job.duration_s, job.expected_s))
    everybody = [ratio for of_type in ratios.values() for ratio in of_type]
    if len(everybody) < params.group_jobs:
        return BaselineDurations()
    by_type = {name: _quantiles(of) for name, of in sorted(ratios.items()) if len(of) >= params.group_jobs}
    return BaselineDurations(by_type, _quantiles(everybody))


def pipeline(level: float, params: TrainParams) -> Pipeline:
    """From `vectors` to one quantile of z. Repeatable: the same rows and seed give the same trees."""
    booster = LGBMRegressor(
        objective="quantile",
        alpha=level,
        n_estimators=params.trees,
        num_leaves=params.leaves,
        min_child_samples=params.leaf_jobs,
        learning_rate=params.learning_rate,
        random_state=params.seed,
        deterministic=True,
        force_row_wise=True,
        n_jobs=1,
        verbosity=-1,
    )
    return Pipeline([("limited", FunctionTransformer(limited)), ("booster", booster)])


def _fit(rows: Table, params: TrainParams) -> list[Booster]:
    """A booster for each level."""
    found = []
    for level in LEVELS:
        fitted = pipeline(level, params).fit(rows.vectors, rows.z, booster__feature_name=list(FEATURES))
        found.append(fitted["booster"].booster_)
    return found


def _shifts(boosters: Sequence[Booster], rows: Table) -> tuple[float, ...]:
    """What each level has to be moved by for as much of the work to lie below as it says."""
    off = rows.z[:, None] - np.sort(standard_quantiles(boosters, rows.vectors), axis=1)
    return tuple(float(np.quantile(off[:, n], level)) for n, level in enumerate(LEVELS))


def _before(history: History, day: date) -> History:
    """What days before this one leave."""
    return History(
        tuple(job for job in history.jobs if local_day(job.started_ms, history.zone) < day),
        tuple(leg for leg in history.legs if local_day(leg.left_ms, history.zone) < day),
        history.zone,
    )


def _quantiles(ratios: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.quantile(ratios, LEVELS))
