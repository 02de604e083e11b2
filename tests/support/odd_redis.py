"""A redis-server of a test's own, to be killed, starved, paused or misconfigured."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from streams.embedded.guarded import free_port
from tests.support.servers import RedisServer


class OddRedis(RedisServer):
    """`options` are those of redis.conf, e.g. "--maxmemory", "1"."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        super().__init__(folder)
        # A cluster's servers talk to each other on a port that is 10,000 higher.
        while self.port > 55_000:
            self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._options = options

    def client(self) -> "redis.Redis[bytes]":
        return redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0))

    def pause(self) -> None:
        """Let it hang: the kernel takes connections for it, and nobody gets an answer."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self._server is not None
        os.kill(self._server.pid, number)

    def _command(self) -> list[str]:
        return [*super()._command(), *self._options]

    def _answers(self) -> bool:
        """Here, any answer will do: a server that refuses or still loads is up as well."""
        client = self.client()
        try:
            client.execute_command("PING")
        except (redis.AuthenticationError, redis.BusyLoadingError, redis.ResponseError):
            return True
        except redis.ConnectionError:
            return False
        finally:
            client.close()
        return True
