"""What we say when Redis is away, or does not want us."""

from collections.abc import Callable

import pytest

from streams.adapters.redis_link import RedisLink
from streams.adapters.redis_state import RedisTechnicianQueries, RedisTechnicianStore, keys_of
from streams.embedded.guarded import free_port
from streams.errors import BadSettings, HeadwayError, StoreUnavailable
from tests.support.odd_redis import OddRedis
from tests.support.technicians import AUSTIN, step, technician

pytestmark = pytest.mark.redis

Start = Callable[..., OddRedis]
ADA = technician("ada", AUSTIN, territory="north")


def store_on(url: str, timeout_s: float = 0.3) -> RedisTechnicianStore:
    return RedisTechnicianStore(RedisLink(url, timeout_s=timeout_s), "test")


async def test_nobody_listens() -> None:
    port = free_port()
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port} is not available.*[Cc]onnect"):
        await store_on(f"redis://127.0.0.1:{port}").load(0)


async def test_no_such_host() -> None:
    with pytest.raises(StoreUnavailable, match=r"nowhere.invalid"):
        await store_on("redis://nowhere.invalid:6379").positions([0])


async def test_queries_are_told_as_well() -> None:
    queries = RedisTechnicianQueries(RedisLink(f"redis://127.0.0.1:{free_port()}"), "test", 2)
    with pytest.raises(StoreUnavailable):
        await queries.technicians()
    with pytest.raises(StoreUnavailable):
        await queries.nearest(*AUSTIN, 1)


async def test_a_server_that_hangs(start_redis: Start) -> None:
    server = start_redis()
    server.pause()
    with pytest.raises(StoreUnavailable, match="Timeout"):
        await store_on(server.url).load(0)


async def test_a_server_that_came_back_is_used_again(start_redis: Start) -> None:
    server = start_redis()
    store = store_on(server.url)
    await store.commit(step(None, 1, ADA))
    server.kill()
    with pytest.raises(StoreUnavailable):
        await store.positions([0])
    server.start()
    assert await store.positions([0]) == {}


async def test_a_server_that_still_reads_its_file(start_redis: Start) -> None:
    server = start_redis("--appendonly", "yes", "--appendfsync", "no", "--key-load-delay", "50")
    with server.client().pipeline(transaction=False) as pipeline:
        for n in range(20_000):
            pipeline.set(f"key-{n}", n)
        pipeline.execute()
    server.kill()
    server.start()
    with pytest.raises(StoreUnavailable, match=r"(?i)loading"):
        await store_on(server.url, timeout_s=5.0).load(0)


async def test_a_replica_takes_no_steps(start_redis: Start) -> None:
    server = start_redis("--replicaof", "127.0.0.1", str(free_port()), "--replica-serve-stale-data", "yes")
    with pytest.raises(StoreUnavailable, match=r"(?i)read.?only"):
        await store_on(server.url).commit(step(None, 1, ADA))


async def test_a_server_out_of_memory_takes_no_steps(start_redis: Start) -> None:
    server = start_redis("--maxmemory", "1", "--maxmemory-policy", "noeviction")
    with pytest.raises(StoreUnavailable, match="memory"):
        await store_on(server.url).commit(step(None, 1, ADA))
    assert server.client().keys() == []


async def test_a_server_with_too_many_clients(start_redis: Start) -> None:
    server = start_redis()
    held = server.client()
    held.config_set("maxclients", 1)
    with pytest.raises(StoreUnavailable, match="max number of clients"):
        await store_on(server.url).load(0)


async def test_a_password_is_asked_for(start_redis: Start) -> None:
    server = start_redis("--requirepass", "secret")
    with pytest.raises(BadSettings, match="HEADWAY_REDIS"):
        await store_on(server.url).load(0)


async def test_a_wrong_password_is_never_shown(start_redis: Start) -> None:
    server = start_redis("--requirepass", "secret")
    with pytest.raises(HeadwayError) as raised:
        await store_on(f"redis://:wrong-one@127.0.0.1:{server.port}/0").load(0)
    assert isinstance(raised.value, BadSettings)
    assert "wrong-one" not in str(raised.value)
    assert f"127.0.0.1:{server.port}" in str(raised.value)


async def test_a_user_who_may_not_write(start_redis: Start) -> None:
    server = start_redis()
    server.client().execute_command("ACL", "SETUSER", "reader", "on", "nopass", "~*", "+@read", "+eval")
    store = store_on(f"redis://reader:any@127.0.0.1:{server.port}/0")
    assert (await store.load(0)).position is None
    with pytest.raises(BadSettings, match="does not let us in"):
        await store.commit(step(None, 1, ADA))
    assert server.client().keys() == []


@pytest.mark.parametrize("part", ["position", "state", "index"])
async def test_a_key_of_somebody_else_stops_the_whole_step(start_redis: Start, part: str) -> None:
    server = start_redis()
    key = getattr(keys_of("test", 0), part)
    store = store_on(server.url)
    await store.load(0)
    server.client().set(key, "mine")
    with pytest.raises(BadSettings, match="namespace"):
        await store.commit(step(None, 1, ADA))
    assert server.client().keys() == [key.encode()]


async def test_a_question_that_meets_a_key_of_somebody_else_says_so(start_redis: Start) -> None:
    server = start_redis()
    server.client().set(keys_of("test", 1).index, "mine")
    queries = RedisTechnicianQueries(RedisLink(server.url), "test", 2)
    with pytest.raises(BadSettings, match=r"holds something else.*namespace"):
        await queries.in_fence("READONLY")


@pytest.mark.parametrize("text", ["{", "[1]", '{"technician":1}', b"\xff"])
async def test_a_state_of_another_program_is_named(start_redis: Start, text: str | bytes) -> None:
    server = start_redis()
    server.client().hset(keys_of("test", 0).state, "ada", text)
    with pytest.raises(BadSettings, match=r"test:{technicians:0}:state"):
        await store_on(server.url).load(0)


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "redis://localhost:port"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(BadSettings, match=f"'{url}' is not the address of a Redis"):
        RedisLink(url)
