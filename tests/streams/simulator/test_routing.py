"""The fastest way, by hour of the day."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.simulator.routing import Router, RoutingParams
from streams.simulator.streets import Class, Place, Streets
from streams.simulator.world import World

NOON, RUSH = 12.0, 8.25


def square(size: int, classes: int = Class.SIDE_STREET) -> Streets:
    """A grid of `size` x `size` corners, 100 m apart."""
    node = np.arange(size * size).reshape(size, size)
    ends = np.vstack(
        [
            np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()]),
            np.column_stack([node[:-1].ravel(), node[1:].ravel()]),
        ]
    )
    x, y = (100.0 * part.ravel() for part in np.meshgrid(np.arange(size), np.arange(size)))
    return Streets(x, y, ends, np.full(len(ends), classes))


def slowest_but_sure(streets: Streets, start: Place, end: Place, speed_mps: float) -> float:
    """Seconds on the street by Bellman and Ford."""
    seconds = np.full(len(streets.x), np.inf)
    for node, share in zip(streets.ends[start.edge], (start.along, 1 - start.along), strict=True):
        seconds[node] = share * streets.lengths_m[start.edge] / speed_mps
    for _ in range(len(streets.x)):
        for (u, v), length_m in zip(streets.ends, streets.lengths_m, strict=True):
            seconds[v] = min(seconds[v], seconds[u] + length_m / speed_mps)
            seconds[u] = min(seconds[u], seconds[v] + length_m / speed_mps)
    last = streets.lengths_m[end.edge] / speed_mps
    u, v = streets.ends[end.edge]
    return min(seconds[u] + end.along * last, seconds[v] + (1 - end.along) * last)


@given(st.integers(0, 23), st.integers(0, 23), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_no_way_is_faster(first: int, last: int, along: float, further: float) -> None:
    streets = square(4)
    start, end = streets.beside(first, along, 0.0), streets.beside(last, further, 0.0)
    params = RoutingParams(side_street_rush_slowdown=0.0)
    route = Router(streets, params).route(start, end, NOON)
    if first != last:
        assert route.expected_s == pytest.approx(
            slowest_but_sure(streets, start, end, params.side_street_mps)
        )
    assert tuple(route.points[0]) == (start.x, start.y)
    assert tuple(route.points[-1]) == (end.x, end.y)


def straight_or_around() -> Streets:
    """Straight on from (0, 0) to (200, 0) by a side street, or around the north by arterials."""
    x = np.array([-100.0, 0.0, 200.0, 300.0, 0.0, 200.0])
    y = np.array([0.0, 0.0, 0.0, 0.0, 50.0, 50.0])
    ends = np.array([(0, 1), (1, 2), (2, 3), (1, 4), (4, 5), (5, 2)])
    return Streets(x, y, ends, np.array([0, 0, 0, 1, 1, 1]))


def northmost_m(router: Router, *, careless: bool = False) -> float:
    streets = straight_or_around()
    start, end = streets.beside(0, 0.5, 0.0), streets.beside(2, 0.5, 0.0)
    return float(router.route(start, end, NOON, careless=careless).points[:, 1].max())


@pytest.mark.parametrize(("arterial_mps", "northmost"), [(40.0, 50.0), (10.0, 0.0)])
def test_a_detour_is_taken_when_it_is_faster(arterial_mps: float, northmost: float) -> None:
    params = RoutingParams(arterial_mps=arterial_mps, side_street_mps=10.0)
    assert northmost_m(Router(straight_or_around(), params)) == northmost


def test_the_rush_hour_takes_longer(world: World) -> None:
    sites = [site.parking for site in world.places.sites[:20]]
    noon, rush = (sum(world.router.expected_s(a, b, h) for a, b in pairwise(sites)) for h in (NOON, RUSH))
    assert rush > 1.2 * noon


def test_a_route_stays_on_the_streets(world: World) -> None:
    start, end = world.places.sites[0].parking, world.places.sites[1].parking
    route = world.router.route(start, end, NOON)
    nodes = {(x, y) for x, y in zip(world.city.streets.x, world.city.streets.y, strict=True)}
    assert {tuple(point) for point in route.points[2:-2].tolist()} <= nodes
    assert len(route.seconds) == len(route.classes) == len(route.points) - 1


@given(st.floats(0.01, 0.99))
def test_a_route_cut_and_joined_is_the_route(share: float) -> None:
    streets = square(4)
    route = Router(streets, RoutingParams()).route(
        streets.beside(0, 0.5, 9), streets.beside(20, 0.3, 9), NOON
    )
    head, rest = route.cut(share * route.length_m)
    assert head.length_m == pytest.approx(share * route.length_m)
    again = head.joined(rest)
    assert again.length_m == pytest.approx(route.length_m)
    assert again.expected_s == pytest.approx(route.expected_s)


def test_a_cut_outside_the_route_is_a_mistake() -> None:
    streets = square(3)
    route = Router(streets, RoutingParams()).route(streets.beside(0, 0.5, 9), streets.beside(5, 0.3, 9), NOON)
    with pytest.raises(ValueError, match="cut at"):
        route.cut(route.length_m + 1)


def test_only_the_careless_drive_through_what_is_closed() -> None:
    params = RoutingParams(arterial_mps=10.0, side_street_mps=10.0)
    router = Router(straight_or_around(), params, closed=frozenset({1}))
    assert northmost_m(router) == 50.0
    assert northmost_m(router, careless=True) == 0.0
