"""The arrays that many routes are rolled forward from."""

import numpy as np
import pytest
from msgspec.structs import replace

from features.plan import Job
from features.route import RouteState, Worked
from features.route_assigned import NEVER_MS
from models.eta import FAR_S, Inputs, asked_of, inputs, offset
from models.risk_params import EtaParams
from models.rollforward import LEVELS
from tests.support.day_plans import at
from tests.support.routes import ZONE, models, route, shift, stop

MODELS = models(sigma=0.3, spread=0.2)
ARIZONA_MS = -7 * 3_600_000


def arrays(hour: float, *routes: RouteState) -> Inputs:
    return inputs(routes, at(hour), MODELS.durations, MODELS.travel, ZONE, EtaParams())


def leg_s(km: float) -> float:
    circle = MODELS.travel
    return 120.0 + km * 1_000 * circle.detour / circle.speed_mps  # type: ignore[attr-defined]


def test_routes_of_any_length_lie_side_by_side() -> None:
    given = arrays(
        9, route(), route(stop("a"), stop("b"), seen=9, technician="bo"), route(stop("c"), technician="cy")
    )
    assert given.closes_s.shape == (3, 2)
    assert [[one.job.appointment for one in chain] for chain in given.stops] == [[], ["a", "b"], ["c"]]
    assert given.routes.work_s[2, 1].tolist() == [0.0] * len(LEVELS)


def test_legs_go_from_where_they_are_to_each_stop_in_turn() -> None:
    given = arrays(9, route(stop("a", km=5), stop("b", km=8), seen=9, km=2))
    assert given.routes.leg_s[0] == pytest.approx([leg_s(3), leg_s(3)], rel=1e-3)
    assert given.routes.spread[0] == pytest.approx([0.2, 0.2])


def test_to_the_job_at_hand_there_is_no_leg_and_its_rest_knows_of_the_slow_day() -> None:
    given = arrays(9.5, route(stop("a", life="in_progress", since=9), stop("b", km=4), seen=9.5, km=2))
    assert (given.routes.leg_s[0, 0], given.routes.spread[0, 0]) == (0.0, 0.0)
    assert given.routes.leg_s[0, 1] == pytest.approx(leg_s(4), rel=1e-3)
    assert given.routes.slow[0].tolist() == [0.0, 1.0]
    half = given.routes.work_s[0, 0, LEVELS.index(0.5)]
    assert 1_500 < half < 2_100


def test_work_not_begun_on_site_is_whole_and_slow_days_concern_it() -> None:
    given = arrays(9.5, route(stop("a", (10, 11), life="on_site", since=9.4), seen=9.5))
    assert given.routes.slow[0, 0] == 1.0
    assert given.routes.opens_s[0, 0] == 1_800.0


def test_what_is_driven_already_is_taken_off_down_to_a_tenth() -> None:
    soon = arrays(9.1, route(stop("a", km=10, life="en_route", since=9), seen=9.0))
    assert soon.routes.leg_s[0, 0] == pytest.approx(leg_s(10) - 360 - 60, rel=1e-3)
    late = arrays(11, route(stop("a", km=10, life="en_route", since=9), seen=9.0))
    assert late.routes.leg_s[0, 0] == pytest.approx(leg_s(10) / 10, rel=1e-3)


def test_from_a_stale_position_the_leg_is_less_certain() -> None:
    given = arrays(10, route(stop("a", km=5), stop("b", km=5), seen=9.5, km=2))
    assert given.routes.spread[0] == pytest.approx([np.hypot(0.2, 0.35), 0.2])


def test_from_nowhere_the_first_leg_is_nothing() -> None:
    given = arrays(10, replace(route(stop("a", km=50)), shift=None))
    assert given.routes.leg_s[0, 0] == 0.0


def test_times_count_from_now_and_none_is_further_than_far() -> None:
    state = route(stop("a", (8, 11)), shift=shift(break_from=12), seen=9)
    job = replace(state.stops["a"].job, window_end_ms=NEVER_MS)
    given = arrays(9, state, replace(state, stops={"a": replace(state.stops["a"], job=job)}))
    assert given.closes_s[:, 0].tolist() == [7_200.0, FAR_S]
    assert given.routes.opens_s[0, 0] == -3_600.0
    assert given.routes.break_from_s[0] == 3 * 3_600.0


def test_the_duration_model_is_asked_by_the_plan_and_by_how_slow_the_day_is() -> None:
    state = route(stop("a", planned=9.3), worked=Worked(3, 0.6))
    asked = asked_of(state.stops["a"], state, ARIZONA_MS)
    assert (asked.hour, asked.weekday, asked.jobs_before, asked.day_log_ratio) == (9.25, 1, 3, 0.6)
    assert (asked.job_type, asked.technician, asked.expected_s) == ("work", "ana", 3_600.0)


def test_local_time_follows_the_zone() -> None:
    assert offset(ZONE, at(9)) == ARIZONA_MS
    assert offset("Europe/Berlin", 1_767_225_600_000) == 3_600_000
    assert offset("Europe/Berlin", 1_782_900_000_000) == 7_200_000


def test_the_pace_is_that_of_the_local_hour() -> None:
    hours = tuple(float(hour) for hour in range(24))
    slow = MODELS._replace(travel=replace(MODELS.travel, pace_by_hour=hours))  # type: ignore[type-var]
    given = inputs([route(stop("a"), seen=9)], at(9.25), slow.durations, slow.travel, ZONE, EtaParams())
    assert given.pace[0] == pytest.approx(slow.travel.pace(np.array([9.375]))[0])


def test_nothing_to_do_gives_empty_arrays() -> None:
    assert arrays(9).closes_s.shape == (0, 0)
    assert arrays(9, route()).closes_s.shape == (1, 0)


def test_a_job_knows_no_more_than_it_must() -> None:
    bare = Job(appointment="x", place=stop("a").job.place, window_start_ms=0, window_end_ms=0)
    state = replace(route(), order=("x",), stops={"x": replace(stop("a"), job=bare)})
    assert np.isfinite(arrays(9, state).routes.leg_s).all()
