"""One role's worker, which reads one log or several: from start to exit code."""

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from streams.adapters.lookup import look_for_topic
from streams.chunks import compat, logs, records
from streams.chunks.agent import ChunkAgent
from streams.chunks.app import running_app
from streams.chunks.handover import Handover, report
from streams.chunks.options import WorkerOptions
from streams.chunks.outage import OutageWatch
from streams.chunks.waiting import retrying
from streams.errors import UserError

LOOK_EVERY_S = 1.0
Build = Callable[[], AbstractAsyncContextManager[ChunkAgent]]
"""Makes the agent with all that it needs, on the worker's loop, and takes it down again."""
Log = tuple[WorkerOptions, Build]
"""How a log is read, and by whom. Logs of one worker share nothing but its process."""

COLLECT_AFTER = 50_000
"""New objects before the collector looks at them: a dozen chunks."""

log = logging.getLogger(__name__)


def run_worker(read: Sequence[Log], *, level: str = "INFO") -> int:
    """Read some logs, of one broker, until SIGINT or SIGTERM; a second one ends at once.

    Where one of them fails, all of them stop. The exit code is 0, or 1 where something failed, or 2 for a
    user's mistake. Configures logging.
    """
    with suppress(ImportError):
        import uvloop

        # By policy, for Faust makes the loop of its consumer's thread itself.
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    _spare_the_collector()
    return asyncio.run(_until_signalled(read, level))


def _spare_the_collector() -> None:
    """Records come and go by thousands and form no cycles: by default looking for some takes a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


async def work(read: Sequence[Log], stop: asyncio.Event) -> int:
    """Work until `stop` is set or something fails, which sets it; the exit code."""
    serving = [asyncio.create_task(_serve(options, build, stop)) for options, build in read]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({*serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    stopping.cancel()
    within_s = max(options.stop_within_s for options, _ in read)
    ended, left = await asyncio.wait(serving, timeout=within_s)
    code = max((task.result() for task in ended), default=0)
    if left:
        # Nothing is lost: what isn't committed is read again.
        roles = [options.role for (options, _), task in zip(read, serving, strict=True) if task in left]
        log.warning("%s: did not stop within %.0f s; leaving at once", " and ".join(roles), within_s)
        logging.shutdown()
        os._exit(code)
    return code


async def _until_signalled(read: Sequence[Log], level: str) -> int:
    watch = OutageWatch(read[0][0].bootstrap)
    logs.configure(level, watch.notice)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _on_signal, number, stop)
    watching = asyncio.create_task(watch.run())
    try:
        return await work(read, stop)
    finally:
        watching.cancel()


def _on_signal(number: signal.Signals, stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(128 + number)
    stop.set()


async def _serve(options: WorkerOptions, build: Build, stop: asyncio.Event) -> int:
    log.info("%s: starting on %s at %s", options.role, options.topic, options.bootstrap)
    try:
        failure = await _read(options, build, stop)
    except Exception as error:
        report(error)
        failure = error
    log.info("%s: stopped", options.role)
    if failure is None:
        return 0
    return 2 if isinstance(failure, UserError) else 1


async def _read(options: WorkerOptions, build: Build, stop: asyncio.Event) -> BaseException | None:
    """What failed, and is reported already; None where it was stopped."""
    compat.check()
    records.install()
    if not await _found(options, stop):
        return None
    async with build() as agent:
        handover = Handover(agent, options.topic)
        async with running_app(options, handover), _ticking(options, agent, handover):
            await _first(stop.wait(), _parent_gone(options), asyncio.shield(handover.failure))
    return handover.failure.result() if handover.failure.done() else None


async def _found(options: WorkerOptions, stop: asyncio.Event) -> bool:
    """Wait until there is a broker with our topic; false where we are stopped before."""
    looking = asyncio.create_task(
        retrying(lambda: look_for_topic(options.bootstrap, options.topic), doing="starting")
    )
    await _first(stop.wait(), looking)
    if looking.cancelled():
        return False
    looking.result()
    return True


@asynccontextmanager
async def _ticking(options: WorkerOptions, agent: ChunkAgent, handover: Handover) -> AsyncIterator[None]:
    ticking = asyncio.create_task(_tick(options.tick_every_s, agent, handover))
    try:
        yield
    finally:
        ticking.cancel()
        await asyncio.wait({ticking})


async def _tick(every_s: float | None, agent: ChunkAgent, handover: Handover) -> None:
    while every_s is not None:
        await asyncio.sleep(every_s)
        try:
            await retrying(lambda: agent.tick(time.time_ns() // 1_000_000), doing="saying the time")
        except Exception as error:
            handover.fail(error)
            return


async def _parent_gone(options: WorkerOptions) -> None:
    while options.parent_pid is None or os.getppid() == options.parent_pid:
        await asyncio.sleep(LOOK_EVERY_S)
    log.warning("%s: the process that started this worker is gone", options.role)


async def _first(*waiting: Awaitable[object]) -> None:
    """Returns when one of them is done, and cancels the others."""
    tasks = {asyncio.ensure_future(one) for one in waiting}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
