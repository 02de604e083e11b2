"""Past work as rows: nothing of them is from later."""

from datetime import date

import numpy as np
from msgspec.structs import replace

from features.duration import FEATURES, Params
from models.dataset import PastJob, Table, local_day, table
from tests.support.past_days import MONDAY_8_MS, ZONE, history, job

PARAMS = Params()


def rows_of(*jobs: PastJob) -> Table:
    return table(jobs, ZONE, PARAMS)[0]


def test_a_row_tells_what_was_asked_as_work_began() -> None:
    row = rows_of(job(2.5)).asked[0]
    assert (row.technician, row.job_type, row.hour, row.weekday) == ("ada", "repair", 10.5, 0)
    assert (row.jobs_before, row.day_log_ratio) == (0, 0.0)


def test_the_day_so_far_is_what_had_ended() -> None:
    rows = rows_of(job(0, took_min=120), job(2.1, took_min=60), job(3.0, took_min=60))
    assert [one.jobs_before for one in rows.asked] == [0, 1, 1]
    assert rows.asked[1].day_log_ratio == np.log(2)


def test_each_technician_and_each_day_begins_anew() -> None:
    rows = rows_of(job(0), job(2, technician="bo"), job(0, day=1))
    assert [one.jobs_before for one in rows.asked] == [0, 0, 0]


def test_what_is_known_of_a_technician_is_learned_overnight() -> None:
    rows = rows_of(job(0, took_min=120), job(3), job(0, day=1))
    assert rows.vectors[:, FEATURES.index("technician_jobs")].tolist() == [0.0, 0.0, 2.0]


def test_work_through_the_night_is_not_known_in_the_morning() -> None:
    rows = rows_of(job(12, took_min=24 * 60), job(0, technician="bo", day=1))
    assert rows.vectors[1, FEATURES.index("type_effect")] == rows.vectors[0, FEATURES.index("type_effect")]


def test_the_order_in_which_jobs_are_given_does_not_matter() -> None:
    jobs = history().jobs[:600]
    rows, known = table(jobs, ZONE, PARAMS)
    turned, known_turned = table(jobs[::-1], ZONE, PARAMS)
    assert known == known_turned
    assert np.array_equal(rows.vectors, turned.vectors)


def test_another_future_leaves_all_earlier_rows_as_they_are() -> None:
    jobs = history().jobs
    days = sorted({local_day(one.started_ms, ZONE) for one in jobs})
    for day in days[5:40:11]:
        earlier = [one for one in jobs if local_day(one.started_ms, ZONE) < day]
        later = [replace(one, duration_s=one.duration_s * 7) for one in jobs[len(earlier) :]]
        mine, others = rows_of(*jobs), rows_of(*earlier, *later)
        kept = len(earlier)
        assert mine.asked[:kept] == others.asked[:kept]
        assert np.array_equal(mine.vectors[:kept], others.vectors[:kept])
        assert not np.array_equal(mine.vectors[kept:], others.vectors[kept:])


def test_how_long_work_takes_is_not_known_as_it_begins() -> None:
    jobs = sorted(history().jobs[:300], key=lambda one: (one.started_ms, one.technician))
    longer = [replace(one, duration_s=one.duration_s * 3) if n == 150 else one for n, one in enumerate(jobs)]
    mine, others = rows_of(*jobs), rows_of(*longer)
    assert np.array_equal(mine.vectors[:151], others.vectors[:151])
    assert mine.duration_s[150] != others.duration_s[150]


def test_days_are_cut_where_they_begin() -> None:
    rows = rows_of(job(0), job(0, day=1), job(0, day=2), job(0, day=3))
    assert len(rows.between(date(2026, 3, 3), date(2026, 3, 5)).day) == 2
    assert len(rows.between(date(2026, 3, 3), None).day) == 3


def test_no_jobs_are_no_rows() -> None:
    rows = rows_of()
    assert rows.vectors.shape == (0, len(FEATURES))
    assert rows.z.shape == (0,)


def test_days_are_local() -> None:
    assert local_day(MONDAY_8_MS, ZONE) == date(2026, 3, 2)
    assert local_day(MONDAY_8_MS, "Asia/Tokyo") == date(2026, 3, 3)
