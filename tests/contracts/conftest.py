"""Each store and its queries, in memory and in Redis, behind one face."""

from collections.abc import AsyncIterator

import pytest

from streams.adapters.keyed_state import (
    MemoryKeyedReader,
    MemoryKeyedStore,
    RedisKeyedReader,
    RedisKeyedStore,
)
from streams.adapters.memory_state import MemoryTechnicianQueries, MemoryTechnicianStore
from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_state import RedisTechnicianQueries, RedisTechnicianStore
from streams.agents.keyed import Meta
from tests.support.keyed import Counted, KeyedStores
from tests.support.stores import PARTITIONS, Stores


@pytest.fixture
def memory_stores() -> Stores:
    shared = MemoryTechnicianStore()
    return Stores(lambda: shared, lambda: MemoryTechnicianQueries(shared))


@pytest.fixture
async def redis_stores(redis_url: str, namespace: str) -> AsyncIterator[Stores]:
    link = RedisLink(redis_url)
    yield Stores(
        lambda: RedisTechnicianStore(link, namespace),
        lambda: RedisTechnicianQueries(link, namespace, PARTITIONS),
    )
    await link.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def stores(request: pytest.FixtureRequest) -> Stores:
    found: Stores = request.getfixturevalue(f"{request.param}_stores")
    return found


@pytest.fixture
def memory_keyed_stores() -> KeyedStores:
    shared: MemoryKeyedStore[Meta, Counted] = MemoryKeyedStore(Meta)
    return KeyedStores(lambda: shared, lambda: MemoryKeyedReader(shared))


@pytest.fixture
async def redis_keyed_stores(redis_url: str, namespace: str) -> AsyncIterator[KeyedStores]:
    link = RedisLink(redis_url)
    yield KeyedStores(
        lambda: RedisKeyedStore(link, namespace, "words", Counted, Meta),
        lambda: RedisKeyedReader(link, namespace, "words", PARTITIONS, Counted),
    )
    await link.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def keyed_stores(request: pytest.FixtureRequest) -> KeyedStores:
    found: KeyedStores = request.getfixturevalue(f"{request.param}_keyed_stores")
    return found
