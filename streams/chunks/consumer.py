"""Faust's consumer on aiokafka, but a message is a chunk and reading begins at the position stored with the state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiokafka
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.chunks.agent import Chunk
from streams.chunks.handover import Handover, listed, log
from streams.chunks.options import WorkerOptions
from streams.chunks.placing import Bounds, Place, place
from streams.chunks.waiting import retrying
from streams.errors import BrokerUnavailable

NOTHING_TO_READ_S = 0.05
FETCH_WITHIN_S = 0.25
COMMIT_WITHIN_S = 3.0


class ChunkThread(driver.AIOKafkaConsumerThread):
    """The thread in which aiokafka fetches and says that we are alive."""

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust has it at 1.5 s without a setting. While a broker holds a fetch for a silent partition,
        # nothing is fetched from its others.
        consumer._fetch_max_wait_ms = self.app.options.fetch_wait_ms
        return consumer

    async def on_start(self) -> None:
        """Faust's, but a broker that goes away just now is waited for; a stop ends that."""
        await self.wait(retrying(self._join, doing="reaching the group"))

    async def _join(self) -> None:
        try:
            await super().on_start()
        except KafkaError as error:
            await self._ensure_consumer().stop()
            raise as_ours(error) from error

    async def on_thread_stop(self) -> None:
        """Without a broker, aiokafka's stop raises what cancelled its own tasks, and Faust would wait for a minute."""
        with suppress(asyncio.CancelledError):
            await super().on_thread_stop()

    async def committed(self, tp: TP) -> int | None:
        """Where the group is."""
        found: int | None = await self.call_thread(self._ensure_consumer().committed, tp)
        return found


class ChunkConsumer(driver.Consumer):
    """What is overridden, and why, is in each method. `app` carries `options` and `handover`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._options: WorkerOptions = self.app.options
        self._handover: Handover = self.app.handover
        self._handover.on_fenced = self._place_fenced
        self._placing: set[asyncio.Task[None]] = set()
        self._committing: asyncio.Task[bool] | None = None
        self._fetching = asyncio.Lock()
        self._fenced_s = 0.0

    def _new_consumer_thread(self) -> ChunkThread:
        return ChunkThread(self, loop=self.loop, beacon=self.beacon)

    # Fetching

    async def _drain_messages(self, fetcher: Any) -> None:
        """Faust's, without its read offsets: the number of the reading tells a stale chunk, also after a seek back."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                async for _, message in self.getmany(timeout=FETCH_WITHIN_S):
                    await self.wait_first(self.callback(message), self.suspend_flow.wait())
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message for each partition that has something new, unless flow or assignment changed meanwhile."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        generation = self.app.consumer_generation_id
        async with self._fetching:
            readings = self._handover.readings()
            # A copy: a partition that is placed meanwhile must not be fetched under its old reading.
            active = set(self._get_active_partitions())
            fetched = await self._fetch(active, timeout)
        for tp, records in fetched.items():
            if self.should_stop or not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if tp.partition in readings:
                chunk = Chunk(tp.topic, tp.partition, records, readings[tp.partition])
                yield TP(*tp), self._to_message(TP(*tp), chunk)

    async def _fetch(self, active: set[TP], timeout: float) -> Any:
        if not active:
            await self.sleep(NOTHING_TO_READ_S)
            return {}
        try:
            return await self._getmany(active, timeout)
        except NoOffsetForPartitionError:
            # The fetch lasted into a new assignment, which isn't placed yet.
            return {}
        except OffsetOutOfRangeError:
            # The log was cut off before or behind us: look where it begins and ends now.
            self._place(active & self.assignment())
            return {}

    def _to_message(self, tp: TP, chunk: Chunk) -> ConsumerMessage:
        """The message's offset is that of the last record."""
        last = chunk.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            0,
            None,
            None,
            chunk,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    def on_buffer_full(self, tp: TP) -> None:
        """Faust stops fetching here and looks again in a second. A full queue makes `_drain_messages` wait as it is."""

    # Committing: only for watching the lag; agents without stored positions also resume there.

    def _new_offset(self, tp: TP) -> int | None:
        """The highest offset that is done, plus one. Faust looks for consecutive ones and would lag by a chunk."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return self._handover.done.get(tp.partition)

    async def wait_empty(self) -> None:
        """Before a revocation and at the end: the chunk at hand is finished or abandoned, what is done committed."""
        if self._placing:
            for task in self._placing:
                task.cancel()
            await asyncio.wait(set(self._placing))
        await self._handover.settle(self._options.settle_s)
        self._unacked_messages.clear()
        await self._commit_soon()
        await self._handover.release_all()

    async def _commit_soon(self) -> None:
        """While the broker is away a commit goes on for ever and can't be cancelled: don't wait for it, nor twice."""
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self.commit())
            await asyncio.wait({self._committing}, timeout=COMMIT_WITHIN_S)

    async def verify_all_partitions_active(self) -> None:
        """Faust's alarm for slow streams compares two clocks and cries after any long outage."""

    # Placing

    async def perform_seek(self) -> None:
        """After a rebalance. Faust gives this a time limit and never reads again once it is over; a store may be
        away for longer. So partitions stay paused here until they are placed."""
        self._fenced_s = 0.0
        partitions = {tp for tp in self.assignment() if tp.topic == self._handover.topic}
        log.info("%s: this worker has %s", self._handover.topic, listed({tp.partition for tp in partitions}))
        self._place(partitions)

    def _place_fenced(self, partition: int) -> None:
        """The other owner may be the right one, and we may hear of it soon: wait, longer each time."""
        self._fenced_s = min(max(self._fenced_s * 2, 0.5), self._options.session_timeout_s)
        self._place({TP(self._handover.topic, partition)}, self._fenced_s)

    def _place(self, partitions: set[TP], pause_s: float = 0.0) -> None:
        self.pause_partitions(partitions)
        task = asyncio.create_task(self._placed(partitions, pause_s))
        self._placing.add(task)
        task.add_done_callback(self._conclude_placing)

    def _conclude_placing(self, task: asyncio.Task[None]) -> None:
        self._placing.discard(task)
        error = None if task.cancelled() else task.exception()
        # Not assigned any more: the next assignment is placed anew.
        if error is not None and not isinstance(error, IllegalStateError) and not self.app.should_stop:
            self._handover.fail(error)

    async def _placed(self, partitions: set[TP], pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        numbers = {tp.partition for tp in partitions}
        stored = await self._handover.take_over(numbers)
        places = await retrying(lambda: self._places(partitions, stored), doing="asking where the log begins")
        for tp, found in places.items():
            if found.gone:
                log.warning("%s[%d]: %d records are gone; reading on from %d", *tp, found.gone, found.offset)
        # Not during a fetch: what it brings would be from before the seek or after it, and nobody could tell.
        async with self._fetching:
            await self.seek_wait({tp: found.offset for tp, found in places.items()})
            for tp in partitions:
                # So that a position which was turned back is committed as well.
                self._committed_offset[tp] = None
                self._handover.begin(tp.partition)
            self.resume_partitions(partitions)

    async def _places(self, partitions: set[TP], stored: Any) -> dict[TP, Place]:
        try:
            committed = {tp: await self._thread.committed(tp) for tp in partitions}
            starts, ends = await self.earliest_offsets(*partitions), await self.highwaters(*partitions)
        except KafkaError as error:
            raise as_ours(error) from error
        return {
            tp: place(*tp, stored.get(tp.partition), committed.get(tp), Bounds(starts[tp], ends[tp]))
            for tp in partitions
        }


def as_ours(error: KafkaError) -> Exception:
    """`BrokerUnavailable` where it is worth to try again."""
    return BrokerUnavailable(str(error) or type(error).__name__) if error.retriable else error


class ChunkTransport(driver.Transport):
    """Faust's transport with our consumer."""

    Consumer = ChunkConsumer
