"""What only the real store can show: crashes, lost answers, slots, and what others see meanwhile."""

import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest
from redis.crc import key_slot

from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_state import RedisTechnicianQueries, RedisTechnicianStore, keys_of
from streams.errors import Fenced, StoreUnavailable
from tests.support.odd_redis import OddRedis
from tests.support.technicians import AUSTIN, step, technician

pytestmark = pytest.mark.redis

Start = Callable[..., OddRedis]
ADA = technician("ada", AUSTIN, territory="north", fences=["site-1"])
BEN = technician("ben", (30.3, -97.7), territory="north")


def store_on(server: OddRedis, timeout_s: float = 0.3) -> RedisTechnicianStore:
    return RedisTechnicianStore(RedisLink(server.url, timeout_s=timeout_s), "test")


async def test_a_killed_server_comes_back_with_the_last_step(start_redis: Start) -> None:
    server = start_redis("--appendonly", "yes", "--appendfsync", "always")
    store = store_on(server)
    for position in range(1, 30):
        state = msgspec.structs.replace(ADA, due_ms=position)
        await store.commit(step(position - 1 or None, position, state, BEN))
    server.kill()
    server.start()
    loaded = await store_on(server).load(0)
    assert loaded.position == 29
    assert dict(loaded.technicians) == {"ada": state, "ben": BEN}


async def test_a_worker_goes_on_after_the_server_was_restarted(start_redis: Start) -> None:
    """The server has forgotten every script by then."""
    server = start_redis("--appendonly", "yes", "--appendfsync", "always")
    store = store_on(server)
    await store.commit(step(None, 1, ADA))
    server.kill()
    server.start()
    await store.commit(step(1, 2, BEN))
    server.client().script_flush()
    await store.commit(step(2, 3))
    assert (await store.load(0)).position == 3


async def test_a_server_with_an_older_state_fences_the_worker(start_redis: Start) -> None:
    server = start_redis()
    store = store_on(server)
    await store.commit(step(None, 1, ADA))
    older = server.client().dump(keys_of("test", 0).position)
    await store.commit(step(1, 2, BEN))
    server.client().restore(keys_of("test", 0).position, 0, older, replace=True)
    with pytest.raises(Fenced, match="no longer 2"):
        await store.commit(step(2, 3))
    assert (await store.load(0)).position == 1


async def test_a_step_whose_answer_was_lost_is_known_again(start_redis: Start) -> None:
    server = start_redis()
    store = store_on(server)
    await store.commit(step(None, 1, ADA))
    server.pause()
    changed = step(1, 2, BEN)
    with pytest.raises(StoreUnavailable, match="Timeout"):
        await store.commit(changed)
    server.resume()
    # It received the step while it hung, so it answers this after it.
    assert server.client().hget(keys_of("test", 0).position, "position") == b"2"
    await store.commit(changed)
    await store.commit(step(2, 3))
    assert set((await store.load(0)).technicians) == {"ada", "ben"}


async def test_another_workers_equal_step_is_not_our_own(start_redis: Start) -> None:
    server = start_redis()
    await store_on(server).commit(step(None, 1, ADA))
    with pytest.raises(Fenced):
        await store_on(server).commit(step(None, 1, ADA))


async def test_all_keys_of_a_partition_share_a_slot(start_redis: Start) -> None:
    server = start_redis()
    store = store_on(server)
    for partition in range(4):
        await store.commit(step(None, 1, ADA, partition=partition))
    keys = server.client().keys()
    slots = [{key_slot(key) for key in keys if b"{technicians:%d}" % number in key} for number in range(4)]
    assert len(keys) == 12
    assert [len(found) for found in slots] == [1, 1, 1, 1]
    assert len(set.union(*slots)) == 4


def wait_until_ok(server: OddRedis) -> None:
    while b"cluster_state:ok" not in server.client().execute_command("CLUSTER", "INFO"):
        time.sleep(0.05)


async def test_the_same_on_a_cluster(start_redis: Start) -> None:
    server = start_redis("--cluster-enabled", "yes")
    server.client().execute_command("CLUSTER", "ADDSLOTS", *range(16384))
    wait_until_ok(server)
    link = RedisLink(server.url.replace("redis://", "redis+cluster://"))
    store = RedisTechnicianStore(link, "test")
    queries = RedisTechnicianQueries(link, "test", 4)
    await store.commit(step(None, 1, ADA, partition=0))
    await store.commit(step(None, 1, BEN, partition=3))
    assert await store.positions(range(4)) == {0: 1, 3: 1}
    assert await queries.technician("ben") == BEN
    assert await queries.technicians() == await queries.in_territory("north") == [ADA, BEN]
    assert [near.technician for near in await queries.nearest(*AUSTIN, 2)] == [ADA, BEN]
    await link.close()


async def test_a_question_sees_whole_steps_only(start_redis: Start) -> None:
    """Two technicians change places in every step; both are always in exactly one of the two fences."""
    link = RedisLink(start_redis().url)
    store, queries = RedisTechnicianStore(link, "test"), RedisTechnicianQueries(link, "test", 1)
    worlds = [
        [technician("ada", fences=["left"], due_ms=1), technician("ben", fences=["right"], due_ms=1)],
        [technician("ada", fences=["right"], due_ms=2), technician("ben", fences=["left"], due_ms=2)],
    ]
    await store.commit(step(None, 1, *worlds[0]))

    async def swap() -> None:
        for position in range(1, 300):
            await store.commit(step(position, position + 1, *worlds[position % 2]))

    swapping, seen = asyncio.create_task(swap()), set()
    while not swapping.done():
        (left,) = await queries.in_fence("left")
        everybody = await queries.technicians()
        assert left == (worlds[0][0] if left.technician == "ada" else worlds[1][1])
        assert list(everybody) in worlds
        seen.add(left.technician)
    await swapping
    assert seen == {"ada", "ben"}
    await link.close()


async def test_what_is_in_redis_can_be_read_by_people(start_redis: Start) -> None:
    server = start_redis()
    await store_on(server).commit(step(None, 1, ADA))
    keys, client = keys_of("test", 0), server.client()
    stored = client.hget(keys.state, "ada")
    assert stored is not None
    assert stored.startswith(b'{"technician":"ada"')
    assert client.hget(keys.position, "position") == b"1"
    assert client.zrange(keys.index, 0, -1) == [
        f"cell\x1f{ADA.cell}\x1fada".encode(),
        b"fence\x1fsite-1\x1fada",
        b"territory\x1fnorth\x1fada",
    ]
