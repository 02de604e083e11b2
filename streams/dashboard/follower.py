"""Follows signals, territories and plans for the board: from a little before their ends, then what comes."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from features.events import Tick
from features.rejection import Rejection
from streams.adapters.lookup import partitions_of
from streams.dashboard.news import Item, News
from streams.dashboard.sentences import Told
from streams.day_codec import decode_plan, decode_territory, hear_signal
from streams.errors import HeadwayError
from streams.topics import Topics

POLL_MS = 250
TAIL_RECORDS = 1_500
"""Of each partition: what the feed begins with."""
RETRY_S = 1.0

log = logging.getLogger(__name__)


class Follower:
    """One for all pages. What can't be decoded is for the agents to tell; here it is passed over."""

    def __init__(self, bootstrap: str, topics: Topics, news: News) -> None:
        self._bootstrap, self._topics, self._news = bootstrap, topics, news
        self._names = (topics.signals, topics.territories, topics.plans)
        self._following: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Returns at once: pages are served while the broker is away."""
        self._following = asyncio.create_task(self._follow())
        self._following.add_done_callback(self._told_of_its_end)

    async def stop(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            await asyncio.wait({following})

    def _told_of_its_end(self, following: "asyncio.Task[None]") -> None:
        """Following ends by a bug or by `stop`: pages must not look alive when nobody listens any more."""
        error = None if following.cancelled() else following.exception()
        if error is not None:
            log.error("no longer following the log: restart the board", exc_info=error)
            self._news.problem = "The board has failed and hears of no change; restart it"
            self._news.touch()

    async def _follow(self) -> None:
        """For ever: whatever ends a connection, another is made. `news.problem` says that none is there."""
        while True:
            try:
                await self._connected()
            except (KafkaError, HeadwayError, OSError) as error:
                said = str(error) or type(error).__name__
                if not self._news.problem:
                    log.warning("waiting (following the log): %s", said)
                self._news.problem = "Kafka does not answer; what changes is not heard"
                self._news.touch()
                await asyncio.sleep(RETRY_S)

    async def _connected(self) -> None:
        parts = [
            TopicPartition(name, partition)
            for name in self._names
            for partition in range(await partitions_of(self._bootstrap, name))
        ]
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        try:
            await consumer.start()
            ends = await _assign(consumer, parts)
            await self._catch_up(consumer, ends)
            self._news.problem = ""
            self._news.touch()
            while True:
                self._hear(await self._fetch(consumer))
        finally:
            await consumer.stop()

    async def _catch_up(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        """Partitions come one after the other here: what they hold is put in the order of its time."""
        found: list[Any] = []
        while [part for part, end in ends.items() if await consumer.position(part) < end]:
            found += await self._fetch(consumer)
        found.sort(key=lambda record: record.timestamp)
        known = {item.id for item in self._news.items}
        self._hear([record for record in found if self._id(record) not in known])

    async def _fetch(self, consumer: AIOKafkaConsumer) -> list[Any]:
        fetched = await consumer.getmany(timeout_ms=POLL_MS)
        return [record for batch in fetched.values() for record in batch]

    def _hear(self, records: Sequence[Any]) -> None:
        items = [
            Item(self._id(record), told) for record in records if (told := self._decoded(record)) is not None
        ]
        if items:
            self._news.hear(items)

    def _decoded(self, record: Any) -> Told | None:
        if record.topic == self._topics.signals:
            told: Any = hear_signal(record.value)
        elif record.topic == self._topics.plans:
            told = decode_plan(record.value)
        else:
            told = decode_territory(record.value, record.key)
        return None if isinstance(told, Rejection | Tick) else told

    def _id(self, record: Any) -> str:
        return f"{self._names.index(record.topic)}-{record.partition}-{record.offset}"


async def _assign(consumer: AIOKafkaConsumer, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
    """Begin a little before where each partition ends; the ends."""
    consumer.assign(parts)
    begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    for part in parts:
        consumer.seek(part, max(begins[part], ends[part] - TAIL_RECORDS))
    return dict(ends)
