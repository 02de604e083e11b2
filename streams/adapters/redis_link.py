"""One way to Redis: scripts and commands go out, and every failure comes back in our own words."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import redis.asyncio
from redis import exceptions
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from streams.errors import BadSettings, HeadwayError, StoreUnavailable

CLUSTER_SCHEME = "redis+cluster://"

Command = tuple[str | bytes | int, ...]

AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterError,
    exceptions.RedisClusterException,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.TryAgainError,
    exceptions.AskError,
)
"""Conditions that pass, or that an operator lifts while we wait."""
AWAY_WORDS = ("LOADING", "READONLY", "OOM", "MISCONF", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "BUSY ")
"""The same as Redis words them; version 6 puts them inside the message of a script that failed."""
DENIED = (
    exceptions.AuthenticationError,
    exceptions.AuthorizationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
    exceptions.NoPermissionError,
)
DENIED_WORDS = ("NOPERM", "NOAUTH", "WRONGPASS", "executing the script can't")


@cache
def script(name: str) -> str:
    """The text of a Lua script that lies beside this file."""
    return resources.files(__package__).joinpath(f"{name}.lua").read_text(encoding="utf-8")


class RedisLink:
    """A connection pool and the name under which errors speak of it. Connects at the first use.

    A script goes out as EVAL with its text: Redis keeps it compiled, and there is nothing to
    load again after Redis was restarted, nor a command that a cluster refuses in a pipeline.
    """

    def __init__(self, url: str, *, timeout_s: float = 5.0) -> None:
        """`url` as redis://host:port/db, rediss://, unix://, or redis+cluster:// for a Redis Cluster."""
        self.host = without_password(url)
        self._client = self._of(url, timeout_s)

    def _of(self, url: str, timeout_s: float) -> Any:
        options: dict[str, Any] = {
            "socket_timeout": timeout_s,
            "socket_connect_timeout": timeout_s,
            # Once more at once, for connections that died while idle; waiting is for the caller.
            "retry": Retry(NoBackoff(), 1),
        }
        try:
            if url.startswith(CLUSTER_SCHEME):
                return RedisCluster.from_url(url.replace(CLUSTER_SCHEME, "redis://", 1), **options)
            return redis.asyncio.Redis.from_url(url, **options)
        except ValueError as error:
            raise BadSettings(
                f"{self.host!r} is not the address of a Redis ({error}); "
                "write it as redis://host:6379, rediss://, unix:// or redis+cluster://"
            ) from error

    async def ask(self, *command: str | bytes | int) -> Any:
        """The answer to one command. Raises `StoreUnavailable`, or `BadSettings` where Redis refuses."""
        try:
            return await self._client.execute_command(*command)
        except (RedisError, exceptions.RedisClusterException, OSError) as error:
            raise in_our_words(error, self.host) from error

    async def ask_each(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to several commands in one round trip, each command a step of its own."""
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                answers: list[Any] = await pipeline.execute(raise_on_error=False)
        except (RedisError, exceptions.RedisClusterException, OSError) as error:
            raise in_our_words(error, self.host) from error
        for answer in answers:
            if isinstance(answer, Exception):
                raise in_our_words(answer, self.host) from answer
        return answers

    async def close(self) -> None:
        await self._client.aclose()


def without_password(url: str) -> str:
    """An address as it may be shown and logged."""
    scheme, found, rest = url.rpartition("://")
    return scheme + found + rest.rpartition("@")[2]


def in_our_words(error: Exception, host: str) -> HeadwayError:
    """What a failure means for us: wait and try again, or have somebody change something."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, DENIED) or any(word in text for word in DENIED_WORDS):
        return BadSettings(
            f"Redis at {host} does not let us in ({text}); check user and password in HEADWAY_REDIS, "
            "and that the user may run EVAL, HSET, HMGET, ZADD, ZREM and ZRANGEBYLEX on our keys"
        )
    if isinstance(error, (OSError, *AWAY)) or any(word in text for word in AWAY_WORDS):
        return StoreUnavailable(f"Redis at {host} is not available ({text})")
    if "WRONGTYPE" in text:
        return BadSettings(
            f"Redis at {host} holds something else under our keys ({text}); "
            "choose another namespace, or remove what is there"
        )
    return BadSettings(f"Redis at {host} refused a command ({text}); is it Redis 6.2 or later?")
