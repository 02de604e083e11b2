"""How likely a late start is, and why."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.special import ndtri

from features.endangered import UNSERVED_MIN
from features.events import Cause
from features.route import RouteState
from features.territory_events import Reason
from models.forecast import RiskState
from models.risk import Assessment, assess, seed_of
from models.risk_params import RiskParams
from models.rollforward import LEVELS
from tests.support.day_plans import at
from tests.support.routes import ZONE, Models, models, route, shift, stop

PARAMS = RiskParams()
STEADY = models(sigma=0.02, spread=0.02)
ROUGH = models(sigma=0.35, spread=0.25)


def assessed(
    hour: float, *routes: RouteState, by: Models = ROUGH, seed: int = 1, params: RiskParams = PARAMS
) -> list[Assessment]:
    states = [RiskState(one) for one in routes]
    return assess(states, at(hour), by.durations, by.travel, ZONE, params, seed)


def kinds(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.kind for reason in reasons]


def test_with_an_hour_to_spare_nothing_is_at_risk() -> None:
    (one,) = assessed(9, route(stop("a", (9, 11), km=3), seen=9))
    assert one.evaluations["a"].probability == 0.0
    assert one.evaluations["a"].late_min < -60
    assert one.evaluations["a"].reasons == ()


def test_an_overrun_makes_the_afternoon_late_hours_ahead() -> None:
    long = stop("a", (8, 9), 8.0, life="in_progress", since=8.0, hours=1)
    calm = route(
        replace(long, began_ms=at(9.8), planned_start_ms=at(9.8)), stop("b", (11, 11.75), 11.2), seen=10
    )
    late = route(long, stop("b", (9, 10.1), 9.2, km=3), stop("c", (10, 11.4), 10.5, km=6), seen=10)
    quiet, loud = assessed(10, calm, late)
    assert quiet.evaluations["b"].probability < 0.2
    assert loud.evaluations["c"].probability > 0.5
    why = loud.evaluations["b"].reasons
    assert why[0].kind == "overrun"
    assert why[0].appointment == "a"


def test_the_stop_at_work_began_when_it_began() -> None:
    (one,) = assessed(
        10, route(stop("a", (8, 9), life="in_progress", since=9.5), stop("b", (15, 17)), seen=10)
    )
    expected = one.expected["a"]
    assert expected.start_p50_ms == expected.start_p90_ms == at(9.5)
    assert (expected.probability, expected.late_min) == (1.0, 30.0)
    assert at(10) < expected.end_p10_ms < expected.end_p50_ms < expected.end_p90_ms
    assert "a" not in one.evaluations


def test_quantiles_rise_and_follow_each_other() -> None:
    (one,) = assessed(9, route(*[stop(f"a{n}", (9 + n, 11 + n), km=n) for n in range(6)], seen=9))
    earlier = None
    for expected in one.expected.values():
        starts = [getattr(expected, f"start_p{p}_ms") for p in (10, 50, 80, 90)]
        ends = [getattr(expected, f"end_p{p}_ms") for p in (10, 50, 90)]
        assert starts == sorted(starts)
        assert ends == sorted(ends)
        assert ends[1] > starts[1]
        assert earlier is None or starts[1] > earlier
        earlier = ends[1]


def test_who_is_on_site_is_at_no_risk_any_more() -> None:
    (one,) = assessed(10, route(stop("a", (8, 9), life="on_site", since=9.95), seen=10))
    assert one.evaluations == {}
    assert one.expected["a"].probability == 1.0


def test_a_closed_window_with_nobody_on_site_is_late() -> None:
    (one,) = assessed(12, route(stop("a", (9, 11), km=3), seen=12))
    assert one.evaluations["a"].closed
    assert one.evaluations["a"].probability == 1.0


def test_a_lost_technician_will_not_come() -> None:
    (one,) = assessed(9, route(stop("a", (13, 14)), stop("b", (15, 16)), seen=9, lost=True, duty="off_shift"))
    for name in ("a", "b"):
        seen = one.evaluations[name]
        assert (seen.probability, seen.late_min) == (1.0, UNSERVED_MIN)
        assert seen.reasons == (Reason("technician_out", UNSERVED_MIN),)
        assert one.expected[name].probability == 1.0


def test_who_should_have_departed_and_has_not_is_the_reason() -> None:
    idle = stop("a", (9, 10), 9.2, km=10)
    (one,) = assessed(10, route(idle, seen=10, motion="STOPPED"))
    assert one.evaluations["a"].overdue
    assert kinds(one.evaluations["a"].reasons)[0] == "not_departed"
    (one,) = assessed(10, route(replace(idle, life="delivered", acknowledged=False), seen=10))
    assert kinds(one.evaluations["a"].reasons)[0] == "not_acknowledged"
    (one,) = assessed(10, route(replace(idle, life="en_route", departed_ms=at(9.9)), seen=10))
    assert not one.evaluations["a"].overdue
    assert kinds(one.evaluations["a"].reasons)[0] == "travel"


def test_before_the_planned_departure_a_late_plan_is_tight() -> None:
    (one,) = assessed(
        8.5, route(stop("a", (9, 10), 10.25, km=3), stop("b", (9, 11), 11.5), seen=8.5), by=STEADY
    )
    assert kinds(one.evaluations["b"].reasons) == [] or "not_departed" not in kinds(
        one.evaluations["b"].reasons
    )
    (one,) = assessed(
        8.5, route(stop("a", (9, 12), 10, hours=2), stop("b", (9, 11), 12), seen=8.5), by=STEADY
    )
    assert kinds(one.evaluations["b"].reasons)[0] == "tight_plan"


def test_work_upstream_that_takes_longer_than_planned_is_named() -> None:
    slow = models(sigma=0.02, spread=0.02)
    longer = tuple(level + np.log(1.6) for level in slow.durations.others)  # type: ignore[attr-defined]
    by = slow._replace(durations=replace(slow.durations, others=longer))  # type: ignore[type-var]
    chain = [stop("a", (8, 10), 9.1), stop("b", (9, 12), 10.2), stop("c", (11, 11.5), 11.3)]
    (one,) = assessed(9, route(*chain, seen=9), by=by)
    first = one.evaluations["c"].reasons[0]
    assert first.kind == "late_predecessor"
    assert first.appointment in ("a", "b")


def test_a_day_that_began_late_is_the_fault_of_what_is_over() -> None:
    done = stop("a", (8, 9), 8, life="completed", since=10.5, began_ms=at(8))
    (one,) = assessed(10.52, route(done, stop("b", (9, 10.6), 9.3, km=5), seen=10.5, motion="MOVING"))
    first = one.evaluations["b"].reasons[0]
    assert (first.kind, first.appointment) == ("late_predecessor", "a")


def test_a_device_that_is_not_heard_has_its_share() -> None:
    driven = stop("a", (9, 10.4), 10, km=25, life="en_route", since=9.9)
    (heard, silent) = assessed(10, route(driven, seen=9.99), route(driven, seen=9.9))
    assert "no_data" not in kinds(heard.evaluations["a"].reasons)
    assert "no_data" in kinds(silent.evaluations["a"].reasons)


def test_reasons_share_the_median_lateness() -> None:
    long = stop("a", (8, 9), 8.0, life="in_progress", since=8.5, hours=1)
    (one,) = assessed(
        11, route(long, stop("b", (9, 10.1), 9.2, km=3), stop("c", (10, 11), 10.5, km=6), seen=11)
    )
    for name in ("b", "c"):
        seen = one.evaluations[name]
        assert seen.late_min > 0
        assert sum(reason.minutes for reason in seen.reasons) == pytest.approx(seen.late_min, abs=1.5)
        assert all(reason.minutes > 0 for reason in seen.reasons)


def test_the_same_seed_says_the_same_and_another_nearly_so() -> None:
    state = route(stop("a", (9, 10), km=9), stop("b", (10, 10.8), km=3), seen=9.2)
    first, again, other = (assessed(9.2, state, seed=seed)[0] for seed in (5, 5, 6))
    assert first == again
    assert first != other
    for name in first.evaluations:
        assert first.evaluations[name].probability == pytest.approx(
            other.evaluations[name].probability, abs=0.08
        )


def test_another_plan_version_has_other_chances() -> None:
    state = route(stop("a", (9, 10), km=9), stop("b", (10, 10.8), km=3), seen=9.2)
    assert assessed(9.2, state) != assessed(9.2, replace(state, plan_version=2))


def test_each_input_has_its_seed() -> None:
    causes = [Cause("signals", partition, offset, 0) for partition in range(2) for offset in range(50)]
    assert len({seed_of(cause) for cause in causes}) == 100


@dataclass(frozen=True)
class Truth:
    """Draws what happens from the same distributions that are believed in."""

    chance: np.random.Generator
    by: Models

    def starts_s(self, now: float, state: RouteState) -> list[float]:
        """When work starts at each stop, seconds from now."""
        travel, free = self.by.travel, 0.0
        day = np.exp(PARAMS.day_sigma * self.chance.standard_normal() - PARAMS.day_sigma**2 / 2)
        place, made = state.place, []
        logs = self.by.durations.others  # type: ignore[attr-defined]
        for one in state.stops.values():
            there = one.job.place
            assert place is not None
            base = float(travel.base_s(place.lat, place.lon, there.lat, there.lon))
            z = self.chance.standard_normal()
            arrival = free + base * np.exp(travel.spread * z - travel.spread**2 / 2)
            start = max(arrival, (one.job.window_start_ms - at(now)) / 1000)
            level = np.clip(self.chance.uniform(), LEVELS[0], LEVELS[-1])
            work = np.interp(level, LEVELS, one.job.expected_s * np.exp(logs))
            made.append(start)
            free, place = start + float(work) * float(day), there
        return made


def test_of_those_given_thirty_percent_thirty_percent_are_late() -> None:
    chance = np.random.default_rng(3)
    truth = Truth(chance, ROUGH)
    days = []
    for number in range(1_500):
        chain, hour = [], 9.1
        for place in range(5):
            margin = float(chance.uniform(-0.5, 1.2))
            chain.append(stop(f"a{place}", (hour - 0.5, hour + margin), km=float(chance.uniform(0, 12))))
            hour += 1.3
        days.append(route(*chain, seen=9, technician=f"t{number}", km=4))
    said, late = [], []
    for state, one in zip(days, assessed(9, *days), strict=True):
        starts = truth.starts_s(9, state)
        for held, start in zip(state.stops.values(), starts, strict=True):
            said.append(one.expected[held.job.appointment].probability)
            late.append(start > (held.job.window_end_ms - at(9)) / 1000)
    p, happened = np.array(said), np.array(late)
    for low, high in [(0.02, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.98)]:
        those = (p >= low) & (p < high)
        share = p[those].mean()
        allowed = 0.01 + 3.5 * np.sqrt(share * (1 - share) / those.sum())
        assert those.sum() > 150
        assert happened[those].mean() == pytest.approx(share, abs=allowed)


LIVES = st.sampled_from(["dispatched", "delivered", "acknowledged", "en_route", "on_site", "in_progress"])
HOURS = st.floats(-500, 500)
STOPS = st.lists(
    st.tuples(HOURS, HOURS, st.floats(0, 3_000), st.floats(0.001, 24), LIVES, HOURS, st.none() | HOURS),
    max_size=6,
)
ROUTES = st.builds(
    lambda stops, seen, duty, begin, end, rest, motion, lost, has_shift: route(
        *[
            stop(f"a{n}", (o, c), planned, km=km, hours=h, life=life, since=since)
            for n, (o, c, km, h, life, since, planned) in enumerate(stops)
        ],
        seen=seen,
        duty=duty,
        shift=shift(begin, end, rest) if has_shift else None,
        motion=motion,
        lost=lost,
    ),
    STOPS,
    st.none() | HOURS,
    st.sampled_from([None, "off_shift", "on_shift", "on_break"]),
    HOURS,
    HOURS,
    st.none() | HOURS,
    st.sampled_from([None, "MOVING", "STOPPED", "NO_DATA", "OFFLINE"]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(ROUTES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_absurd_routes_give_figures_all_the_same(routes: list[RouteState]) -> None:
    few = replace(PARAMS, samples=16)
    for state, one in zip(routes, assessed(0, *routes, params=few), strict=True):
        assert set(one.evaluations) <= set(one.expected) <= set(state.order)
        for expected in one.expected.values():
            figures = [getattr(expected, name) for name in expected.__struct_fields__]
            assert np.isfinite(figures).all()
            assert 0.0 <= expected.probability <= 1.0
        for seen in one.evaluations.values():
            assert all(np.isfinite(reason.minutes) for reason in seen.reasons)


def test_lognormal_levels_are_those_of_the_stand_in() -> None:
    others = np.array(ROUGH.durations.others)  # type: ignore[attr-defined]
    assert others == pytest.approx(0.35 * ndtri(LEVELS) - 0.35**2 / 2)
