"""The telemetry role: technicians to signals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from features.fence_index import FenceIndex
from streams.adapters.broadcast import Broadcast
from streams.adapters.outbox import KafkaOutbox
from streams.agents.telemetry import Telemetry
from streams.bootstrap import check_partitions, open_store, options
from streams.chunks import Log, retrying
from streams.fence_book import FenceBook
from streams.settings import Settings
from streams.topics import Topics


def logs(settings: Settings, *, ticks: bool) -> list[Log]:
    topic = Topics.of(settings).technicians
    return [(options(settings, "telemetry", topic, ticks=ticks), lambda: telemetry(settings))]


@asynccontextmanager
async def telemetry(settings: Settings) -> AsyncIterator[Telemetry]:
    """The telemetry agent. All fences that are on their topic are read before it begins."""
    names, fencing = Topics.of(settings), settings.telemetry.fences
    await retrying(
        lambda: check_partitions(settings, names.technicians, names.signals), doing="looking at the topics"
    )
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
