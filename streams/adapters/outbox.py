"""Sends messages through librdkafka: in order, each once, however long the broker is away.

A consumer of ours drops an event whose cause is not above the last one it saw. So a message must
never be stored while one before it, of the same partition, is not: nothing may time out and be sent
again behind its successors. librdkafka's idempotent producer without a time limit promises just that.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivered

from streams.errors import HeadwayError
from streams.ports import Message

POLL_S = 0.1
QUEUED_MESSAGES = 100_000
LARGEST_BYTES = 9 * 1_048_576


class KafkaOutbox:
    """The port `Outbox` on a broker. One `send` at a time; later ones wait."""

    def __init__(
        self, bootstrap: str, *, client: str = "headway", logger: logging.Logger | None = None
    ) -> None:
        self._logger = logger or logging.getLogger("librdkafka")
        self._producer = Producer(_options(bootstrap, client), logger=self._logger)
        self._turn = asyncio.Lock()
        self._closed = threading.Event()

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when the broker has all of them. Blocks while it is away.

        Raises `HeadwayError` where librdkafka or the broker refuses one (too large, no such topic, not allowed).
        """
        if not messages:
            return
        async with self._turn:
            await asyncio.get_running_loop().run_in_executor(None, self._send, messages)

    async def close(self) -> None:
        """Give up what is still on its way; its input was not acknowledged, so it is sent again later."""
        self._closed.set()
        async with self._turn:
            self._producer.purge()
            await asyncio.get_running_loop().run_in_executor(None, self._producer.flush, 1.0)

    def _send(self, messages: Sequence[Message]) -> None:
        delivery = _Delivery(len(messages))
        for message in messages:
            self._hand_over(message, delivery)
        while delivery.left and not self._closed.is_set():
            self._producer.flush(POLL_S)
        if delivery.error is not None:
            raise HeadwayError(f"the broker refused a message for {delivery.refused}: {delivery.error}")
        if delivery.left:
            raise HeadwayError(f"closed with {delivery.left} messages on their way")

    def _hand_over(self, message: Message, delivery: "_Delivery") -> None:
        while not self._closed.is_set():
            try:
                self._producer.produce(**_arguments(message), on_delivery=delivery.report)
            except BufferError:
                # The queue is full: wait until some are delivered.
                self._producer.poll(POLL_S)
            except KafkaException as error:
                raise HeadwayError(
                    f"a message of {_bytes(message)} bytes for {message.topic} can't be sent: {error.args[0]}"
                ) from error
            else:
                return


class _Delivery:
    """Counts what the broker has confirmed."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.error: KafkaError | None = None
        self.refused: str | None = None

    def report(self, error: KafkaError | None, delivered: Delivered) -> None:
        self.left -= 1
        if error is not None and self.error is None:
            self.error, self.refused = error, delivered.topic()


def _bytes(message: Message) -> int:
    parts = (message.key, message.value, *(value for _, value in message.headers))
    return sum(len(part or b"") for part in parts)


def _arguments(message: Message) -> dict[str, Any]:
    arguments: dict[str, Any] = {"topic": message.topic, "key": message.key, "value": message.value}
    if message.partition is not None:
        arguments["partition"] = message.partition
    if message.timestamp_ms is not None:
        # 0 would be taken for the present.
        arguments["timestamp"] = max(1, message.timestamp_ms)
    if message.headers:
        arguments["headers"] = list(message.headers)
    return arguments


def _options(bootstrap: str, client: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": bootstrap,
        "client.id": client,
        "acks": "all",
        "enable.idempotence": True,
        # No limit: see above.
        "message.timeout.ms": 0,
        # As Java, aiokafka and kafka-python choose the partition of a key.
        "partitioner": "murmur2_random",
        "queue.buffering.max.messages": QUEUED_MESSAGES,
        "message.max.bytes": LARGEST_BYTES,
        "linger.ms": 1,
        "reconnect.backoff.max.ms": 2_000,
        "allow.auto.create.topics": True,
    }
