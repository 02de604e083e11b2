"""The fleet manager's page."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from streams.dashboard.fleet import Fleet, fleet
from streams.dashboard.pages import Pages
from streams.errors import StoreUnavailable

if TYPE_CHECKING:
    from streams.dashboard.app import Parts


def router(parts: "Parts", pages: Pages) -> APIRouter:
    routes = APIRouter()

    async def seen(selected: str | None) -> Fleet:
        technicians = await parts.reading.everybody()
        return fleet(technicians, parts.news.items, parts.fences.names(), parts.reading.zone, selected)

    def around() -> dict[str, Any]:
        return {
            "params": parts.params,
            "problem": parts.news.problem,
            "fences_revision": parts.fences.revision,
            "nav": "fleet",
        }

    @routes.get("/fleet")
    async def page(technician: str | None = None) -> Response:
        try:
            view = await seen(technician)
        except StoreUnavailable:
            return HTMLResponse(pages.render("waiting.html", **around(), territory="", known=[]))
        return HTMLResponse(pages.render("fleet.html", **around(), fleet=view))

    @routes.get("/fleet/board")
    async def board(technician: str | None = None) -> Response:
        return HTMLResponse(pages.render("fleet_board.html", **around(), fleet=await seen(technician)))

    return routes
