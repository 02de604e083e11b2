"""The city as GeoJSON FeatureCollections, for maps to draw: streets, water, districts."""

from typing import Any

import numpy as np

from streams.simulator.city import City
from streams.simulator.streets import Class

Collection = dict[str, Any]


def collections(city: City) -> dict[str, Collection]:
    """All layers by name, in drawing order from below."""
    return {"water": water(city), "districts": districts(city), "streets": streets(city)}


def streets(city: City) -> Collection:
    """One MultiLineString a class (`side_street`, `arterial`, `bridge`): light to load, easy to style."""
    return _collection([_lines(city, kind) for kind in Class])


def water(city: City) -> Collection:
    ring = city.plane.ring(city.water)
    return _collection([_feature("Polygon", [ring], {"class": "river"})])


def districts(city: City) -> Collection:
    return _collection(
        [
            _feature("Polygon", [city.plane.ring(part.ring)], {"district": part.district, "name": part.name})
            for part in city.districts
        ]
    )


def _lines(city: City, kind: Class) -> dict[str, Any]:
    ends = city.streets.ends[city.streets.classes == kind]
    lats, lons = city.plane.degrees(city.streets.x[ends], city.streets.y[ends])
    return _feature("MultiLineString", np.stack([lons, lats], axis=2).tolist(), {"class": kind.name.lower()})


def _feature(kind: str, coordinates: object, properties: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _collection(features: list[dict[str, Any]]) -> Collection:
    return {"type": "FeatureCollection", "features": features}
