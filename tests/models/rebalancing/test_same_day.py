"""The search rolls the same day forward as the risk does: the same way still to go, as sure or unsure of it."""

import numpy as np
import pytest
from msgspec.structs import replace

from features.route import RouteState
from models.duration import BaselineDurations
from models.eta import inputs
from models.risk_params import EtaParams, RiskParams
from models.travel import CircleTravel
from tests.support.noon import ZONE, City, Noon, noon
from tests.support.rebalancing import frozen

NOW_H = 12.0


def unheard(state: RouteState) -> RouteState:
    return replace(state, place_ms=state.place_ms - 900_000)


def driving(state: RouteState) -> RouteState:
    """On the way to the next stop for three minutes."""
    way = {name: stop for name, stop in state.stops.items() if name in state.order}
    ahead = next((name for name in state.order if way[name].life in ("dispatched", "acknowledged")), None)
    if ahead is None or any(stop.life in ("on_site", "in_progress") for stop in way.values()):
        return replace(state, motion="MOVING")
    since_ms = state.place_ms - 180_000
    bound = replace(way[ahead], life="en_route", life_ms=since_ms, departed_ms=since_ms)
    order = (ahead, *(name for name in state.order if name != ahead))
    return replace(state, motion="MOVING", order=order, stops={**state.stops, ahead: bound})


def as_they_are(state: RouteState) -> RouteState:
    return state


@pytest.mark.parametrize("change", [as_they_are, unheard, driving])
@pytest.mark.parametrize("seed", range(3))
def test_first_legs_and_their_spread_are_those_of_the_risk(seed: int, change: object) -> None:
    day = noon(seed, City(technicians=8, now_h=NOW_H))
    risks = {name: replace(risk, route=change(risk.route)) for name, risk in day.risks.items()}  # type: ignore[operator]
    routes = day.territory.routes | {name: risk.route.order for name, risk in risks.items()}
    problem = frozen(Noon(replace(day.territory, routes=routes), risks, day.now_ms), trigger="request")
    names = [one.name for one in problem.technicians if one.route]

    said = inputs(
        [risks[name].route for name in names],
        day.now_ms,
        BaselineDurations(),
        CircleTravel(),
        ZONE,
        EtaParams(),
    ).routes

    compared = [
        (row, number)
        for number, one in enumerate(problem.technicians)
        if one.route
        for row in [names.index(one.name)]
    ]
    assert len(compared) > 3
    for row, number in compared:
        first = problem.technicians[number].route[0]
        assert problem.travel_s[problem.start_of(number), first] == pytest.approx(
            said.leg_s[row, 0], rel=1e-4
        )
        if said.leg_s[row, 0] > 0:
            assert problem.first_spread[number] == pytest.approx(said.spread[row, 0])
    assert problem.day_sigma == RiskParams().day_sigma
    assert np.isfinite(problem.travel_s).all()
