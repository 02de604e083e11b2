"""Metres and degrees, and H3 cells.

Coordinates are WGS 84 degrees, distances metres, bearings degrees clockwise from north. Names in the
singular take numbers, their plural twins take NumPy arrays of one shape.
"""

import math

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius, of the sphere that the haversine formula stands on."""
_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 6.694379990141e-3
"""Semi-major axis and squared eccentricity of the WGS 84 ellipsoid."""
_RADIAN = math.pi / 180.0

MAX_RESOLUTION = 15
_RESOLUTION_SHIFT = 52
_SHORTEST_EDGE_SHARE = 0.65
"""Of the mean edge of a resolution, what counts as the world's shortest: a little below the 0.70 found."""


class InvalidCell(ValueError):
    """Not the hexadecimal name of an H3 cell, or of too fine a resolution."""


def degree_m(lat: float) -> tuple[float, float]:
    """Metres in one degree of latitude and one of longitude, on the ellipsoid at `lat`."""
    cosine = math.cos(lat * _RADIAN)
    flattened = 1.0 - _ECCENTRICITY2 * (1.0 - cosine * cosine)
    across = _EQUATOR_M / math.sqrt(flattened) * _RADIAN
    return across * (1.0 - _ECCENTRICITY2) / flattened, across * cosine


def degrees_m(lats: Floats) -> tuple[Floats, Floats]:
    """`degree_m` of many."""
    cosine = np.cos(lats * _RADIAN)
    flattened = 1.0 - _ECCENTRICITY2 * (1.0 - cosine * cosine)
    across = _EQUATOR_M * _RADIAN / np.sqrt(flattened)
    return across * (1.0 - _ECCENTRICITY2) / flattened, across * cosine


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Distance on a plane that touches the ellipsoid halfway.

    Off by less than 0.01 % up to 10 km and 0.1 % up to 100 km, below 70 degrees of latitude.
    """
    # `degree_m`, written out: every ping comes through here.
    cosine = math.cos(0.5 * (lat1 + lat2) * _RADIAN)
    flattened = 1.0 - _ECCENTRICITY2 * (1.0 - cosine * cosine)
    north = (lat2 - lat1) * (1.0 - _ECCENTRICITY2) / flattened
    east = lon2 - lon1
    if not -180.0 <= east < 180.0:
        east = _turn(east)
    east *= cosine
    return _EQUATOR_M * _RADIAN * math.sqrt((north * north + east * east) / flattened)


def distances_m(lats1: Floats, lons1: Floats, lats2: Floats, lons2: Floats) -> Floats:
    """`distance_m` of many."""
    north, east = offsets_m(lats1, lons1, lats2, lons2)
    apart: Floats = np.hypot(north, east)
    return apart


def offsets_m(lats1: Floats, lons1: Floats, lats2: Floats, lons2: Floats) -> tuple[Floats, Floats]:
    """Metres to the north and to the east that lead from the first points to the second ones."""
    lat_m, lon_m = degrees_m(0.5 * (lats1 + lats2))
    turned = (lons2 - lons1 + 180.0) % 360.0 - 180.0
    return (lats2 - lats1) * lat_m, turned * lon_m


def haversine_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance on the sphere, for any two points; within 0.6 % of the ellipsoid's."""
    phi1, phi2 = lat1 * _RADIAN, lat2 * _RADIAN
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin((lon2 - lon1) * _RADIAN / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def haversines_m(lats1: Floats, lons1: Floats, lats2: Floats, lons2: Floats) -> Floats:
    """`haversine_m` of many."""
    phi1, phi2 = lats1 * _RADIAN, lats2 * _RADIAN
    half = (
        np.sin((phi2 - phi1) / 2) ** 2
        + np.cos(phi1) * np.cos(phi2) * np.sin((lons2 - lons1) * _RADIAN / 2) ** 2
    )
    apart: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))
    return apart


def bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Direction in which the great circle from the first point to the second sets out, in [0, 360)."""
    phi1, phi2, turn = lat1 * _RADIAN, lat2 * _RADIAN, (lon2 - lon1) * _RADIAN
    east = math.sin(turn) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360.0 % 360.0  # twice: -1e-20 % 360.0 is 360.0


def destination(lat: float, lon: float, bearing: float, distance: float) -> tuple[float, float]:
    """Latitude and longitude at the end of so many metres along a great circle; inverse to `haversine_m`."""
    phi, course, angle = lat * _RADIAN, bearing * _RADIAN, distance / EARTH_RADIUS_M
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(course)
    east = math.sin(course) * math.sin(angle) * math.cos(phi)
    north = math.cos(angle) - math.sin(phi) * sine
    return math.degrees(math.asin(max(-1.0, min(1.0, sine)))), _turn(
        lon + math.degrees(math.atan2(east, north))
    )


def cell_of(lat: float, lon: float, resolution: int) -> str:
    """The H3 cell that contains a point, in hexadecimal."""
    return format(h3.latlng_to_cell(lat, lon, resolution), "x")


def cell_number(cell: str) -> int:
    """The number of a cell written in hexadecimal. Raises `InvalidCell`."""
    try:
        number = int(cell, 16)
    except ValueError:
        number = 0
    if not 0 < number < 2**63 or not h3.is_valid_cell(number):
        raise InvalidCell(f"{cell!r} is not an H3 cell: write it in hexadecimal, like 8928308280fffff")
    return number


def cell_resolution(cell: str) -> int:
    """0 (1,100 km to an edge) to 15 (0.6 m). Raises `InvalidCell`."""
    resolution: int = h3.get_resolution(cell_number(cell))
    return resolution


def descendants(cell: str, resolution: int) -> tuple[str, str]:
    """First and last name between which lie all of a cell's descendants at `resolution`, and no other's.

    Names of one resolution have the same length, so they sort as text as they do as numbers.
    Raises `InvalidCell` where `cell` is finer than `resolution`.
    """
    number = cell_number(cell)
    own = h3.get_resolution(number)
    if own > resolution:
        raise InvalidCell(
            f"cell {cell} has resolution {own}, finer than the {resolution} kept: ask for its parent "
            f"{h3.cell_to_parent(number, resolution):x}"
        )
    unset = sum(0b111 << 3 * (MAX_RESOLUTION - digit) for digit in range(own + 1, resolution + 1))
    last = 0b110 * (unset // 0b111)
    first = number & ~(0b1111 << _RESOLUTION_SHIFT) & ~unset | resolution << _RESOLUTION_SHIFT
    return format(first, "x"), format(first | last, "x")


def ring(cell: str, k: int) -> tuple[str, ...]:
    """The cells `k` steps away from a cell, sorted; the cell itself where `k` is 0. Raises `InvalidCell`."""
    return tuple(sorted(format(number, "x") for number in h3.grid_ring(cell_number(cell), k)))


def covered_m(resolution: int, rings: int) -> float:
    """How far from any point of a cell everything lies within that many rings around the cell.

    Rows of hexagons stand 1.5 edges apart and reach one edge up and down: what is outside `rings` rings
    begins 1.5 (rings + 1) - 2 edges away. Edges count as the world's shortest.
    """
    edge_m: float = h3.average_hexagon_edge_length(resolution, "m") * _SHORTEST_EDGE_SHARE
    return max(0.0, (1.5 * rings - 0.5) * edge_m)


def _turn(degrees: float) -> float:
    """The same angle in [-180, 180)."""
    if -180.0 <= degrees < 180.0:
        return degrees
    return (degrees + 180.0) % 360.0 - 180.0
