"""A flat map of the city: metres east and north of its centre, and back to degrees.

Equirectangular about the centre, x = R cos(lat0) (lon - lon0), y = R (lat - lat0). Over a city of
16 km the error is under 0.1 %.
"""

from dataclasses import dataclass
from math import cos, pi, radians

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = EARTH_RADIUS_M * pi / 180
DECIMALS = 6
"""Of a degree, on the wire: 0.1 m, far below what GPS tells."""


@dataclass(frozen=True)
class Plane:
    """The map whose (0, 0) is at `lat`, `lon` (degrees)."""

    lat: float
    lon: float

    @property
    def metres_per_lon_degree(self) -> float:
        return METRES_PER_DEGREE * cos(radians(self.lat))

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Metres to (latitudes, longitudes), rounded as they go on the wire."""
        lat = self.lat + np.asarray(y) / METRES_PER_DEGREE
        lon = self.lon + np.asarray(x) / self.metres_per_lon_degree
        return np.round(lat, DECIMALS), np.round(lon, DECIMALS)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """One point in metres to (latitude, longitude)."""
        lat, lon = self.lat + y / METRES_PER_DEGREE, self.lon + x / self.metres_per_lon_degree
        return round(float(lat), DECIMALS), round(float(lon), DECIMALS)

    def metres(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Degrees to (x, y) in metres."""
        return (
            (np.asarray(lon) - self.lon) * self.metres_per_lon_degree,
            (np.asarray(lat) - self.lat) * METRES_PER_DEGREE,
        )

    def ring(self, points: Floats) -> tuple[tuple[float, float], ...]:
        """Points in metres, shape (n, 2), to a closed GeoJSON ring of (longitude, latitude)."""
        lats, lons = self.degrees(points[:, 0], points[:, 1])
        ring = [(float(lon), float(lat)) for lat, lon in zip(lats, lons, strict=True)]
        return tuple(ring if ring[0] == ring[-1] else [*ring, ring[0]])
