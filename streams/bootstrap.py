"""Where the parts are put together: the one place that knows which adapter stands behind which port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from features.fence_index import FenceIndex
from streams.adapters.broadcast import Broadcast
from streams.adapters.lookup import partitions_of
from streams.adapters.outbox import KafkaOutbox
from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_state import RedisTechnicianQueries, RedisTechnicianStore
from streams.agents.telemetry import Telemetry
from streams.chunks import WorkerOptions, retrying, run_worker
from streams.errors import BadSettings
from streams.fence_book import FenceBook
from streams.settings import Settings
from streams.topics import Topics


def open_store(settings: Settings) -> RedisTechnicianStore:
    return RedisTechnicianStore(_link(settings), settings.namespace)


def open_queries(settings: Settings) -> RedisTechnicianQueries:
    return RedisTechnicianQueries(
        _link(settings),
        settings.namespace,
        settings.kafka.partitions,
        resolution=settings.telemetry.cell_resolution,
    )


def _link(settings: Settings) -> RedisLink:
    return RedisLink(settings.redis.url, timeout_s=settings.redis.timeout_s)


def run_telemetry(settings: Settings, *, ticks: bool) -> int:
    """Work as a telemetry worker until SIGINT or SIGTERM; the exit code."""
    options = WorkerOptions(
        role="telemetry",
        group=f"{settings.namespace}-telemetry",
        bootstrap=settings.kafka.bootstrap,
        topic=Topics.of(settings).technicians,
        chunk_records=settings.worker.chunk_records,
        tick_every_s=settings.worker.tick_every_s if ticks else None,
    )
    return run_worker(options, lambda: telemetry(settings), level=settings.logging.level)


async def check_partitions(settings: Settings) -> None:
    """Raises `BadSettings` where a topic has other partitions than the settings say, and `BadInput` where it is none.

    A query would then overlook technicians, and a signal would go to another partition than its input, or none.
    """
    names, wanted = Topics.of(settings), settings.kafka.partitions
    for topic in (names.technicians, names.signals):
        found = await partitions_of(settings.kafka.bootstrap, topic)
        if found != wanted:
            raise BadSettings(
                f"kafka.partitions is {wanted}, but the topic {topic} has {found} partitions; "
                f"set kafka.partitions to {found}, or choose another namespace"
            )


@asynccontextmanager
async def telemetry(settings: Settings) -> AsyncIterator[Telemetry]:
    """The telemetry agent with real parts. All fences that are on their topic are read before it begins."""
    await retrying(lambda: check_partitions(settings), doing="looking at the topics")
    names, fencing = Topics.of(settings), settings.telemetry.fences
    book = FenceBook(lambda fences: FenceIndex.of(fences, fencing.reach_m, fencing.crossing))
    broadcast = Broadcast(settings.kafka.bootstrap, names.fences, book.hear)
    store, outbox = open_store(settings), KafkaOutbox(settings.kafka.bootstrap, client="headway-telemetry")

    def fences() -> FenceIndex:
        """Raises what ended the reading of fences: rather none works on than by fences of the past."""
        broadcast.check()
        return book.index()

    await retrying(broadcast.start, doing="reading the fences")
    try:
        yield Telemetry(
            topic=names.technicians,
            signals=names.signals,
            dead_letters=names.dead_letters,
            store=store,
            outbox=outbox,
            fences=fences,
            params=settings.telemetry,
        )
    finally:
        await broadcast.stop()
        await outbox.close()
        await store.close()
