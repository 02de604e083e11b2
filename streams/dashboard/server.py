"""The process behind the board: its parts put together, and a server that ends in order."""

import asyncio
import logging
import socket
from pathlib import Path

import msgspec
import uvicorn

from streams.adapters.broadcast import Broadcast
from streams.adapters.clock import wall_ms
from streams.adapters.outbox import KafkaOutbox
from streams.bootstrap import open_queries, open_risks, open_territories
from streams.chunks import retrying
from streams.dashboard.app import Parts, application
from streams.dashboard.commands import Desk
from streams.dashboard.fence_map import FenceMap
from streams.dashboard.follower import Follower
from streams.dashboard.news import News
from streams.dashboard.pages import STATIC
from streams.dashboard.params import BoardParams
from streams.dashboard.reading import Reading, Sources
from streams.errors import BadSettings
from streams.settings import Settings
from streams.topics import Topics

STREAMS_END_WITHIN_S = 3
"""What else is being answered may take so long when the board ends."""
log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT. Raises `BadSettings` where the port or the base map can't be had."""
    params, topics = settings.board, Topics.of(settings)
    news = News(params.remembered_news, wall_ms)
    fences = FenceMap(news.touch)
    outbox = KafkaOutbox(settings.kafka.bootstrap, client="headway-board")
    sources = Sources(open_territories(settings), open_risks(settings), open_queries(settings))
    reading = Reading(sources, news, settings.decisions.time_zone, settings.decisions.rebalancing)
    desk = Desk(outbox, topics.territories, params.by, params.send_within_s, news.answered)
    parts = Parts(params, reading, news, desk, fences, wall_ms, base_map(params))
    follower = Follower(settings.kafka.bootstrap, topics, news)
    broadcast = Broadcast(settings.kafka.bootstrap, topics.fences, fences.hear)
    with listening(params) as there:
        log.info("the board is at http://%s:%d/", params.host, there.getsockname()[1])
        follower.start()
        reading_fences = asyncio.create_task(retrying(broadcast.start, doing="reading the fences"))
        try:
            await Server(parts).serve([there])
        finally:
            reading_fences.cancel()
            await asyncio.wait({reading_fences})
            await broadcast.stop()
            await follower.stop()
            await outbox.close()


class Server(uvicorn.Server):
    """Streams of open pages are told to end before it waits for them: cancelled, they would end in an error."""

    def __init__(self, parts: Parts) -> None:
        config = uvicorn.Config(
            application(parts),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STREAMS_END_WITHIN_S,
            server_header=False,
        )
        super().__init__(config)
        self._news = parts.news

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._news.end()
        await super().shutdown(sockets)


def listening(params: BoardParams) -> socket.socket:
    """Who connects is answered once the server runs. Raises `BadSettings`."""
    family = socket.AF_INET6 if ":" in params.host else socket.AF_INET
    there = socket.socket(family)
    there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        there.bind((params.host, params.port))
        there.listen(128)
    except OSError as error:
        there.close()
        raise BadSettings(
            f"the board cannot listen on {params.host}:{params.port} ({error.strerror or error}); "
            "--host and --port, or HEADWAY_BOARD__HOST and HEADWAY_BOARD__PORT, name another place"
        ) from error
    return there


def base_map(params: BoardParams) -> bytes:
    """The text of the GeoJSON file, b"" for none. Raises `BadSettings`."""
    if not params.base_map:
        return b""
    try:
        text = Path(params.base_map).read_bytes()
        found = msgspec.json.decode(text)
    except (OSError, msgspec.DecodeError) as error:
        raise BadSettings(
            f"board.base_map {params.base_map}: {error}; name a GeoJSON file, or none"
        ) from error
    if not isinstance(found, dict) or found.get("type") != "FeatureCollection":
        raise BadSettings(
            f"board.base_map {params.base_map} is no GeoJSON FeatureCollection; name one, or none"
        )
    return text


def check_vendored() -> None:
    """Raises `BadSettings` where the scripts that pages load were never brought here."""
    if not (STATIC / "vendor" / "htmx.min.js").exists():
        raise BadSettings(
            f"{STATIC / 'vendor'} has not what the board's pages load; `make setup` brings it there from npm"
        )
