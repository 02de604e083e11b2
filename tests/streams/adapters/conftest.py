"""A redis-server of each test's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.odd_redis import OddRedis


@pytest.fixture
def start_redis(tmp_path: Path, redis_url: str) -> Iterator[Callable[..., OddRedis]]:
    """Starts a server with options of redis.conf, e.g. `start_redis("--appendonly", "yes")`.

    It asks for `redis_url` to skip or fail as that does where there is no redis-server.
    """
    with ExitStack() as stack:

        def start(*options: str) -> OddRedis:
            server = OddRedis(tmp_path / "redis", options)
            stack.callback(server.kill)
            server.start()
            return server

        yield start
