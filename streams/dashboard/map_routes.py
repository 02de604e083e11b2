"""What the map fetches: what lies under it, and fences."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

if TYPE_CHECKING:
    from streams.dashboard.app import Parts

GEOJSON = "application/geo+json"
EMPTY = b'{"type":"FeatureCollection","features":[]}'


def router(parts: "Parts") -> APIRouter:
    routes = APIRouter()

    @routes.get("/base-map.json")
    async def base_map() -> Response:
        return Response(parts.base_map or EMPTY, media_type=GEOJSON, headers={"cache-control": "max-age=300"})

    @routes.get("/fences.json")
    async def fences(now_ms: int) -> Response:
        return Response(parts.fences.text(now_ms), media_type=GEOJSON)

    return routes
