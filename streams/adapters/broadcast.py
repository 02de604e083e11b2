"""Reads a topic as a broadcast: every worker gets all of it, from the beginning, and then what follows."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from streams.errors import BrokerUnavailable

POLL_MS = 500
MAX_FETCH_BYTES = 9 * 1_048_576

log = logging.getLogger(__name__)


class Broadcast:
    """Hands every record of a topic to `heard`, in order by partition, in batches.

    `heard` is a plain function and is called on the event loop.
    """

    def __init__(
        self, bootstrap: str, topic: str, heard: Callable[[Sequence[ConsumerRecord[bytes, bytes]]], None]
    ) -> None:
        self._bootstrap, self._topic, self._heard = bootstrap, topic, heard
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when all that is there now has been handed over; what comes later follows.

        Raises `BrokerUnavailable` where there is no broker or no such topic.
        """
        # Without a group it has all partitions, also those that are added later.
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MAX_FETCH_BYTES,
        )
        try:
            await consumer.start()
            self._consumer = consumer
            await self._read_to_end(consumer)
        except KafkaError as error:
            await self.stop()
            raise BrokerUnavailable(f"can't read {self._topic} at {self._bootstrap}: {error}") from error
        self._following = asyncio.create_task(self._follow(consumer), name=f"follow {self._topic}")

    async def stop(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            await asyncio.wait({following})
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    def check(self) -> None:
        """Raises what ended the following, where something did."""
        if self._following is not None and self._following.done():
            self._following.result()

    async def _read_to_end(self, consumer: AIOKafkaConsumer) -> None:
        partitions = sorted(consumer.assignment())
        if not partitions:
            raise UnknownTopicOrPartitionError("no such topic; `headway topics --create` makes it")
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while [tp for tp in partitions if await consumer.position(tp) < ends[tp]]:
            await self._hand_over(consumer)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await self._hand_over(consumer)

    async def _hand_over(self, consumer: AIOKafkaConsumer) -> None:
        fetched = await consumer.getmany(timeout_ms=POLL_MS)
        records = [record for batch in fetched.values() for record in batch]
        if records:
            self._heard(records)
