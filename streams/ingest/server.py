"""The process behind the HTTP door: listen, and stop when told to."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from streams.adapters.clock import wall_ms
from streams.adapters.outbox import KafkaOutbox
from streams.errors import BadSettings
from streams.ingest.door import Door
from streams.ingest.http import HttpDoor
from streams.ingest.params import HttpParams
from streams.ports import Outbox
from streams.settings import Settings

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Take events until SIGTERM or SIGINT. Raises `BadSettings` where the port can't be had."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    outbox = KafkaOutbox(settings.kafka.bootstrap, client="headway-http")
    try:
        async with listening(Door.of(settings, "http"), outbox, settings.http, wall_ms) as port:
            address = f"http://{settings.http.host}:{port}/v1/events"
            log.info("taking events on %s for Kafka at %s", address, settings.kafka.bootstrap)
            await stop.wait()
    finally:
        await outbox.close()


@asynccontextmanager
async def listening(
    door: Door, outbox: Outbox, params: HttpParams, now_ms: Callable[[], int]
) -> AsyncIterator[int]:
    """A running server; its port. At the end, requests at work are finished and no others taken."""
    app = HttpDoor(door, outbox, params, now_ms).application()
    # We unpack: aiohttp would take a badly packed body for a failure of its own and hang up.
    failures = logging.getLogger(f"{__name__}.failures")
    failures.addFilter(_is_ours)
    runner = web.AppRunner(
        app, access_log=None, logger=failures, shutdown_timeout=params.send_within_s, auto_decompress=False
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, params.host, params.port).start()
        except OSError as error:
            raise BadSettings(
                f"cannot listen on {params.host}:{params.port} ({error.strerror or error}); "
                "HEADWAY_HTTP__HOST and HEADWAY_HTTP__PORT name another place"
            ) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a failure tells an operator anything: clients that talk nonsense or hang up do not."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError)
