"""A worker that counts in Redis how often it has applied each number, in one atomic step with its position.

python -m tests.support.counting BOOTSTRAP TOPIC REDIS_URL [OPTION=NUMBER...]
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import redis
import redis.asyncio

from streams.chunks import Chunk, WorkerOptions, run_worker
from streams.errors import Fenced, StoreUnavailable

APPLY = """
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
for n = 3, #ARGV do redis.call('HINCRBY', KEYS[2], ARGV[n], 1) end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
AWAY = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError)


class Counting:
    """Holds the position of each partition that it owns, as the store has it."""

    def __init__(self, url: str, topic: str, pause_s: float) -> None:
        self._pause_s = pause_s
        self._redis = redis.asyncio.Redis.from_url(url, socket_timeout=5)
        self._topic = topic
        self._held: dict[int, int] = {}

    def _key(self, partition: int, what: str) -> str:
        return f"{self._topic}:{{{partition}}}:{what}"

    async def assigned(self, partitions: set[int]) -> None:
        for partition in partitions:
            self._held[partition] = int(await self._call("get", self._key(partition, "position")) or 0)

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return {partition: self._held[partition] for partition in partitions}

    async def process(self, chunk: Chunk) -> None:
        await asyncio.sleep(self._pause_s)
        position = self._held[chunk.partition]
        records = [record for record in chunk.records if record.offset >= position]
        keys = (self._key(chunk.partition, "position"), self._key(chunk.partition, "applied"))
        numbers = [record.value for record in records]
        if not await self._call("eval", APPLY, 2, *keys, position, chunk.next_offset, *numbers):
            raise Fenced(f"the position isn't {position} any more")
        self._held[chunk.partition] = chunk.next_offset

    async def revoked(self, partitions: set[int]) -> None:
        for partition in partitions:
            del self._held[partition]

    async def tick(self, now_ms: int) -> None:
        pass

    async def _call(self, command: str, *arguments: object) -> object:
        try:
            return await getattr(self._redis, command)(*arguments)
        except AWAY as error:
            raise StoreUnavailable(f"Redis is away ({error})") from error

    async def close(self) -> None:
        await self._redis.aclose()


def applied(url: str, topic: str, partitions: int = 4) -> dict[int, int]:
    """How often each number was applied."""
    client = redis.Redis.from_url(url)
    counts: dict[int, int] = {}
    for partition in range(partitions):
        for number, times in client.hgetall(f"{topic}:{{{partition}}}:applied").items():
            counts[int(number)] = counts.get(int(number), 0) + int(times)
    client.close()
    return counts


class CountingWorker:
    """The worker in a process of its own. What it logs is in `log`."""

    def __init__(self, bootstrap: str, topic: str, url: str, log: Path, **options: float) -> None:
        self.log = log
        said = [f"{key}={value}" for key, value in options.items()]
        command = [sys.executable, "-m", "tests.support.counting", bootstrap, topic, url, *said]
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)

    def lines(self) -> list[str]:
        """What it has said, without the times."""
        return [line[24:] for line in self.log.read_text().splitlines()]

    def says(self, what: str) -> bool:
        return any(what in line for line in self.lines())

    def has(self, count: int) -> bool:
        """Whether so many partitions were what it was given last."""
        given = [line for line in self.lines() if "this worker has" in line]
        return bool(given) and "partitions" in given[-1] and given[-1].count(",") == count - 1

    def runs(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


def main(bootstrap: str, topic: str, url: str, *said: str) -> int:
    @asynccontextmanager
    async def build() -> AsyncIterator[Counting]:
        counting = Counting(url, topic, pause_s)
        yield counting
        await counting.close()

    options: dict[str, float] = {"chunk_records": 50, "commit_every_s": 0.2, "settle_s": 1.0}
    for each in said:
        key, _, value = each.partition("=")
        options[key] = int(value) if value.isdecimal() else float(value)
    options.setdefault("parent_pid", os.getppid())
    pause_s = options.pop("pause_s", 0.0)
    worker = WorkerOptions(
        role="counting",
        group=f"{topic}-group",
        bootstrap=bootstrap,
        topic=topic,
        **options,  # type: ignore[arg-type]
    )
    return run_worker([(worker, build)])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
