"""Rings of (longitude, latitude) made into sound polygons: checked, repaired, or refused.

Rings come from other people's maps. What can be understood in one way only is repaired and said;
what cannot is refused with the ring, the vertex and the remedy named.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from features.geo import Floats

Ring = Sequence[tuple[float, float]]

SPLIT = "split it along the 180th meridian into two polygons of one fence"
DRAW = "draw it again, or leave it out"
SWAPPED = "latitude and longitude look swapped: write longitude first"
DEGREES = "write WGS 84 degrees, longitude first, -180 to 180 and -90 to 90"


class Flaw(ValueError):
    """Why an outline cannot be used, and what to do. Whoever knows the fence's name adds it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


def sound(polygons: Sequence[Sequence[Ring]]) -> tuple[shapely.MultiPolygon, tuple[str, ...]]:
    """A valid multipolygon in degrees, and what was repaired on the way. Raises `Flaw`."""
    if not polygons:
        raise Flaw("no polygons", DRAW)
    repairs: list[str] = []
    whole = shapely.MultiPolygon([_polygon(rings, n, repairs) for n, rings in enumerate(polygons)])
    west, _, east, _ = whole.bounds
    if east - west > 180.0:
        raise Flaw(f"reaches from longitude {west:g} to {east:g}, across the antimeridian", SPLIT)
    return _valid(whole, repairs), tuple(repairs)


def rings_of(outline: shapely.MultiPolygon) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """The inverse: polygons of rings of (longitude, latitude), the shell first."""
    return tuple(
        tuple(
            tuple((float(lon), float(lat)) for lon, lat in ring.coords)
            for ring in (polygon.exterior, *polygon.interiors)
        )
        for polygon in outline.geoms
    )


def _polygon(rings: Sequence[Ring], number: int, repairs: list[str]) -> shapely.Polygon:
    if not rings:
        raise Flaw(f"polygon {number} has no rings", DRAW)
    shell = _vertices(rings[0], f"polygon {number}, shell")
    if (flaw := _emptiness(shell)) is not None:
        raise Flaw(f"polygon {number}, shell: {flaw}", DRAW)
    return shapely.Polygon(shell, list(_holes(rings[1:], number, repairs)))


def _holes(rings: Sequence[Ring], number: int, repairs: list[str]) -> Iterator[Floats]:
    """A hole without area takes nothing away, so it is dropped."""
    for n, ring in enumerate(rings):
        vertices = _vertices(ring, f"polygon {number}, hole {n}")
        if (flaw := _emptiness(vertices)) is None:
            yield vertices
        else:
            repairs.append(f"polygon {number}, hole {n}: {flaw}; dropped")


def _vertices(ring: Ring, where: str) -> Floats:
    """A ring's vertices, closed, of shape (n, 2)."""
    vertices = np.array([vertex[:2] for vertex in ring], dtype=np.float64).reshape(-1, 2)
    _check_degrees(vertices, where)
    jumps = np.flatnonzero(np.abs(np.diff(vertices[:, 0])) > 180.0)
    if len(jumps):
        raise Flaw(f"{where}, vertex {jumps[0] + 1} lies across the antimeridian from the one before", SPLIT)
    if len(vertices) and (vertices[0] != vertices[-1]).any():
        vertices = np.vstack([vertices, vertices[:1]])
    return vertices


def _check_degrees(vertices: Floats, where: str) -> None:
    beyond = ~((np.abs(vertices[:, 0]) <= 180.0) & (np.abs(vertices[:, 1]) <= 90.0))
    if not beyond.any():
        return
    first = int(np.flatnonzero(beyond)[0])
    lon, lat = (float(degrees) for degrees in vertices[first])
    problem = f"{where}, vertex {first} (longitude {lon:g}, latitude {lat:g}) is not on the globe"
    raise Flaw(problem, SWAPPED if 90.0 < abs(lat) <= 180.0 and abs(lon) <= 90.0 else DEGREES)


def _emptiness(vertices: Floats) -> str | None:
    distinct = len(np.unique(vertices, axis=0))
    if distinct < 3:
        return f"{distinct} distinct points, and a ring needs 3"
    if shapely.LineString(vertices).convex_hull.area == 0.0:
        return f"no area, for all {distinct} points lie on one line"
    return None


def _valid(whole: shapely.MultiPolygon, repairs: list[str]) -> shapely.MultiPolygon:
    if shapely.is_valid(whole):
        return whole
    reason = shapely.is_valid_reason(whole)
    parts = shapely.get_parts(shapely.make_valid(whole, method="structure", keep_collapsed=False))
    kept = [part for part in parts if part.geom_type == "Polygon" and part.area > 0.0]
    if not kept:
        raise Flaw(f"nothing is left of it after repair ({reason})", DRAW)
    repaired = shapely.MultiPolygon(kept)
    change = 100.0 * (repaired.area / whole.area - 1.0) if whole.area else 0.0
    repairs.append(f"{reason}: made valid, area changed by {change:+.2f} %")
    return repaired
