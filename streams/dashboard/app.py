"""The board's web app: who answers which address, and what is said when something is away."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from streams.dashboard import dispatch_routes, fleet_routes, live, map_routes
from streams.dashboard.commands import Desk
from streams.dashboard.fence_map import FenceMap
from streams.dashboard.guard import Guard
from streams.dashboard.news import News
from streams.dashboard.pages import STATIC, Pages
from streams.dashboard.params import BoardParams
from streams.dashboard.reading import Reading
from streams.errors import BrokerUnavailable, HeadwayError, StoreUnavailable, UserError


class Parts(msgspec.Struct, frozen=True):
    """What the app is made of. `base_map` is the text of a GeoJSON file, `wall_ms` the clock on the wall."""

    params: BoardParams
    reading: Reading
    news: News
    desk: Desk
    fences: FenceMap
    wall_ms: Callable[[], int]
    base_map: bytes = b""


class KeptFiles(StaticFiles):
    """Addresses bear a version, so a browser keeps what it has for as long as it likes."""

    def file_response(self, *arguments: object, **more: object) -> Response:
        response = super().file_response(*arguments, **more)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def application(parts: Parts) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await parts.reading.close()

    app = FastAPI(
        title="Headway",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=[Middleware(Guard, params=parts.params)],
        exception_handlers={UserError: _refused, HeadwayError: _away},
    )
    pages = Pages()
    app.include_router(dispatch_routes.router(parts, pages))
    app.include_router(fleet_routes.router(parts, pages))
    app.include_router(map_routes.router(parts))
    app.include_router(live.router(parts))
    app.mount("/static", KeptFiles(directory=STATIC), name="static")

    @app.get("/healthz")
    async def health() -> JSONResponse:
        """200 as long as the process answers: a restart brings neither Kafka nor Redis back."""
        return JSONResponse({"kafka_answered": not parts.news.problem, "revision": parts.news.revision})

    return app


async def _refused(_: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 409)


async def _away(_: Request, error: Exception) -> Response:
    if isinstance(error, StoreUnavailable):
        return PlainTextResponse("Redis does not answer, so nothing new can be read", 503)
    if isinstance(error, BrokerUnavailable):
        return PlainTextResponse(str(error), 503)
    return PlainTextResponse(str(error), 500)
