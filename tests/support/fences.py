"""Fences around one place, drawn in metres, and fixes among them."""

from collections.abc import Iterable

from features import geo
from features.fence_events import Circle, Fence, FenceKind, Polygon
from features.fence_index import FenceIndex
from features.fences import prepare
from features.fix import Fix, Sighting

LAT, LON = 30.27, -97.74
LAT_M, LON_M = geo.degree_m(LAT)
Place = tuple[float, float]
"""Metres east and north of the middle."""


def degrees(place: Place) -> Place:
    return LON + place[0] / LON_M, LAT + place[1] / LAT_M


def at(east_m: float, north_m: float = 0.0, time_s: float = 0.0, exact: bool = True) -> Fix:
    lon, lat = degrees((east_m, north_m))
    return Fix(round(time_s * 1000), lat, lon, 5.0, exact)


def circle(name: str, place: Place = (0, 0), radius_m: float = 100.0, **more: int) -> Fence:
    lon, lat = degrees(place)
    return Fence(fence=name, kind="customer_site", geometry=Circle(lat, lon, radius_m), **more)


def area(name: str, *rings: Iterable[Place], kind: FenceKind = "territory") -> Fence:
    drawn = tuple(tuple(degrees(place) for place in ring) for ring in rings)
    return Fence(fence=name, kind=kind, geometry=Polygon((drawn,)))


def square(half_m: float) -> list[Place]:
    return [(-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m)]


def reach_m(kind: FenceKind, radius_m: float) -> float:
    return max(20.0, 0.1 * radius_m) + 50.0


def index_of(fences: Iterable[Fence]) -> FenceIndex:
    return FenceIndex.of([prepare(fence) for fence in fences], reach_m)


def sight(fences: Iterable[Fence], fix: Fix, before: Fix | None = None) -> tuple[Sighting, ...]:
    return index_of(fences).sight([fix], [before])[0]
