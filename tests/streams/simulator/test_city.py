"""The city: whole, drawable, with a river that only bridges cross."""

from itertools import combinations

import msgspec
import numpy as np
import pytest
import shapely

from streams.simulator import city as cities
from streams.simulator.city import City, CityParams
from streams.simulator.city_geojson import collections
from streams.simulator.streets import Class
from streams.simulator.world import World


def lines(city: City) -> np.ndarray:
    streets = city.streets
    return shapely.linestrings(np.stack([streets.x[streets.ends], streets.y[streets.ends]], axis=2))


def test_a_seed_makes_the_same_city_again_and_another_seed_another() -> None:
    drawn = [msgspec.json.encode(collections(cities.build(seed, CityParams()))) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("seed", range(5))
def test_every_street_can_be_reached_from_every_other(seed: int) -> None:
    streets = cities.build(seed, CityParams()).streets
    assert len(streets.connected().x) == len(streets.x) > 4_000


@pytest.mark.parametrize("seed", range(5))
def test_only_bridges_cross_the_river(seed: int) -> None:
    city = cities.build(seed, CityParams())
    wet = shapely.intersects(lines(city), shapely.Polygon(city.water))
    assert set(city.streets.classes[wet].tolist()) == {Class.BRIDGE}
    assert wet.sum() == city.params.bridges


@pytest.mark.parametrize("seed", range(5))
def test_the_city_is_between_12_and_16_km_wide(seed: int) -> None:
    streets = cities.build(seed, CityParams()).streets
    assert 12_000 <= np.ptp(streets.y) <= np.ptp(streets.x) <= 16_500


@pytest.mark.parametrize("seed", range(5))
def test_districts_cover_all_streets_and_do_not_overlap(seed: int) -> None:
    city = cities.build(seed, CityParams())
    parts = [shapely.Polygon(part.ring) for part in city.districts]
    assert all(part.is_valid for part in parts)
    assert max(a.intersection(b).area for a, b in combinations(parts, 2)) < 1.0
    assert shapely.covers(shapely.union_all(parts).buffer(1), lines(city)).all()


def test_a_district_has_a_name_of_its_own(world: World) -> None:
    names = {part.district for part in world.city.districts}
    assert len(names) == len(world.city.districts) == 6


def test_maps_get_streets_water_and_districts_in_degrees(world: World) -> None:
    layers = collections(world.city)
    assert list(layers) == ["water", "districts", "streets"]
    params = world.city.params
    for layer in layers.values():
        for feature in layer["features"]:
            shape = shapely.from_geojson(msgspec.json.encode(feature["geometry"]))
            assert shape.is_valid
            assert shape.distance(shapely.Point(params.lon, params.lat)) < 0.15


def test_degrees_and_metres_are_inverse(world: World) -> None:
    streets = world.city.streets
    x, y = world.city.plane.metres(*world.city.plane.degrees(streets.x, streets.y))
    assert np.hypot(x - streets.x, y - streets.y).max() < 0.1
