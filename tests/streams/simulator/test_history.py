"""A world's past days."""

from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import pairwise
from math import log
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.dataset import local_day
from streams.simulator.history import past
from streams.simulator.work import JOB_TYPES, JobType
from streams.simulator.world import World
from tests.support.past_days import UNTIL, ZONE, history


def test_they_are_working_days_before_the_day_in_order() -> None:
    days = [local_day(one.started_ms, ZONE) for one in history().jobs]
    assert len(set(days)) == 40
    assert days == sorted(days)
    assert max(days) == date(2026, 3, 16)
    assert {day.weekday() for day in days} == set(range(5))
    assert UNTIL not in days


def test_the_same_world_has_the_same_past() -> None:
    assert past(World(3), UNTIL, 3, 100) == past(World(3), UNTIL, 3, 100)
    assert past(World(3), UNTIL, 3, 100) != past(World(4), UNTIL, 3, 100)


def test_more_days_are_earlier_days() -> None:
    few, many = past(World(3), UNTIL, 2, 0), past(World(3), UNTIL, 4, 0)
    assert many.jobs[-len(few.jobs) :] == few.jobs


def test_technicians_do_one_thing_after_another_within_their_shifts() -> None:
    world, jobs = World(3), defaultdict(list)
    shifts = {who.technician: (who.shift_start_h, who.shift_end_h) for who in world.fleet}
    for one in history().jobs:
        begun = datetime.fromtimestamp(one.started_ms / 1000, ZoneInfo(ZONE))
        start_h, end_h = shifts[one.technician]
        assert start_h < begun.hour + begun.minute / 60 <= end_h
        jobs[one.technician, begun.date()].append(one)
    for of_day in jobs.values():
        assert all(b.started_ms > a.ended_ms for a, b in pairwise(of_day))


def test_work_is_what_its_technician_can_do_and_as_frequent_as_in_the_world() -> None:
    skills = {who.technician: who.skills for who in World(3).fleet}
    needed = {job.job_type: job.skill for job in JOB_TYPES}
    assert all(needed[one.job_type] in skills[one.technician] for one in history().jobs)
    assert set(Counter(one.job_type for one in history().jobs)) == set(needed)


@pytest.mark.parametrize("kind", JOB_TYPES, ids=lambda job: job.job_type)
def test_durations_follow_the_rule_of_the_world(kind: JobType) -> None:
    ratios = [log(one.duration_s / one.expected_s) for one in history().jobs if one.job_type == kind.job_type]
    sigma = kind.sigma
    assert np.median(ratios) == pytest.approx(-(sigma**2) / 2, abs=0.12)
    assert np.subtract(*np.quantile(ratios, (0.84, 0.16))) / 2 == pytest.approx(
        np.hypot(sigma, 0.18), rel=0.15
    )


def test_technicians_keep_their_own_pace() -> None:
    factors = {who.technician: log(who.work_factor) for who in World(3).fleet}
    ratios = defaultdict(list)
    for one in history().jobs:
        ratios[one.technician].append(log(one.duration_s / one.expected_s))
    seen = [float(np.median(ratios[name])) for name in factors]
    assert np.corrcoef(seen, list(factors.values()))[0, 1] > 0.6


def test_legs_go_between_places_of_the_city_in_a_time_that_streets_allow() -> None:
    legs = history().legs
    assert 1_200 < len(legs) < 1_900
    assert [one.left_ms for one in legs] == sorted(one.left_ms for one in legs)
    for one in legs:
        assert one.driven_m is not None
        assert one.driven_m / one.way_s < 16.0
        assert one.leaving_s > 0
