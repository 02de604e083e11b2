"""One role's worker: a Faust app over the chunk transport, from start to exit code."""

import asyncio
import logging
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import faust
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faust.app import BootStrategy
from faust.types import StreamT

from streams.chunks import compat, logs
from streams.chunks.agent import Chunk, ChunkAgent
from streams.chunks.consumer import ChunkTransport
from streams.chunks.handover import Handover
from streams.chunks.options import WorkerOptions
from streams.chunks.outage import OutageWatch
from streams.chunks.retrying import retrying
from streams.chunks.schema import ChunkSchema
from streams.errors import BadInput, BrokerUnavailable, UserError

LOOK_EVERY_S = 1.0
Build = Callable[[], AbstractAsyncContextManager[ChunkAgent]]
"""Makes the agent, with all that it needs, on the worker's loop, and takes it down again."""

log = logging.getLogger(__name__)


class _Boot(BootStrategy):
    """No web server, and no producer: agents send through an outbox of their own."""

    enable_web = False
    enable_kafka_producer = False


class ChunkApp(faust.App):
    """A Faust app whose consumer finds its options and handover here."""

    BootStrategy = _Boot
    options: WorkerOptions
    handover: Handover

    def _create_directories(self) -> None:
        """There are no tables, so there is nothing to put into any."""


def chunk_app(options: WorkerOptions, handover: Handover) -> ChunkApp:
    """The app of one worker, with one agent that passes chunks on. Needs a running loop."""
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
        broker_request_timeout=options.rebalance_timeout_s + 10.0,
        consumer_max_fetch_size=options.fetch_bytes,
        # Places are always given; without one there must be an error and not a jump.
        consumer_auto_offset_reset="none",
        # Kafka's checksums guard disks and networks, and TCP is checked already.
        broker_check_crcs=False,
        worker_redirect_stdouts=False,
    )
    app.options, app.handover = options, handover
    app.transport = ChunkTransport(app.conf.broker_consumer, app)

    async def pass_on(stream: StreamT[Chunk]) -> None:
        async for chunk in stream:
            await handover.take(chunk)

    app.agent(app.topic(options.topic, schema=ChunkSchema()), name=options.role)(pass_on)
    return app


def run_worker(options: WorkerOptions, build: Build, *, level: str = "INFO") -> int:
    """Work until SIGINT or SIGTERM; the exit code: 0, or 1 where something failed, or 2 for a user's mistake."""
    with suppress(ImportError):
        import uvloop

        # By policy, for Faust makes the loop of its consumer's thread itself.
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return asyncio.run(_until_signalled(options, build, level))


async def _until_signalled(options: WorkerOptions, build: Build, level: str) -> int:
    watch = OutageWatch(options.bootstrap)
    logs.configure(level, watch.notice)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _on_signal, number, stop)
    watching = asyncio.create_task(watch.run())
    try:
        return await work(options, build, stop)
    finally:
        watching.cancel()


def _on_signal(number: signal.Signals, stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(128 + number)
    stop.set()


async def work(options: WorkerOptions, build: Build, stop: asyncio.Event) -> int:
    """Work until `stop` is set or something fails; the exit code."""
    compat.check()
    log.info("%s: starting on %s at %s", options.role, options.topic, options.bootstrap)
    serving = asyncio.create_task(_serve(options, build, stop))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        await asyncio.wait({serving}, timeout=options.stop_within_s)
    stopped.cancel()
    if not serving.done():
        # Nothing is lost: what isn't committed is read again.
        log.warning("%s: did not stop within %.0f s; leaving at once", options.role, options.stop_within_s)
        logging.shutdown()
        os._exit(0)
    return _exit_code(options, serving)


def _exit_code(options: WorkerOptions, serving: "asyncio.Task[BaseException | None]") -> int:
    error = serving.exception() or serving.result()
    if serving.exception() is not None:
        _report(serving.exception())
    log.info("%s: stopped", options.role)
    if error is None:
        return 0
    return 2 if isinstance(error, UserError) else 1


def _report(error: BaseException | None) -> None:
    if isinstance(error, UserError):
        log.error("%s", error)
    else:
        log.error("stopping: %s", type(error).__name__, exc_info=error)


async def _serve(options: WorkerOptions, build: Build, stop: asyncio.Event) -> BaseException | None:
    """The failure that ended it, None where it was stopped."""
    if not await _unless(stop, retrying(lambda: _topic_is_there(options), doing="starting")):
        return None
    async with build() as agent:
        handover = Handover(agent, options.topic)
        async with _running(chunk_app(options, handover), handover), _ticking(options, agent, handover):
            await _first(stop.wait(), _parent_gone(options), asyncio.shield(handover.failure))
    return handover.failure.result() if handover.failure.done() else None


async def _topic_is_there(options: WorkerOptions) -> bool:
    consumer = AIOKafkaConsumer(bootstrap_servers=options.bootstrap)
    try:
        await consumer.start()
        found = options.topic in await consumer.topics()
    except KafkaError as error:
        raise BrokerUnavailable(f"Kafka at {options.bootstrap} does not answer ({error})") from error
    finally:
        await consumer.stop()
    if not found:
        raise BadInput(
            f"there is no topic {options.topic} at {options.bootstrap}; `headway topics --create` makes it"
        )
    return True


@asynccontextmanager
async def _running(app: ChunkApp, handover: Handover) -> AsyncIterator[None]:
    app.in_worker = True
    starting = asyncio.create_task(app.start())
    crashed = asyncio.create_task(_crash_of(app, starting, handover))
    try:
        yield
    finally:
        crashed.cancel()
        await app.stop()
        starting.cancel()
        await asyncio.wait({starting, crashed})


async def _crash_of(app: ChunkApp, starting: "asyncio.Task[None]", handover: Handover) -> None:
    """A part of Faust that fails takes the app down; it has to take us with it."""
    crashed = asyncio.create_task(app._crashed.wait())
    try:
        await asyncio.wait({starting, crashed}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and starting.exception() is not None:
            handover.fail(starting.exception() or RuntimeError("Faust did not start"))
        await crashed
        handover.fail(app.crash_reason or RuntimeError("Faust crashed and gave no reason"))
    finally:
        crashed.cancel()


@asynccontextmanager
async def _ticking(options: WorkerOptions, agent: ChunkAgent, handover: Handover) -> AsyncIterator[None]:
    if options.tick_every_s is None:
        yield
        return
    ticking = asyncio.create_task(_tick(options.tick_every_s, agent, handover))
    try:
        yield
    finally:
        ticking.cancel()
        await asyncio.wait({ticking})


async def _tick(every_s: float, agent: ChunkAgent, handover: Handover) -> None:
    try:
        while True:
            await asyncio.sleep(every_s)
            await retrying(lambda: agent.tick(time.time_ns() // 1_000_000), doing="saying the time")
    except Exception as error:
        handover.fail(error)


async def _parent_gone(options: WorkerOptions) -> None:
    while options.parent_pid is None or os.getppid() == options.parent_pid:
        await asyncio.sleep(LOOK_EVERY_S)
    log.warning("%s: the process that started this worker is gone", options.role)


async def _first(*waiting: "asyncio.Future[object] | object") -> None:
    tasks = {asyncio.ensure_future(one) for one in waiting}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _unless(stop: asyncio.Event, call) -> bool:
    """Whether the call ended before the stop; it is cancelled at the stop."""
    calling = asyncio.ensure_future(call)
    await _first(stop.wait(), asyncio.shield(calling))
    if not calling.done():
        calling.cancel()
        return False
    calling.result()
    return True
