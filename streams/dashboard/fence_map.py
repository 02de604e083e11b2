"""Fences as GeoJSON for the map."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import h3
import msgspec

from features.fence_events import Cells, Circle, Fence, Polygon
from features.geo import degree_m
from features.rejection import Rejection
from streams.codec import decode_fence
from streams.fence_book import HeardRecord

CORNERS = 48
"""Of what stands for a circle."""
Collection = dict[str, Any]


class FenceMap:
    """Takes records of `fences`. `heard` is called when there was something new."""

    def __init__(self, heard: Callable[[], None] = lambda: None) -> None:
        self._fences: dict[tuple[str, int], Fence] = {}
        self._heard = heard
        self.revision = 0

    def hear(self, records: Sequence[HeardRecord]) -> None:
        """What is no fence is for the workers to tell."""
        for record in records:
            fence = None if record.value is None else decode_fence(record.value)
            if fence is not None and not isinstance(fence, Rejection):
                self._fences[fence.fence, fence.version] = fence
        self.revision += 1
        self._heard()

    def valid(self, now_ms: int) -> dict[str, Fence]:
        """The versions that hold at a moment, by fence."""
        holding: dict[str, Fence] = {}
        for fence in self._fences.values():
            before = holding.get(fence.fence)
            if fence.valid_from_ms <= now_ms and (before is None or _rank(before) < _rank(fence)):
                holding[fence.fence] = fence
        return {name: fence for name, fence in holding.items() if not fence.removed}

    def names(self) -> dict[str, str]:
        return {fence.fence: fence.name for fence in self._fences.values() if fence.name}

    def text(self, now_ms: int) -> bytes:
        """All that hold, as a GeoJSON FeatureCollection."""
        features = [_feature(fence) for fence in self.valid(now_ms).values()]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _rank(fence: Fence) -> tuple[int, int]:
    return fence.valid_from_ms, fence.version


def _feature(fence: Fence) -> Collection:
    return {
        "type": "Feature",
        "properties": {"fence": fence.fence, "name": fence.name or fence.fence, "kind": fence.kind},
        "geometry": _geometry(fence.geometry),
    }


def _geometry(geometry: Circle | Polygon | Cells) -> Collection:
    match geometry:
        case Circle():
            return {"type": "Polygon", "coordinates": [_ring(geometry)]}
        case Polygon():
            return {"type": "MultiPolygon", "coordinates": geometry.polygons}
        case Cells():
            return dict(h3.cells_to_geo(geometry.cells))


def _ring(circle: Circle) -> list[tuple[float, float]]:
    lat_m, lon_m = degree_m(circle.lat)
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS + 1)]
    return [
        (
            circle.lon + circle.radius_m * math.cos(turn) / lon_m,
            circle.lat + circle.radius_m * math.sin(turn) / lat_m,
        )
        for turn in turns
    ]
