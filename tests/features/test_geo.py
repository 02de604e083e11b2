"""Distances against a geodesic, inverses, and H3 names."""

import math

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from features import geo

LATS = st.floats(-70, 70)
LONS = st.floats(-180, 180)
BEARINGS = st.floats(0, 360, exclude_max=True)
POINTS = st.tuples(LATS, LONS)


def geodesic_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Vincenty's inverse formula on WGS 84 (Survey Review XXIII, 176, 1975)."""
    a, f = 6_378_137.0, 1 / 298.257223563
    b = a * (1 - f)
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(lat))) for lat in (lat1, lat2))
    turn = math.radians((lon2 - lon1 + 540) % 360 - 180)
    lam = turn
    for _ in range(100):
        east = math.cos(u2) * math.sin(lam)
        north = math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam)
        sin_s = math.hypot(east, north)
        if sin_s == 0:
            return 0.0
        cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        sigma = math.atan2(sin_s, cos_s)
        sin_a = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_s
        cos2_a = 1 - sin_a**2
        cos_2m = cos_s - 2 * math.sin(u1) * math.sin(u2) / cos2_a if cos2_a else 0.0
        c = f / 16 * cos2_a * (4 + f * (4 - 3 * cos2_a))
        before, lam = (
            lam,
            turn + (1 - c) * f * sin_a * (sigma + c * sin_s * (cos_2m + c * cos_s * (2 * cos_2m**2 - 1))),
        )
        if abs(lam - before) < 1e-13:
            break
    u = cos2_a * (a * a - b * b) / (b * b)
    big_a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    big_b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    ds = big_b * sin_s * (cos_2m + big_b / 4 * cos_s * (2 * cos_2m**2 - 1))
    return b * big_a * (sigma - ds)


def test_the_geodesic_of_these_tests_agrees_with_a_published_one() -> None:
    """Flinders Peak to Buninyong, from the manual of the Australian datum."""
    peak, hill = (-37.951033417, 144.424867889), (-37.652821139, 143.926495528)
    assert geodesic_m(*peak, *hill) == pytest.approx(54972.271, abs=0.05)


@given(POINTS, BEARINGS, st.floats(1, 10_000))
def test_distances_agree_with_a_geodesic_up_to_10_km(
    start: tuple[float, float], way: float, m: float
) -> None:
    end = geo.destination(*start, way, m)
    true_m = geodesic_m(*start, *end)
    assert geo.distance_m(*start, *end) == pytest.approx(true_m, rel=1e-4, abs=1e-3)
    assert geo.haversine_m(*start, *end) == pytest.approx(true_m, rel=6e-3, abs=1e-3)


@given(POINTS, BEARINGS, st.floats(10_000, 100_000))
def test_distances_agree_with_a_geodesic_up_to_100_km(
    start: tuple[float, float], way: float, m: float
) -> None:
    end = geo.destination(*start, way, m)
    assume(abs(end[0]) <= 70)
    assert geo.distance_m(*start, *end) == pytest.approx(geodesic_m(*start, *end), rel=1e-3)


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways(one: tuple[float, float], other: tuple[float, float]) -> None:
    for distance_m in (geo.distance_m, geo.haversine_m):
        assert distance_m(*one, *other) == pytest.approx(distance_m(*other, *one))


@given(POINTS, POINTS, POINTS)
def test_a_detour_is_never_shorter(
    one: tuple[float, float], via: tuple[float, float], other: tuple[float, float]
) -> None:
    detour_m = geo.haversine_m(*one, *via) + geo.haversine_m(*via, *other)
    assert geo.haversine_m(*one, *other) <= detour_m * (1 + 1e-9) + 1e-3


@given(POINTS, BEARINGS, st.floats(1, 1_000_000))
def test_a_destination_lies_at_its_distance_and_bearing(
    start: tuple[float, float], way: float, m: float
) -> None:
    end = geo.destination(*start, way, m)
    assert geo.haversine_m(*start, *end) == pytest.approx(m, rel=1e-6, abs=1e-3)
    off = (geo.bearing_deg(*start, *end) - way + 180) % 360 - 180
    assert abs(off) * m < 0.1 * geo.EARTH_RADIUS_M / 1000


def test_bearings_go_clockwise_from_north() -> None:
    ends = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    assert [round(geo.bearing_deg(0, 0, *end)) for end in ends] == [0, 90, 180, 270]


def test_the_way_across_the_antimeridian_is_short() -> None:
    assert geo.distance_m(0, 179.99, 0, -179.99) == pytest.approx(geo.distance_m(0, 0, 0, 0.02))
    assert geo.destination(0, 179.99, 90, 10_000)[1] < -179


@given(st.lists(st.tuples(LATS, LONS, LATS, LONS), min_size=1, max_size=20))
def test_twins_say_the_same(rows: list[tuple[float, float, float, float]]) -> None:
    """To ten nanometres, where the way is so short that degrees have no more digits."""
    columns = np.array(rows).T
    for many, one in ((geo.distances_m, geo.distance_m), (geo.haversines_m, geo.haversine_m)):
        assert many(*columns) == pytest.approx([one(*row) for row in rows], rel=1e-6, abs=1e-8)


@given(POINTS, st.integers(0, 9), st.integers(0, 15))
def test_descendants_lie_between_two_names_and_nothing_else_does(
    point: tuple[float, float], finer: int, resolution: int
) -> None:
    parent = geo.cell_of(*point, resolution)
    below = min(15, resolution + finer)
    first, last = geo.descendants(parent, below)
    child = geo.cell_of(*point, below)
    assert (first <= child <= last) == (h3.cell_to_parent(int(child, 16), resolution) == int(parent, 16))
    neighbour = geo.cell_of(*h3.cell_to_latlng(int(geo.ring(parent, 1)[0], 16)), below)
    assert not first <= neighbour <= last


@pytest.mark.parametrize("resolution", [0, 3])
def test_the_bounds_of_descendants_are_tight(resolution: int) -> None:
    for parent in (h3.get_pentagons(resolution)[0], h3.latlng_to_cell(30.2, -97.7, resolution)):
        children = sorted(format(child, "x") for child in h3.cell_to_children(parent, resolution + 3))
        first, last = geo.descendants(format(parent, "x"), resolution + 3)
        assert (first, last) == (children[0], children[-1])


def test_a_cell_finer_than_the_index_is_refused_with_its_parent() -> None:
    fine = geo.cell_of(30.2, -97.7, 11)
    with pytest.raises(geo.InvalidCell, match=geo.cell_of(30.2, -97.7, 9)):
        geo.descendants(fine, 9)


@pytest.mark.parametrize("text", ["", "austin", "0", "-1", "8928308280ffffff", "f" * 20, "8f" + "f" * 13])
def test_what_is_not_a_cell_is_refused(text: str) -> None:
    with pytest.raises(geo.InvalidCell, match="hexadecimal"):
        geo.cell_number(text)


def test_rings_grow_by_six_cells() -> None:
    cell = geo.cell_of(30.2, -97.7, 9)
    assert geo.ring(cell, 0) == (cell,)
    assert [len(geo.ring(cell, k)) for k in range(4)] == [1, 6, 12, 18]
    assert geo.cell_resolution(cell) == 9


@given(POINTS, st.integers(6, 10), st.integers(0, 5), BEARINGS)
def test_rings_cover_what_they_promise(
    point: tuple[float, float], resolution: int, rings: int, way: float
) -> None:
    cell = geo.cell_of(*point, resolution)
    inside = {name for k in range(rings + 1) for name in geo.ring(cell, k)}
    end = geo.destination(*point, way, 0.999 * geo.covered_m(resolution, rings))
    assert geo.cell_of(*end, resolution) in inside
