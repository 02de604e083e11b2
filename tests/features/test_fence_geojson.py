"""Fences drawn by other people's editors."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import geo
from features.fence_events import Cells, Circle, Fence, Polygon
from features.fence_geojson import Defaults, collection, fences_from_geojson, from_geojson, to_geojson
from features.fences import InvalidFence

SQUARE = [[-97.75, 30.25], [-97.73, 30.25], [-97.73, 30.27], [-97.75, 30.25]]
POINT = {"type": "Point", "coordinates": [-97.74, 30.26]}
AREA = {"type": "Polygon", "coordinates": [SQUARE]}


def feature(geometry: Any = AREA, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_a_polygon_is_a_territory() -> None:
    fence = from_geojson(feature(id="west", name="West Side"))
    assert (fence.fence, fence.kind, fence.name) == ("west", "territory", "West Side")
    assert fence.geometry == Polygon(((tuple((lon, lat) for lon, lat in SQUARE),),))


def test_a_point_with_a_radius_is_a_customer_site() -> None:
    fence = from_geojson(feature(POINT, id="a1", radius_m=80))
    assert (fence.kind, fence.geometry) == ("customer_site", Circle(30.26, -97.74, 80.0))


def test_cells_are_a_territory_whatever_is_drawn_beside_them() -> None:
    cell = geo.cell_of(30.26, -97.74, 9)
    for geometry in (None, POINT):
        fence = from_geojson(feature(geometry, id="comb", cells=[cell]))
        assert (fence.kind, fence.geometry) == ("territory", Cells((cell,)))


def test_an_altitude_is_left_out() -> None:
    high = [[lon, lat, 180.0] for lon, lat in SQUARE]
    drawn = {"type": "Polygon", "coordinates": [high]}
    assert from_geojson(feature(drawn, id="west")) == from_geojson(feature(id="west"))


def test_a_multipolygon_keeps_its_parts_and_holes() -> None:
    drawn = {"type": "MultiPolygon", "coordinates": [[SQUARE, SQUARE], [SQUARE]]}
    geometry = from_geojson(feature(drawn)).geometry
    assert isinstance(geometry, Polygon)
    assert [len(rings) for rings in geometry.polygons] == [2, 1]


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"id": 7, "fence": "b", "name": "C"}, "7"),
        ({"fence": "b", "name": "C"}, "b"),
        ({"name": "Downtown/Civic Center"}, "downtown-civic-center"),
        ({"name": "Übersee & Côte"}, "übersee-côte"),
        ({"name": "!"}, "3"),
        ({}, "3"),
    ],
)
def test_a_fence_is_called_by_the_first_name_it_has(properties: dict[str, Any], name: str) -> None:
    assert from_geojson(feature(**properties), number=3).fence == name


def test_a_features_own_id_comes_before_its_written_name() -> None:
    assert from_geojson({**feature(name="West"), "id": 12}).fence == "12"


def test_properties_say_what_a_fence_allows_and_for_whom() -> None:
    said = {"kind": "no_go", "version": 4, "max_dwell_s": 600, "max_speed_mps": 5.5, "valid_from_ms": 9}
    fence = from_geojson(feature(id="pit", technicians=["anna"], groups=["north"], **said))
    assert (fence.kind, fence.version, fence.valid_from_ms) == ("no_go", 4, 9)
    assert (fence.max_dwell_s, fence.max_speed_mps) == (600, 5.5)
    assert (fence.technicians, fence.groups) == (("anna",), ("north",))


def test_defaults_count_where_a_feature_does_not_say() -> None:
    defaults = Defaults(kind="depot", version=2, groups=("north",))
    plain, own = fences_from_geojson(
        {
            "type": "FeatureCollection",
            "features": [feature(id="a"), feature(id="b", kind="no_go", version=3)],
        },
        defaults,
    )
    assert (plain.kind, plain.version, plain.groups) == ("depot", 2, ("north",))
    assert (own.kind, own.version) == ("no_go", 3)


def test_two_versions_of_one_fence_may_stand_in_a_file() -> None:
    both = [feature(id="west", version=1), feature(id="west", version=2, valid_from_ms=5)]
    fences = fences_from_geojson({"type": "FeatureCollection", "features": both})
    assert [fence.version for fence in fences] == [1, 2]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "a list, not GeoJSON"),
        ({"type": "Polygon", "coordinates": []}, "its type is 'Polygon'; give a FeatureCollection"),
        ({"features": [AREA]}, "feature 0.*not a GeoJSON Feature"),
        ({"features": [feature(id="a"), feature(id="b"), feature(id="a")]}, "'a': features 0 and 2 both"),
        (feature(POINT, id="a"), "a Point with radius_m None; give the property radius_m"),
        (feature(POINT, id="a", radius_m="80"), "radius_m '80'"),
        (
            feature({"type": "LineString", "coordinates": SQUARE}, id="a"),
            "its geometry is 'LineString'; draw",
        ),
        (feature(None, id="a"), "its geometry is None"),
        (feature({"type": "Polygon", "coordinates": SQUARE}, id="a"), "not as GeoJSON has them"),
        (feature({"type": "Polygon", "coordinates": [["x", "y"]]}, id="a"), "not as GeoJSON has them"),
        (feature({"type": "Polygon"}, id="a"), "its geometry is 'Polygon'"),
        (feature(id="a", cells="8928308280fffff"), "cells are not a list of texts"),
        (feature(id="a", kind="moat"), "a property is wrong .*moat"),
        (feature(id="a", version=0), "a property is wrong .*version"),
        (feature(id="a", max_dwell_s=-5), "a property is wrong .*max_dwell_s"),
        (feature(id="a", technicians="anna"), "a property is wrong .*technicians"),
        (feature(id="a\nb"), "a property is wrong"),
        ({"type": "Feature", "geometry": AREA, "properties": [1]}, "properties are not an object"),
    ],
)
def test_what_is_not_a_fence_is_refused_by_name(document: object, says: str) -> None:
    with pytest.raises(InvalidFence, match=says):
        fences_from_geojson(document)


POINTS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
RINGS = st.lists(POINTS, max_size=5).map(tuple)
GEOMETRIES = st.one_of(
    st.builds(Circle, st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 1e5)),
    st.lists(st.lists(RINGS, max_size=3).map(tuple), max_size=3).map(tuple).map(Polygon),
    st.lists(st.text("0123456789abcdef", min_size=1), min_size=1, max_size=3).map(tuple).map(Cells),
)
NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
FENCES = st.builds(
    Fence,
    fence=NAMES,
    kind=st.sampled_from(["customer_site", "depot", "territory", "no_go", "break_place"]),
    geometry=GEOMETRIES,
    version=st.integers(1, 99),
    name=NAMES,
    valid_from_ms=st.integers(0, 10**12),
    max_dwell_s=st.none() | st.floats(1, 1e6),
    max_speed_mps=st.none() | st.floats(1, 100),
    technicians=st.lists(NAMES, max_size=2).map(tuple),
    groups=st.lists(NAMES, max_size=2).map(tuple),
)


@given(FENCES)
def test_a_fence_survives_the_way_out_and_back(fence: Fence) -> None:
    written = json.dumps(to_geojson(fence))
    assert from_geojson(json.loads(written)) == fence


@given(st.lists(FENCES, max_size=4, unique_by=lambda fence: (fence.fence, fence.version)))
def test_a_collection_survives_it_too(fences: list[Fence]) -> None:
    assert fences_from_geojson(collection(fences)) == tuple(fences)
