"""An outbox that keeps what is sent."""

from collections.abc import Sequence

from streams.ports import Message


class Outbox:
    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.dies_when_sent = False

    async def send(self, messages: Sequence[Message]) -> None:
        self.sent += messages
        if self.dies_when_sent:
            raise RuntimeError("the worker is gone")

    def to(self, topic: str) -> list[Message]:
        return [message for message in self.sent if message.topic == topic]
