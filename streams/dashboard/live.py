"""The stream by which pages hear that something changed; what it is they fetch anew."""

import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from streams.dashboard.news import News
from streams.dashboard.params import BoardParams

if TYPE_CHECKING:
    from streams.dashboard.app import Parts

SETTLE_S = 0.25
"""After something was heard: what was read before it is not fresh any more then."""
RETRY_MS = 1_000


def router(parts: "Parts") -> APIRouter:
    routes = APIRouter()

    @routes.get("/live")
    async def live() -> StreamingResponse:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        told = stream(parts.news, parts.params)
        return StreamingResponse(told, media_type="text/event-stream", headers=headers)

    return routes


async def stream(news: News, params: BoardParams) -> AsyncIterator[str]:
    """`changed` at once and after every change, `beat` where there is none, for `stream_s` or until news end.

    The first `changed` makes up for all that a page may have missed since its last stream.
    """
    revision, ends_s = news.revision, time.monotonic() + params.stream_s
    yield f"retry: {RETRY_MS}\n\n"
    yield _event("changed", news)
    while time.monotonic() < ends_s and not await news.ended():
        if not await news.changed(revision, params.beat_s):
            yield _event("beat", news)
            continue
        if await news.ended(SETTLE_S):
            return
        revision = news.revision
        yield _event("changed", news)
        await news.ended(params.refresh_every_s - SETTLE_S)


def _event(name: str, news: News) -> str:
    """The data says what is away, where something is."""
    return f"event: {name}\nid: {news.revision}\ndata: {news.problem}\n\n"
