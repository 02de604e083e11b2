"""Reads a topic as a broadcast: every worker gets all of it, from the beginning, and then what follows."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from streams.adapters.lookup import look_for_topic
from streams.errors import BrokerUnavailable

POLL_MS = 500
MAX_FETCH_BYTES = 9 * 1_048_576
RETRY_S = 1.0

log = logging.getLogger(__name__)


class Broadcast:
    """Hands every record of a topic to `heard`, in order by partition, in batches, on the event loop."""

    def __init__(
        self, bootstrap: str, topic: str, heard: Callable[[Sequence[ConsumerRecord[Any, Any]]], None]
    ) -> None:
        self._bootstrap, self._topic, self._heard = bootstrap, topic, heard
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when all that is there now has been heard; what comes later follows.

        Raises `BrokerUnavailable`, and `BadInput` where there is no such topic.
        """
        await look_for_topic(self._bootstrap, self._topic)
        try:
            self._consumer = AIOKafkaConsumer(
                self._topic,
                bootstrap_servers=self._bootstrap,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=MAX_FETCH_BYTES,
            )
            await self._consumer.start()
            await self._read_to_end(self._consumer)
        except BaseException as error:
            await self.stop()
            if isinstance(error, KafkaError):
                raise BrokerUnavailable(f"can't read {self._topic} at {self._bootstrap}: {error}") from error
            raise
        self._following = asyncio.create_task(self._follow(self._consumer))

    async def stop(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            await asyncio.wait({following})
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    def check(self) -> None:
        """Raises what ended the following, where something did: what is heard is no longer all there is."""
        if self._following is not None and self._following.done():
            self._following.result()

    async def _read_to_end(self, consumer: AIOKafkaConsumer) -> None:
        ends = await consumer.end_offsets(consumer.assignment())
        while [tp for tp, end in ends.items() if await consumer.position(tp) < end]:
            await self._hand_over(consumer)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        """Until something ends it that waiting doesn't mend; `check` tells that."""
        while True:
            try:
                await self._hand_over(consumer)
            except KafkaError as error:
                if not error.retriable:
                    raise
                log.warning("waiting (following %s): %s", self._topic, error or type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _hand_over(self, consumer: AIOKafkaConsumer) -> None:
        fetched = await consumer.getmany(timeout_ms=POLL_MS)
        records = [record for batch in fetched.values() for record in batch]
        if records:
            self._heard(records)
