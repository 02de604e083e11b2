"""Who may talk to the board: browsers that know it by its name, and pages of its own."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from streams.dashboard.params import BoardParams

LOCAL = ("127.0.0.1", "localhost", "::1")
SAFE = ("GET", "HEAD")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """Refuses foreign names (a name that was bound anew to this machine) and foreign pages' commands."""

    def __init__(self, app: App, params: BoardParams) -> None:
        self._app = app
        self._names = {*LOCAL, params.host, *params.names}
        self._headers = [(name.encode(), value.encode()) for name, value in headers(params).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        answer = self._app if refusal is None else PlainTextResponse(refusal, 403)
        await answer(scope, receive, sending)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if _name(f"//{host}") not in self._names:
            return f"the board does not go by the name {host[:200]!r}; [board] names can say that it does"
        if method in SAFE:
            return None
        origin = headers.get("origin", "")
        if urlsplit(origin).netloc != host or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "a command has to come from a page of the board itself"
        return None


def headers(params: BoardParams) -> dict[str, str]:
    """What every answer bears. Tiles are the only thing that may come from elsewhere."""
    elsewhere = f" {_origin(params.tiles)}" if params.tiles else ""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": f"'self' data: blob:{elsewhere}",
        "connect-src": f"'self'{elsewhere}",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
