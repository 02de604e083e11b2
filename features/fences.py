"""Fences made ready for matching: checked, repaired or refused at load, never at match time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import h3.api.basic_int as h3
import msgspec
import numpy as np
import shapely

from features import geo, rings
from features.fence_events import Cells, Circle, Fence, Polygon
from features.geo import Floats
from features.geofence import Limits
from features.rings import Flaw

MAX_CIRCLE_M = 100_000.0
MAX_CELLS = 1_000_000
_MIN_AREA_M2 = 1.0


class InvalidFence(ValueError):
    """A fence that cannot be used. The message names the fence, what is wrong with it and what to do."""

    def __init__(self, fence: str, problem: str, remedy: str) -> None:
        super().__init__(f"fence {fence!r}: {problem}; {remedy}")
        self.fence = fence
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True, eq=False)
class PreparedFence:
    """A fence with what matching needs.

    `shape` is the outline in metres east and north of (`lat`, `lon`), on a plane on which one degree has
    `lat_m` and `lon_m` metres; a circle has none, its centre and radius say all. `radius_m` is that of the
    circle of equal area. `bounds` are west, south, east, north in degrees. `fence` has the repaired rings.
    """

    fence: Fence
    lat: float
    lon: float
    lat_m: float
    lon_m: float
    radius_m: float
    bounds: tuple[float, float, float, float]
    shape: shapely.MultiPolygon | None
    limits: Limits
    repairs: tuple[str, ...] = ()


def prepare(fence: Fence) -> PreparedFence:
    """Check a fence, repair what can be repaired, project it. Raises `InvalidFence`."""
    try:
        match fence.geometry:
            case Circle() as circle:
                return _circle(fence, circle)
            case Polygon() as polygon:
                return _polygon(fence, polygon)
            case Cells() as cells:
                return _outlined(fence, _union(cells.cells))
    except Flaw as flaw:
        raise InvalidFence(fence.fence, flaw.problem, flaw.remedy) from None


def _limits(fence: Fence) -> Limits:
    for name, limit in (("max_dwell_s", fence.max_dwell_s), ("max_speed_mps", fence.max_speed_mps)):
        if limit is not None and not 0.0 < limit < math.inf:
            raise Flaw(f"{name} is {limit}", "give a number above 0, or leave it out")
    return Limits(fence.max_dwell_s, fence.max_speed_mps)


def _circle(fence: Fence, circle: Circle) -> PreparedFence:
    if not (abs(circle.lat) <= 90.0 and abs(circle.lon) <= 180.0):
        swapped = 90.0 < abs(circle.lat) <= 180.0 and abs(circle.lon) <= 90.0
        raise Flaw(
            f"its centre (latitude {circle.lat:g}, longitude {circle.lon:g}) is not on the globe",
            rings.SWAPPED if swapped else rings.DEGREES,
        )
    if not 0.0 < circle.radius_m <= MAX_CIRCLE_M:
        raise Flaw(
            f"a radius of {circle.radius_m:g} m",
            f"give metres above 0 and up to {MAX_CIRCLE_M:,.0f}, or draw a polygon",
        )
    lat_m, lon_m = geo.degree_m(circle.lat)
    bounds = _circle_bounds(circle, lat_m)
    return PreparedFence(
        fence, circle.lat, circle.lon, lat_m, lon_m, circle.radius_m, bounds, None, _limits(fence)
    )


def _circle_bounds(circle: Circle, lat_m: float) -> tuple[float, float, float, float]:
    up = 1.01 * circle.radius_m / lat_m
    poleward = abs(circle.lat) + up
    if poleward >= 89.9:
        raise Flaw("it reaches a pole", "draw a polygon that does not")
    sideways = 1.01 * circle.radius_m / geo.degree_m(poleward)[1]
    west, east = circle.lon - sideways, circle.lon + sideways
    if west < -180.0 or east > 180.0:
        raise Flaw("it reaches across the antimeridian", rings.SPLIT)
    return west, circle.lat - up, east, circle.lat + up


def _polygon(fence: Fence, polygon: Polygon) -> PreparedFence:
    outline, repairs = rings.sound(polygon.polygons)
    if repairs:
        fence = msgspec.structs.replace(fence, geometry=Polygon(rings.rings_of(outline)))
    return _outlined(fence, outline, repairs)


def _outlined(fence: Fence, outline: shapely.MultiPolygon, repairs: tuple[str, ...] = ()) -> PreparedFence:
    west, south, east, north = outline.bounds
    lat, lon = (south + north) / 2, (west + east) / 2
    lat_m, lon_m = geo.degree_m(lat)
    shape = _projected(outline, np.array([lon, lat]), np.array([lon_m, lat_m]))
    if shape.area < _MIN_AREA_M2:
        raise Flaw(f"an area of {shape.area:.2g} square metres", rings.DRAW)
    radius_m = math.sqrt(shape.area / math.pi)
    bounds = (west, south, east, north)
    return PreparedFence(fence, lat, lon, lat_m, lon_m, radius_m, bounds, shape, _limits(fence), repairs)


def _projected(outline: shapely.MultiPolygon, centre: Floats, degree_m: Floats) -> shapely.MultiPolygon:
    def project(degrees: Floats) -> Floats:
        return (degrees - centre) * degree_m

    shape = shapely.transform(outline, project)
    shapely.prepare(shape)
    return shape


def _union(cells: Sequence[str]) -> shapely.MultiPolygon:
    """The outline of a set of cells; those of coarse resolution stand for their descendants."""
    if not cells:
        raise Flaw("its cell set is empty", "name at least one H3 cell")
    try:
        numbers = {geo.cell_number(cell) for cell in cells}
    except geo.InvalidCell as error:
        raise Flaw(str(error), "correct it, or leave it out") from None
    outline = h3.cells_to_h3shape(_uncompacted(numbers), tight=False)
    polygons = [
        [[(lon, lat) for lat, lon in ring] for ring in (polygon.outer, *polygon.holes)] for polygon in outline
    ]
    return rings.sound(polygons)[0]


def _uncompacted(numbers: set[int]) -> set[int]:
    resolutions = [h3.get_resolution(number) for number in numbers]
    finest = max(resolutions)
    count = sum(7 ** (finest - resolution) for resolution in resolutions)
    if count > MAX_CELLS:
        raise Flaw(
            f"its cells of resolutions {min(resolutions)} to {finest} make {count:,} of the finest",
            f"keep to {MAX_CELLS:,}: use resolutions nearer to each other",
        )
    return set(h3.uncompact_cells(list(numbers), finest))
