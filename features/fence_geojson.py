"""Fences from GeoJSON and back, so that any map editor can draw them.

Polygon and MultiPolygon are fences as drawn; a Point with the property `radius_m` is a circle; the
property `cells` (a list of H3 cells) makes a cell set, whatever the geometry beside it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from features.fence_events import Cells, Circle, Fence, FenceKind, Polygon
from features.fences import InvalidFence

Json = Mapping[str, Any]

DRAWN = "draw a Polygon or MultiPolygon, a Point with the property radius_m, or give the property cells"
_NAMED_BY = ("id", "fence")
_OPTIONAL = ("max_dwell_s", "max_speed_mps", "valid_from_ms")


class Defaults(msgspec.Struct, frozen=True):
    """What counts where a feature does not say. Without a kind, circles are sites and areas territories."""

    kind: FenceKind | None = None
    version: int = 1
    valid_from_ms: int = 0
    technicians: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


DEFAULTS = Defaults()


def fences_from_geojson(document: object, defaults: Defaults = DEFAULTS) -> tuple[Fence, ...]:
    """The fences of a FeatureCollection or a single Feature, in its order. Raises `InvalidFence`."""
    if not isinstance(document, dict):
        raise InvalidFence("(file)", f"a {type(document).__name__}, not GeoJSON", "give a FeatureCollection")
    features = [document] if document.get("type") == "Feature" else document.get("features")
    if not isinstance(features, list):
        kind = document.get("type")
        raise InvalidFence("(file)", f"its type is {kind!r}", "give a FeatureCollection with features")
    fences = tuple(from_geojson(feature, defaults, number) for number, feature in enumerate(features))
    _check_names(fences)
    return fences


def from_geojson(feature: object, defaults: Defaults = DEFAULTS, number: int = 0) -> Fence:
    """One Feature, number so and so of its file; `prepare` checks its geometry. Raises `InvalidFence`.

    Its name is the property `id` or `fence`, the feature's own `id`, the property `name` made into a
    slug, or its number.
    """
    place = f"feature {number}"
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InvalidFence(place, "not a GeoJSON Feature", "give an object whose type is Feature")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise InvalidFence(place, "its properties are not an object", "give names and values")
    name = _name(feature, properties, number)
    geometry = _geometry(name, feature.get("geometry"), properties)
    plain = {
        "type": "fence",
        "kind": properties.get("kind") or defaults.kind or _usual(geometry),
        "version": properties.get("version", defaults.version),
        "name": str(properties.get("name") or "")[:256],
        "valid_from_ms": defaults.valid_from_ms,
        "technicians": properties.get("technicians", defaults.technicians),
        "groups": properties.get("groups", defaults.groups),
    }
    plain |= {key: properties[key] for key in _OPTIONAL if properties.get(key) is not None}
    return _fence(name, geometry, plain)


def to_geojson(fence: Fence) -> dict[str, Any]:
    """A Feature that `from_geojson` reads back as the same fence. A cell set has no geometry."""
    properties: dict[str, Any] = {
        "fence": fence.fence,
        "kind": fence.kind,
        "version": fence.version,
        "name": fence.name,
        "valid_from_ms": fence.valid_from_ms,
        "max_dwell_s": fence.max_dwell_s,
        "max_speed_mps": fence.max_speed_mps,
        "technicians": list(fence.technicians),
        "groups": list(fence.groups),
    }
    geometry: dict[str, Any] | None = None
    match fence.geometry:
        case Circle() as circle:
            geometry = {"type": "Point", "coordinates": [circle.lon, circle.lat]}
            properties["radius_m"] = circle.radius_m
        case Polygon() as polygon:
            geometry = {"type": "MultiPolygon", "coordinates": _listed(polygon)}
        case Cells() as cells:
            properties["cells"] = list(cells.cells)
    said = {key: value for key, value in properties.items() if value not in (None, "", [])}
    return {"type": "Feature", "properties": said, "geometry": geometry}


def collection(fences: Iterable[Fence]) -> dict[str, Any]:
    """A FeatureCollection of fences."""
    return {"type": "FeatureCollection", "features": [to_geojson(fence) for fence in fences]}


def _name(feature: Json, properties: Json, number: int) -> str:
    for given in (*(properties.get(key) for key in _NAMED_BY), feature.get("id")):
        if given is not None and str(given):
            return str(given)
    slug = re.sub(r"\W+", "-", str(properties.get("name") or "").casefold()).strip("-")
    return slug[:128] or str(number)


def _check_names(fences: Iterable[Fence]) -> None:
    seen: dict[tuple[str, int], int] = {}
    for number, fence in enumerate(fences):
        first = seen.setdefault((fence.fence, fence.version), number)
        if first != number:
            raise InvalidFence(
                fence.fence,
                f"features {first} and {number} both have this name and version {fence.version}",
                "give each feature its own property id, or version",
            )


def _usual(geometry: Circle | Polygon | Cells) -> FenceKind:
    return "customer_site" if isinstance(geometry, Circle) else "territory"


def _geometry(name: str, geometry: object, properties: Json) -> Circle | Polygon | Cells:
    cells = properties.get("cells")
    if isinstance(cells, list) and all(isinstance(cell, str) for cell in cells):
        return Cells(tuple(cells))
    if cells is not None:
        raise InvalidFence(name, "its cells are not a list of texts", "write H3 cells in hexadecimal")
    try:
        match geometry:
            case {"type": "Point", "coordinates": [lon, lat, *_]}:
                return Circle(float(lat), float(lon), _radius_m(name, properties))
            case {"type": "Polygon", "coordinates": list(drawn)}:
                return Polygon((_rings(drawn),))
            case {"type": "MultiPolygon", "coordinates": list(drawn)}:
                return Polygon(tuple(_rings(polygon) for polygon in drawn))
    except InvalidFence:
        raise
    except (TypeError, ValueError, IndexError) as error:
        raise InvalidFence(name, f"its coordinates are not as GeoJSON has them ({error})", DRAWN) from None
    kind = geometry.get("type") if isinstance(geometry, dict) else geometry
    raise InvalidFence(name, f"its geometry is {kind!r}", DRAWN)


def _rings(drawn: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Rings of (longitude, latitude); an altitude is left out."""
    return tuple(tuple((float(point[0]), float(point[1])) for point in ring) for ring in drawn)


def _listed(polygon: Polygon) -> list[list[list[list[float]]]]:
    return [[[list(vertex) for vertex in ring] for ring in rings] for rings in polygon.polygons]


def _radius_m(name: str, properties: Json) -> float:
    radius_m = properties.get("radius_m")
    if isinstance(radius_m, bool) or not isinstance(radius_m, int | float):
        raise InvalidFence(
            name, f"a Point with radius_m {radius_m!r}", "give the property radius_m, in metres"
        )
    return float(radius_m)


def _fence(name: str, geometry: Circle | Polygon | Cells, plain: Json) -> Fence:
    """The geometry stays as it is: what is wrong with it is told better by `prepare`."""
    placeholder = {"type": "circle", "lat": 0.0, "lon": 0.0, "radius_m": 1.0}
    try:
        fence = msgspec.convert({**plain, "fence": name, "geometry": placeholder}, Fence)
    except msgspec.ValidationError as error:
        raise InvalidFence(name, f"a property is wrong ({error})", "correct it in the file") from None
    return msgspec.structs.replace(fence, geometry=geometry)
