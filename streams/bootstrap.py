"""Where ports meet what stands behind them: stores, readers and agents on the servers that the settings name.

What each role is made of is in `assembly/`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from features.territory import TerritoryState
from models.forecast import RiskState
from streams.adapters.keyed_state import RedisKeyedReader, RedisKeyedStore
from streams.adapters.lookup import partitions_of
from streams.adapters.outbox import KafkaOutbox
from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_state import RedisTechnicianQueries, RedisTechnicianStore
from streams.agents.keyed import E, KeyedAgent, KeyedRole, Meta
from streams.chunks import WorkerOptions, retrying
from streams.errors import BadSettings
from streams.ports import S
from streams.settings import Settings
from streams.topics import Topics, group_of


def open_store(settings: Settings) -> RedisTechnicianStore:
    return RedisTechnicianStore(link(settings), settings.namespace)


def open_queries(settings: Settings) -> RedisTechnicianQueries:
    return RedisTechnicianQueries(
        link(settings),
        settings.namespace,
        settings.kafka.partitions,
        resolution=settings.telemetry.cell_resolution,
    )


def open_territories(settings: Settings) -> RedisKeyedReader[TerritoryState]:
    """The day of each territory, as the rebalance agent stores it."""
    return open_reader(settings, "territories", TerritoryState)


def open_risks(settings: Settings) -> RedisKeyedReader[RiskState]:
    """Each technician's route and what is expected of it, as the risk agent stores it."""
    return open_reader(settings, "risk", RiskState)


def open_reader(settings: Settings, name: str, state_type: type[S]) -> RedisKeyedReader[S]:
    """What an agent stores under a name of its own."""
    return RedisKeyedReader(link(settings), settings.namespace, name, settings.kafka.partitions, state_type)


def open_keyed(settings: Settings, name: str, state_type: type[S]) -> RedisKeyedStore[Meta, S]:
    """The store of an agent that stores under this name."""
    return RedisKeyedStore(link(settings), settings.namespace, name, state_type, Meta)


def link(settings: Settings) -> RedisLink:
    return RedisLink(settings.redis.url, timeout_s=settings.redis.timeout_s)


def options(settings: Settings, name: str, topic: str, *, ticks: bool = False) -> WorkerOptions:
    """How an agent of this name reads a log. With `ticks` it is told the wall clock's time now and then."""
    return WorkerOptions(
        role=name,
        group=group_of(settings, name),
        bootstrap=settings.kafka.bootstrap,
        topic=topic,
        chunk_records=settings.worker.chunk_records,
        fetch_wait_ms=settings.worker.fetch_wait_ms,
        tick_every_s=settings.worker.tick_every_s if ticks else None,
    )


@asynccontextmanager
async def keyed_agent(
    settings: Settings, name: str, role: KeyedRole[S, E], *, topic: str, state_type: type[S]
) -> AsyncIterator[KeyedAgent[S, E]]:
    """The agent of a role on a topic, with states under `name` in Redis."""
    await retrying(lambda: check_partitions(settings, topic), doing="looking at the topics")
    store = open_keyed(settings, name, state_type)
    outbox = KafkaOutbox(settings.kafka.bootstrap, client=f"headway-{name}")
    letters = Topics.of(settings).dead_letters
    try:
        yield KeyedAgent(role, topic=topic, store=store, outbox=outbox, dead_letters=letters)
    finally:
        await outbox.close()
        await store.close()


async def check_partitions(settings: Settings, *topics: str) -> None:
    """Raises `BadSettings` where a topic has other partitions than the settings say, and `BadInput` where it is none.

    A query would then overlook somebody, and a signal would go to another partition than its input, or none.
    """
    wanted = settings.kafka.partitions
    for topic in topics:
        found = await partitions_of(settings.kafka.bootstrap, topic)
        if found != wanted:
            raise BadSettings(
                f"kafka.partitions is {wanted}, but the topic {topic} has {found} partitions; "
                f"set kafka.partitions to {found}, or choose another namespace"
            )
