"""The dispatch page: the page, the parts of it that change, and what people decide on it."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from streams.dashboard.addresses import named, page_of
from streams.dashboard.board import Board, board
from streams.dashboard.day import Day
from streams.dashboard.feed import feed, more
from streams.dashboard.pages import Pages
from streams.dashboard.selection import Selection
from streams.errors import BadInput, StoreUnavailable

if TYPE_CHECKING:
    from streams.dashboard.app import Parts

Text = Annotated[str, Form(max_length=1024)]


def _territory(territory: Annotated[str, Path()]) -> str:
    return named(territory)


Territory = Annotated[str, Depends(_territory)]


def router(parts: "Parts", pages: Pages) -> APIRouter:
    return _Dispatch(parts, pages).routes()


class _Dispatch:
    def __init__(self, parts: "Parts", pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self) -> APIRouter:
        routes = APIRouter()
        routes.add_api_route("/", self.first, response_class=Response)
        routes.add_api_route("/t/{territory}/board", self.board, response_class=HTMLResponse)
        routes.add_api_route("/t/{territory}/feed", self.feed, response_class=HTMLResponse)
        for name in ("accept", "reject", "pin", "request"):
            path = f"/t/{{territory}}/{name}"
            routes.add_api_route(path, getattr(self, name), methods=["POST"], response_class=Response)
        routes.add_api_route("/t/{territory}", self.page, response_class=HTMLResponse)
        routes.add_api_route("/t/{territory:path}", self.elsewhere, response_class=Response)
        return routes

    async def elsewhere(self, territory: str) -> Response:
        """A name with slashes that somebody wrote out."""
        return RedirectResponse(page_of(territory) if territory else "/", 307)

    async def first(self) -> Response:
        """The first territory there is; while there is none, a page that waits for one."""
        try:
            known = await self._parts.reading.territories()
        except StoreUnavailable:
            known = []
        if not known:
            return HTMLResponse(self._pages.render("waiting.html", **self._around(), territory="", known=[]))
        return RedirectResponse(page_of(known[0]), 307)

    async def page(
        self,
        territory: Territory,
        appointment: str | None = None,
        technician: str | None = None,
        sort: str | None = None,
    ) -> Response:
        """Also while nothing can be read: the page then waits and recovers by itself."""
        try:
            known = await self._parts.reading.territories()
            day = await self._parts.reading.day(territory)
        except StoreUnavailable:
            known, day = [], None
        around = {**self._around(), "known": known, "territory": territory}
        if day is None:
            return HTMLResponse(self._pages.render("waiting.html", **around), 200 if not known else 404)
        view = self._board(day, Selection.of(day.territory, appointment, technician, sort))
        lines = feed(day, self._parts.news.items, self._parts.fences.names())
        return HTMLResponse(self._pages.render("dispatch.html", **around, board=view, lines=lines))

    async def board(
        self,
        territory: Territory,
        appointment: str | None = None,
        technician: str | None = None,
        sort: str | None = None,
    ) -> Response:
        day = await self._day(territory)
        view = self._board(day, Selection.of(day.territory, appointment, technician, sort))
        known = await self._parts.reading.territories()
        around = {**self._around(), "known": known, "territory": territory}
        return HTMLResponse(self._pages.render("board.html", **around, board=view))

    async def feed(self, territory: Territory, after: str = "") -> Response:
        """What came after the item `after`; everything, to stand in place of what was there, where it is gone."""
        day, names = await self._day(territory), self._parts.fences.names()
        newer = more(day, self._parts.news, after, names) if after else None
        if newer is not None:
            return HTMLResponse(self._pages.render("feed.html", lines=newer))
        lines = feed(day, self._parts.news.items, names)
        return HTMLResponse(self._pages.render("feed.html", lines=lines), headers={"HX-Reswap": "innerHTML"})

    async def accept(self, request: Request, territory: Territory, proposal: Text) -> Response:
        return await self._decided(request, territory, lambda day: self._parts.desk.accept(day, proposal))

    async def reject(
        self, request: Request, territory: Territory, proposal: Text, why: Text = ""
    ) -> Response:
        return await self._decided(
            request, territory, lambda day: self._parts.desk.reject(day, proposal, why)
        )

    async def pin(
        self, request: Request, territory: Territory, appointment: Text, pinned: Text = "true"
    ) -> Response:
        return await self._decided(
            request, territory, lambda day: self._parts.desk.pin(day, appointment, pinned == "true")
        )

    async def request(self, request: Request, territory: Territory, appointment: Text = "") -> Response:
        return await self._decided(request, territory, lambda day: self._parts.desk.request(day, appointment))

    async def _decided(self, request: Request, territory: str, decide: Any) -> Response:
        """A sentence for a page that stays, the page itself for a browser that leaves it."""
        if self._parts.params.read_only:
            return PlainTextResponse("this board is for looking only", 403)
        said = await decide(await self._day(territory))
        if "hx-request" in request.headers:
            return PlainTextResponse(said, 202)
        return RedirectResponse(page_of(territory), 303)

    async def _day(self, territory: str) -> Day:
        day = await self._parts.reading.day(territory)
        if day is None:
            raise BadInput(f"territory {territory[:128]!r} has no plan today")
        return day

    def _board(self, day: Day, selection: Selection) -> Board:
        news = self._parts.news
        return board(day, selection, news.answers(), self._parts.wall_ms(), news.pace())

    def _around(self) -> dict[str, Any]:
        return {
            "params": self._parts.params,
            "problem": self._parts.news.problem,
            "fences_revision": self._parts.fences.revision,
            "nav": "dispatch",
        }
