"""What is drawn badly is repaired and said, or refused with what to do."""

import gzip
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h3
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from features import geo
from features.fence_events import Cells, Circle, Fence, Polygon
from features.fence_geojson import fences_from_geojson
from features.fences import InvalidFence, PreparedFence, prepare

ZONES = Path(__file__).resolve().parents[3].joinpath("shared", "data", "zones")
SQUARE = ((-97.75, 30.25), (-97.73, 30.25), (-97.73, 30.27), (-97.75, 30.27), (-97.75, 30.25))
CELL = geo.cell_of(30.26, -97.74, 9)
Ring = Sequence[tuple[float, float]]


def drawn(*rings: Ring) -> Fence:
    """A territory of one polygon."""
    return Fence(fence="west", kind="territory", geometry=Polygon((tuple(map(tuple, rings)),)))


def circle(lat: float = 30.26, lon: float = -97.74, radius_m: float = 100.0, **more: Any) -> Fence:
    return Fence(fence="site", kind="customer_site", geometry=Circle(lat, lon, radius_m), **more)


def cells(*names: str) -> Fence:
    return Fence(fence="comb", kind="territory", geometry=Cells(names))


def outline(prepared: PreparedFence) -> shapely.MultiPolygon:
    assert prepared.shape is not None
    return prepared.shape


def zones(name: str) -> tuple[PreparedFence, ...]:
    path = ZONES / name
    if not path.exists():
        pytest.skip(f"needs {name} in the data beside the checkout")
    with gzip.open(path) as file:
        return tuple(prepare(fence) for fence in fences_from_geojson(json.load(file)))


def test_a_circle_is_ready_as_it_is() -> None:
    prepared = prepare(circle(radius_m=80, max_dwell_s=60))
    assert (prepared.radius_m, prepared.shape, prepared.repairs) == (80, None, ())
    assert (prepared.limits.max_dwell_s, prepared.limits.max_speed_mps) == (60, None)


@given(st.floats(-80, 80), st.floats(-170, 170), st.floats(1, 100_000), st.floats(0, 360))
def test_the_bounds_of_a_circle_hold_all_of_it(lat: float, lon: float, radius_m: float, way: float) -> None:
    west, south, east, north = prepare(circle(lat, lon, radius_m)).bounds
    lat, lon = geo.destination(lat, lon, way, radius_m)
    assert south <= lat <= north
    assert west <= lon <= east


def test_a_polygon_is_projected_to_metres() -> None:
    prepared = prepare(drawn(SQUARE))
    width_m = geo.distance_m(30.26, -97.75, 30.26, -97.73)
    height_m = geo.distance_m(30.25, -97.74, 30.27, -97.74)
    assert outline(prepared).bounds == pytest.approx((-width_m / 2, -height_m / 2, width_m / 2, height_m / 2))
    assert math.pi * prepared.radius_m**2 == pytest.approx(width_m * height_m)
    assert prepared.repairs == ()


def test_an_open_ring_is_closed() -> None:
    assert prepare(drawn(SQUARE[:-1])).radius_m == prepare(drawn(SQUARE)).radius_m


def test_a_hole_is_no_part_of_a_fence() -> None:
    hole = [(-97.745, 30.255), (-97.735, 30.255), (-97.735, 30.265), (-97.745, 30.265)]
    whole, holed = prepare(drawn(SQUARE)), prepare(drawn(SQUARE, hole))
    assert outline(holed).area == pytest.approx(0.75 * outline(whole).area)


def test_a_bowtie_becomes_two_triangles_and_is_told() -> None:
    bowtie = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    prepared = prepare(drawn(bowtie))
    assert len(outline(prepared).geoms) == 2
    assert [repair.split("[")[0] for repair in prepared.repairs] == ["Self-intersection"]


def test_a_repaired_fence_carries_its_repaired_rings() -> None:
    repaired = prepare(drawn([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]))
    again = prepare(repaired.fence)
    assert again.repairs == ()
    assert outline(again).equals(outline(repaired))


def test_overlapping_polygons_are_united() -> None:
    twice = Fence(fence="west", kind="territory", geometry=Polygon(((SQUARE,), (SQUARE,))))
    prepared = prepare(twice)
    assert outline(prepared).area == pytest.approx(outline(prepare(drawn(SQUARE))).area)
    assert len(prepared.repairs) == 1


def test_a_hole_without_area_is_dropped_and_told() -> None:
    prepared = prepare(drawn(SQUARE, [(-97.74, 30.26), (-97.74, 30.265), (-97.74, 30.26)]))
    assert prepared.repairs == ("polygon 0, hole 0: 2 distinct points, and a ring needs 3; dropped",)


NAN = float("nan")
BACK_AND_FORTH = [(-97.75, 30.25), (-97.73, 30.25), (-97.73, 30.27), (-97.73, 30.25)]


@pytest.mark.parametrize(
    ("fence", "says"),
    [
        (drawn([(-97.75, 30.25), (-97.73, 30.25)]), r"polygon 0, shell: 2 distinct points"),
        (drawn([(-97.75, 30.25)] * 5), r"1 distinct points"),
        (drawn([]), r"0 distinct points"),
        (drawn(), r"polygon 0 has no rings"),
        (Fence(fence="west", kind="territory", geometry=Polygon(())), r"no polygons"),
        (drawn([(-97.75, 30.25), (-97.74, 30.25), (-97.73, 30.25)]), r"no area, .* one line"),
        (drawn(BACK_AND_FORTH), r"nothing is left of it after repair"),
        (drawn([(0, 0), (1e-7, 0), (1e-7, 1e-7)]), r"square metres; draw it again"),
        (drawn([(NAN, 30.25), *SQUARE]), r"vertex 0 \(longitude nan, .* not on the globe; write WGS 84"),
        (drawn([(-97.75, 30.25), (-97.73, math.inf), (-97.73, 30.27)]), r"vertex 1 .*latitude inf"),
        (drawn([(30.25, -97.75), (30.25, -97.73), (30.27, -97.73)]), r"vertex 0 .*write longitude first"),
        (drawn([(621_000, 3_349_000), *SQUARE]), r"vertex 0 .*write WGS 84 degrees"),
        (drawn([(179.9, 0), (-179.9, 0), (-179.9, 1)]), r"vertex 1 .*antimeridian.*split it"),
        (drawn([(-170, 0), (0, 0), (170, 0), (0, 1)]), r"from longitude -170 to 170, .*split it"),
        (circle(radius_m=100_001), r"a radius of 100001 m; .* draw a polygon"),
        (circle(radius_m=0.0), r"a radius of 0 m"),
        (circle(radius_m=NAN), r"a radius of nan m"),
        (circle(lat=NAN), r"its centre .*not on the globe; write WGS 84"),
        (circle(lat=-97.74, lon=30.26), r"its centre .*not on the globe; .*write longitude first"),
        (circle(lat=89.95), r"reaches a pole"),
        (circle(lon=179.9999), r"antimeridian; split it"),
        (circle(max_dwell_s=0.0), r"max_dwell_s is 0.0"),
        (circle(max_speed_mps=math.inf), r"max_speed_mps is inf"),
        (cells(), r"cell set is empty"),
        (cells(CELL, "austin"), r"'austin' is not an H3 cell"),
        (cells(CELL, CELL[:-1] + "0"), r"is not an H3 cell"),
        (cells(geo.cell_of(30.26, -97.74, 3), geo.cell_of(0, 0, 12)), r"resolutions 3 to 12 make 40,353,608"),
        (cells(*h3.grid_disk(geo.cell_of(0, 180, 5), 1)), r"antimeridian"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(fence: Fence, says: str) -> None:
    with pytest.raises(InvalidFence, match=says) as refused:
        prepare(fence)
    assert str(refused.value).startswith(f"fence {fence.fence!r}: ")
    assert refused.value.remedy in str(refused.value)


def test_a_cell_set_is_the_union_of_its_cells() -> None:
    disk = sorted(h3.grid_disk(CELL, 2))
    prepared = prepare(cells(*disk))
    assert len(outline(prepared).geoms) == 1
    assert outline(prepared).area == pytest.approx(sum(h3.cell_area(c, "m^2") for c in disk), rel=1e-2)


def test_a_ring_of_cells_has_a_hole() -> None:
    (polygon,) = outline(prepare(cells(*geo.ring(CELL, 2)))).geoms
    assert len(polygon.interiors) == 1


def test_a_coarse_cell_stands_for_its_descendants() -> None:
    parent = h3.cell_to_parent(CELL, 7)
    fine = prepare(cells(*h3.cell_to_children(parent, 9)))
    mixed = prepare(cells(parent, CELL))
    assert outline(mixed).equals(outline(fine))


def test_austins_neighbourhoods_are_sound() -> None:
    prepared = zones("austin_neighborhoods.geojson.gz")
    assert len(prepared) == 70
    assert all(one.repairs == () for one in prepared)


def test_three_of_san_franciscos_neighbourhoods_are_repaired() -> None:
    prepared = zones("sf_neighborhoods_planning.geojson.gz")
    repaired = {one.fence.fence: one.repairs for one in prepared if one.repairs}
    assert len(prepared) == 37
    assert set(repaired) == {"marina", "downtown-civic-center", "north-beach"}
    assert all("Ring Self-intersection" in repairs[0] for repairs in repaired.values())
    assert all(outline(one).is_valid for one in prepared)
