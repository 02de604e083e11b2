"""The Faust app of one worker."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import faust
from faust.app import BootStrategy
from faust.types import StreamT

from streams.chunks.agent import Chunk
from streams.chunks.consumer import ChunkTransport
from streams.chunks.handover import Handover
from streams.chunks.options import WorkerOptions
from streams.chunks.schema import ChunkSchema

LOOK_AGAIN_MS = 5_000


class ChunkBoot(BootStrategy):
    """No web server, and no producer: agents send through an outbox of their own."""

    enable_web = False
    enable_kafka_producer = False


class ChunkApp(faust.App):
    """A Faust app whose consumer finds its options and handover here."""

    BootStrategy = ChunkBoot
    options: WorkerOptions
    handover: Handover

    def _create_directories(self) -> None:
        """There are no tables, so there is nothing to put into any."""


def chunk_app(options: WorkerOptions, handover: Handover) -> ChunkApp:
    """With one agent that passes chunks on. Needs a running loop."""
    app = ChunkApp(
        options.group,
        broker=[f"aiokafka://{address.strip()}" for address in options.bootstrap.split(",")],
        datadir=Path(tempfile.gettempdir()),
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_buffer_maxsize=options.waiting_chunks,
        stream_wait_empty=True,
        broker_commit_interval=options.commit_every_s,
        broker_max_poll_records=options.chunk_records,
        broker_max_poll_interval=options.idle_timeout_s,
        broker_session_timeout=options.session_timeout_s,
        broker_heartbeat_interval=options.heartbeat_every_s,
        broker_rebalance_timeout=options.rebalance_timeout_s,
        # A broker may hold the request to join a group for as long as the group waits.
        broker_request_timeout=max(options.rebalance_timeout_s, options.session_timeout_s) + 10.0,
        # A broker that has just come back may not know its topics yet. Who leads the group then deals out no
        # partitions, and looks again after this time; otherwise after five minutes.
        consumer_metadata_max_age_ms=LOOK_AGAIN_MS,
        consumer_max_fetch_size=options.fetch_bytes,
        # Every place is given; where one doesn't hold there must be an error and no jump.
        consumer_auto_offset_reset="none",
        worker_redirect_stdouts=False,
    )
    app.options, app.handover = options, handover
    app.transport = ChunkTransport(app.conf.broker_consumer, app)

    async def pass_on(stream: StreamT[Chunk]) -> None:
        async for chunk in stream:
            await handover.take(chunk)

    app.agent(app.topic(options.topic, schema=ChunkSchema()), name=options.role)(pass_on)
    return app


@asynccontextmanager
async def running_app(options: WorkerOptions, handover: Handover) -> AsyncIterator[None]:
    """The app runs meanwhile. Where it crashes, `handover` fails."""
    app = chunk_app(options, handover)
    app.in_worker = True
    starting = asyncio.create_task(app.start())
    watching = asyncio.create_task(_watch(app, starting, handover))
    try:
        yield
    finally:
        watching.cancel()
        await app.stop()
        starting.cancel()
        await asyncio.wait({starting, watching})


async def _watch(app: ChunkApp, starting: "asyncio.Task[None]", handover: Handover) -> None:
    """A part of Faust that fails takes the app down; it has to take us with it."""
    crashing = asyncio.create_task(app._crashed.wait())
    try:
        await asyncio.wait({starting, crashing}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and (error := starting.exception()) is not None:
            handover.fail(error)
        await crashing
        handover.fail(app.crash_reason or RuntimeError("Faust crashed and gave no reason"))
    finally:
        crashing.cancel()
