"""The HTTP door: `POST /v1/events` takes events, `GET /healthz` says that it is there.

    curl -H 'Content-Type: application/x-ndjson' --data-binary @events.ndjson http://127.0.0.1:8008/v1/events

| answer | when |
|---|---|
| 202 | at least one event was accepted, and Kafka has all: the accepted, and the rejected as dead letters |
| 400 | no event was accepted (the rejected are dead letters), or there was none in the body |
| 408 | the body took longer than `read_within_s` |
| 413 | a body over `max_body_bytes`, or more than `max_events` events |
| 415 | neither application/json nor application/x-ndjson in UTF-8, or packed otherwise than by gzip |
| 503 | Kafka is away or the door too busy: send the whole request again after `Retry-After` seconds |

202 and 400 say `{"accepted": 2, "rejected": [{"index": 0, "reason": "malformed", "detail": "..."}]}`, where
`index` counts the request's events from 0; all others `{"error": "..."}`. A request sent again after a 503 or
a lost connection may be in the log twice: telemetry drops the repetition, and an office's fact said again
changes nothing more. Which events are taken, and why decisions are not, is in `admission.py`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from streams.errors import HeadwayError
from streams.ingest.bodies import events_of
from streams.ingest.door import Door, Taken
from streams.ingest.params import HttpParams
from streams.ports import Outbox

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(msgspec.Struct, frozen=True):
    """One rejected event. `index` counts the events of a request from 0."""

    index: int
    reason: str
    detail: str


class Answer(msgspec.Struct, frozen=True):
    accepted: int
    rejected: list[Refused]


class Problem(msgspec.Struct, frozen=True):
    error: str


class Health(msgspec.Struct, frozen=True):
    """`kafka_answered` is of the last request with events; `counts` begin with the process."""

    kafka_answered: bool
    counts: dict[str, int]


class HttpDoor:
    """Answers requests. `now_ms` is the clock by which events are received."""

    def __init__(self, door: Door, outbox: Outbox, params: HttpParams, now_ms: Callable[[], int]) -> None:
        self._door, self._outbox, self._params, self._now_ms = door, outbox, params, now_ms
        self._counts: Counter[str] = Counter()
        self._at_work = 0
        self._kafka_answered = True

    def application(self) -> web.Application:
        app = web.Application(client_max_size=self._params.max_body_bytes, middlewares=[_in_json])
        app.router.add_post("/v1/events", self.events)
        app.router.add_get("/healthz", self.health)
        return app

    async def health(self, _: web.Request) -> web.Response:
        """200 as long as the process answers, also while Kafka is away: a restart would not bring it back."""
        return _answer(200, Health(self._kafka_answered, dict(self._counts)))

    async def events(self, request: web.Request) -> web.Response:
        if self._at_work >= self._params.max_waiting:
            return self._later(f"{self._at_work} requests are at work already")
        self._at_work += 1
        try:
            values = await events_of(request, self._params)
            received_ms = self._now_ms()
            taken = [self._door.take(value, index, received_ms) for index, value in enumerate(values)]
            return await self._sent(taken)
        finally:
            self._at_work -= 1

    async def _sent(self, taken: list[Taken]) -> web.Response:
        try:
            async with asyncio.timeout(self._params.send_within_s):
                await self._outbox.send([one.message for one in taken])
        except TimeoutError:
            return self._away(f"Kafka has not confirmed in {self._params.send_within_s:g} s")
        except HeadwayError as error:
            return self._away(str(error))
        if not self._kafka_answered:
            log.info("Kafka answers again")
        self._kafka_answered = True
        self._counts.update(one.outcome for one in taken)
        rejected = [
            Refused(index, one.rejection.reason, one.rejection.detail)
            for index, one in enumerate(taken)
            if one.rejection is not None
        ]
        accepted = len(taken) - len(rejected)
        return _answer(202 if accepted else 400, Answer(accepted, rejected))

    def _away(self, why: str) -> web.Response:
        if self._kafka_answered:
            log.warning("%s; until it answers, clients hear 503", why)
        self._kafka_answered = False
        return self._later("Kafka does not answer")

    def _later(self, why: str) -> web.Response:
        after_s = self._params.retry_after_s
        response = _answer(503, Problem(f"{why}: send the whole request again in {after_s} s"))
        response.headers["Retry-After"] = str(after_s)
        return response


@web.middleware
async def _in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors in the same language as answers."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        response = _answer(error.status, Problem(error.text or error.reason))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response


def _answer(status: int, what: msgspec.Struct) -> web.Response:
    body = msgspec.json.encode(what) + b"\n"
    return web.Response(status=status, body=body, content_type="application/json")
