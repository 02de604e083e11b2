"""An outbox that keeps what is sent."""

from collections.abc import Sequence

from streams.ports import Message


class Outbox:
    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, messages: Sequence[Message]) -> None:
        self.sent += messages

    def to(self, topic: str) -> list[Message]:
        return [message for message in self.sent if message.topic == topic]
