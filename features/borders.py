"""How far fixes are from the borders of fences, and which ways cut a fence that contains neither end.

A pair is a fix (`at`, its row in the batch) and a fence (`row`, its row among the borders).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from features import geo
from features.fences import PreparedFence
from features.geo import Floats
from features.ways import Flags, Ints, Shapes, Ways


@dataclass(frozen=True, slots=True)
class Borders:
    """The geometry of fences as columns. `reach_m` is how far beyond its border a fence wants to be seen.

    An outlined fence has a `shape`, the lines of its `border`, and a `zone` that holds at least all places
    within reach; a circle has None for them.
    """

    lat: Floats
    lon: Floats
    lat_m: Floats
    lon_m: Floats
    radius_m: Floats
    reach_m: Floats
    outlined: Flags
    shape: Shapes
    border: Shapes
    zone: Shapes


@dataclass(frozen=True, slots=True)
class Pairs:
    at: Ints
    row: Ints

    def where(self, chosen: Flags | Ints) -> "Pairs":
        return Pairs(self.at[chosen], self.row[chosen])


@dataclass(frozen=True, slots=True)
class Seen:
    """A row for each pair that sees its fence: within reach or crossed. `beyond_m` is 0 or less inside."""

    pairs: Pairs
    beyond_m: Floats
    crossed: Flags

    @classmethod
    def of(cls, pairs: Pairs, beyond_m: Floats, reach_m: Floats, crossed: Flags) -> "Seen":
        chosen = (beyond_m <= reach_m) | crossed
        return cls(pairs.where(chosen), beyond_m[chosen], crossed[chosen])


def borders_of(fences: Sequence[PreparedFence], reach_m: Sequence[float]) -> Borders:
    columns = np.array(
        [(one.lat, one.lon, one.lat_m, one.lon_m, one.radius_m) for one in fences], dtype=np.float64
    ).reshape(-1, 5)
    lat, lon, lat_m, lon_m, radius_m = np.ascontiguousarray(columns.T)
    shape = np.empty(len(fences), dtype=np.object_)
    shape[:] = [one.shape for one in fences]
    outlined = np.array([one.shape is not None for one in fences], dtype=np.bool_)
    reach = np.array(reach_m, dtype=np.float64)
    border, zone = shapely.boundary(shape), _zones(shape, reach)
    shapely.prepare(border)
    return Borders(lat, lon, lat_m, lon_m, radius_m, reach, outlined, shape, border, zone)


def _zones(shape: Shapes, reach_m: Floats) -> Shapes:
    """At least all within reach of the convex hull: cheap to make and to look up.

    A tenth more makes good what a buffer lacks: GEOS takes 1 % off by simplifying, and cuts round corners
    in steps of one and a half quanta at most, here 34 degrees, which takes another 4.3 %.
    """
    zones = shapely.buffer(shapely.convex_hull(shape), 1.1 * reach_m, quad_segs=4)
    shapely.prepare(zones)
    return zones


def see(ways: Ways, borders: Borders, pairs: Pairs) -> Seen:
    """What the fixes see of the fences, ordered by fix and fence."""
    outlined = borders.outlined[pairs.row]
    if not outlined.any():
        return _ordered(_see_circles(ways, borders, pairs))
    outlines = _see_outlines(ways, borders, pairs.where(outlined))
    if outlined.all():
        return _ordered(outlines)
    circles = _see_circles(ways, borders, pairs.where(~outlined))
    return _ordered(_both(circles, outlines))


def _both(one: Seen, other: Seen) -> Seen:
    return Seen(
        Pairs(
            np.concatenate([one.pairs.at, other.pairs.at]), np.concatenate([one.pairs.row, other.pairs.row])
        ),
        np.concatenate([one.beyond_m, other.beyond_m]),
        np.concatenate([one.crossed, other.crossed]),
    )


def _ordered(seen: Seen) -> Seen:
    order = np.lexsort((seen.pairs.row, seen.pairs.at))
    return Seen(seen.pairs.where(order), seen.beyond_m[order], seen.crossed[order])


def _see_circles(ways: Ways, borders: Borders, pairs: Pairs) -> Seen:
    lat, lon, radius_m = borders.lat[pairs.row], borders.lon[pairs.row], borders.radius_m[pairs.row]
    north, east = geo.offsets_m(lat, lon, ways.lat[pairs.at], ways.lon[pairs.at])
    beyond_m = np.hypot(north, east) - radius_m
    from_north, from_east = geo.offsets_m(lat, lon, ways.from_lat[pairs.at], ways.from_lon[pairs.at])
    outside = (beyond_m > 0.0) & (np.hypot(from_north, from_east) > radius_m) & ways.led[pairs.at]
    passed_m = _passed_m(from_north, from_east, north, east)
    return Seen.of(pairs, beyond_m, borders.reach_m[pairs.row], outside & (passed_m < radius_m))


def _passed_m(from_north: Floats, from_east: Floats, north: Floats, east: Floats) -> Floats:
    """How near to the origin straight ways come."""
    along_north, along_east = north - from_north, east - from_east
    length2 = along_north**2 + along_east**2
    share = -(from_north * along_north + from_east * along_east) / np.where(length2 > 0.0, length2, 1.0)
    share = np.clip(share, 0.0, 1.0)
    return np.hypot(from_north + share * along_north, from_east + share * along_east)


def _see_outlines(ways: Ways, borders: Borders, pairs: Pairs) -> Seen:
    """Inside an outline `beyond_m` is 0: how deep inside is not measured."""
    beyond_m, crossed = np.zeros(len(pairs.at)), np.zeros(len(pairs.at), dtype=np.bool_)
    east, north = _on_plane(borders, pairs, ways.lat, ways.lon)
    outside = ~shapely.intersects_xy(borders.shape[pairs.row], east, north)
    rest, east, north = pairs.where(outside), east[outside], north[outside]
    crossed[outside] = cut = _cut(ways, borders, rest, east, north)
    beyond_m[outside] = _beyond_m(borders, rest, cut, east, north)
    return Seen.of(pairs, beyond_m, borders.reach_m[pairs.row], crossed)


def _on_plane(borders: Borders, pairs: Pairs, lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
    """Metres to the east and north on the plane of each pair's fence."""
    east = (lons[pairs.at] - borders.lon[pairs.row]) * borders.lon_m[pairs.row]
    return east, (lats[pairs.at] - borders.lat[pairs.row]) * borders.lat_m[pairs.row]


def _cut(ways: Ways, borders: Borders, pairs: Pairs, east: Floats, north: Floats) -> Flags:
    """Which ways to these places, all outside, cut the outline and did not begin inside it."""
    cut = ways.led[pairs.at]
    led = pairs.where(cut)
    if not len(led.at):
        return cut
    from_east, from_north = _on_plane(borders, led, ways.from_lat, ways.from_lon)
    ends = np.stack([from_east, from_north, east[cut], north[cut]], axis=1).reshape(-1, 2, 2)
    shapes = borders.shape[led.row]
    cut[cut] = shapely.intersects(shapes, shapely.linestrings(ends)) & ~shapely.intersects_xy(
        shapes, from_east, from_north
    )
    return cut


def _beyond_m(borders: Borders, pairs: Pairs, crossed: Flags, east: Floats, north: Floats) -> Floats:
    """Distances where they matter, else infinity."""
    wanted = shapely.intersects_xy(borders.zone[pairs.row], east, north) | crossed
    points = shapely.points(east[wanted], north[wanted])
    beyond_m = np.full(len(east), np.inf)
    # `shapely.distance` looks at every vertex; the shortest line uses what was prepared, and looks at few.
    lines = shapely.shortest_line(borders.border[pairs.row[wanted]], points)
    beyond_m[wanted] = shapely.length(lines)
    return beyond_m
