"""Carries chunks from Faust's stream to the agent, one at a time, and remembers which are done.

Faust's own acknowledgements aren't asked: it acknowledges a message whose agent raised, was
cancelled or skipped it. Only what is in `done` is committed.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from streams.chunks.agent import Chunk, ChunkAgent
from streams.chunks.waiting import retrying
from streams.errors import Fenced, IncompatibleFaust, PositionBeyondLog, UserError

EXPECTED = (UserError, PositionBeyondLog, IncompatibleFaust)

log = logging.getLogger(__name__)


class Handover:
    """The state of one worker. `done` has the next offset by partition, of what this reading has finished."""

    def __init__(self, agent: ChunkAgent, topic: str) -> None:
        self.topic = topic
        self.done: dict[int, int] = {}
        self.failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.on_fenced: Callable[[int], None] = lambda _: None
        self._agent = agent
        self._held: set[int] = set()
        self._readings: dict[int, int] = {}
        self._begun = 0
        self._current: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def take_over(self, partitions: set[int]) -> Mapping[int, int]:
        """Give partitions to the agent, anew where it has them. Waits while the store is away.

        The stored positions, or what is done where the agent stores none.
        """
        doing = f"taking over {self.topic} {listed(partitions)}"
        async with self._turn:
            done = {partition: self.done[partition] for partition in partitions & self.done.keys()}
            await self._release(partitions)
            self._held |= partitions
            await retrying(lambda: self._agent.assigned(partitions), doing=doing)
            return done | dict(await retrying(lambda: self._agent.positions(partitions), doing=doing))

    def begin(self, partition: int) -> None:
        """Reading has been placed: chunks fetched from now on count."""
        self._begun += 1
        self._readings[partition] = self._begun

    def readings(self) -> dict[int, int]:
        """The number of the present reading by partition."""
        return dict(self._readings)

    async def take(self, chunk: Chunk) -> None:
        """Returns when the agent is through with a chunk, whatever came of it."""
        async with self._turn:
            if self._readings.get(chunk.partition) != chunk.reading or self.failure.done():
                return
            doing = f"at {self.topic}[{chunk.partition}]"
            task = asyncio.ensure_future(retrying(lambda: self._agent.process(chunk), doing=doing))
            task.add_done_callback(lambda _: self._conclude(chunk, task))
            self._current = task
            try:
                await asyncio.wait({task})
            finally:
                # Only where we are cancelled ourselves is it still running.
                task.cancel()

    async def settle(self, grace_s: float) -> None:
        """Let the chunk at hand end, or abandon it after `grace_s`. Chunks still on their way are stale then."""
        current = self._current
        if current is not None and not current.done():
            await asyncio.wait({current}, timeout=grace_s)
            current.cancel()
            await asyncio.wait({current})
        self._readings.clear()

    async def release_all(self) -> None:
        """Take everything from the agent."""
        async with self._turn:
            await self._release(set(self._held))

    async def _release(self, partitions: set[int]) -> None:
        for partition in partitions:
            self._readings.pop(partition, None)
            self.done.pop(partition, None)
        released = self._held & partitions
        self._held -= partitions
        if released:
            await self._agent.revoked(released)

    def fail(self, error: BaseException) -> None:
        """The worker has to stop. Logged once; what comes later is of the same making."""
        if self.failure.done():
            return
        self.failure.set_result(error)
        report(error)

    def _conclude(self, chunk: Chunk, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._readings.get(chunk.partition) != chunk.reading:
            return
        error = task.exception()
        if error is None:
            self.done[chunk.partition] = chunk.next_offset
        elif isinstance(error, Fenced):
            del self._readings[chunk.partition]
            log.warning("%s[%d]: %s; reading again from where it stands", self.topic, chunk.partition, error)
            self.on_fenced(chunk.partition)
        else:
            first = chunk.records[0].offset
            log.error(
                "failed on %s[%d], offsets %d to %d",
                self.topic,
                chunk.partition,
                first,
                chunk.next_offset - 1,
            )
            self.fail(error)


def listed(partitions: set[int]) -> str:
    return "partitions " + ", ".join(map(str, sorted(partitions))) if partitions else "no partitions"


def report(error: BaseException) -> None:
    """Why the worker stops: with a traceback, unless a person can mend it by reading the message."""
    if isinstance(error, EXPECTED):
        log.error("%s", error)
    else:
        log.error("stopping: %s", type(error).__name__, exc_info=error)
