"""A tiny keyed agent: it counts what each name said, and tells each third word. Its log is of JSON lines."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from features.events import Cause
from features.rejection import Rejection
from streams.agents.keyed import Folded, Heard, Meta
from streams.chunks import Chunk
from streams.chunks.agent import ReadRecord
from streams.errors import BrokerUnavailable
from streams.ports import KeyedReader, KeyedStep, KeyedStore, Message

TOPIC, TOLD, LETTERS = "x.words", "x.told", "x.dead-letters"
BEGAN_MS = 1_750_000_000_000


class Counted(msgspec.Struct, frozen=True):
    """The state: so many words, and the last one."""

    name: str
    words: int = 0
    last: str = ""


class Word(msgspec.Struct, frozen=True, tag="word"):
    name: str
    word: str
    cause: Cause | None = None


class Read(msgspec.Struct, frozen=True):
    """A record as a consumer hands it out."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class KeyedStores(msgspec.Struct):
    """`worker` makes the store of one more worker, over the same data; `reader` reads that data."""

    worker: Callable[[], KeyedStore[Meta, Counted]]
    reader: Callable[[], KeyedReader[Counted]]


class Counting:
    """The role."""

    def decode(self, record: ReadRecord) -> Word | Rejection:
        try:
            return msgspec.json.decode(record.value or b"", type=Word)
        except msgspec.DecodeError as error:
            return Rejection("malformed", str(error))

    async def fold(
        self, states: Mapping[str, Counted], events: Sequence[Heard[Word]], partition: int
    ) -> Folded[Counted]:
        changed: dict[str, Counted] = {}
        sent = []
        for offset, _, event in events:
            before = changed.get(event.name) or states.get(event.name) or Counted(event.name)
            after = Counted(event.name, before.words + 1, event.word)
            changed[event.name] = after
            if after.words % 3 == 0:
                sent.append((offset, told(after, partition, offset)))
        return Folded(changed, sent)


def told(state: Counted, partition: int, offset: int) -> Message:
    told_word = Word(state.name, f"{state.words} words, {state.last}", Cause(TOPIC, partition, offset, 0))
    return Message(TOLD, state.name.encode(), msgspec.json.encode(told_word))


class Desk:
    """A store and an outbox in one, which note what was done in which order; either can fail once."""

    def __init__(self, store: KeyedStore[Meta, Counted]) -> None:
        self.store = store
        self.done: list[str] = []
        self.sent: list[Message] = []
        self.broker_away = False
        self.dies_when_sent = False
        self.load, self.positions, self.forget = store.load, store.positions, store.forget

    async def send(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        if self.broker_away:
            raise BrokerUnavailable("Kafka is away")
        self.done.append("sent " + ",".join(sorted({message.topic for message in messages})))
        self.sent += messages
        if self.dies_when_sent:
            self.dies_when_sent = False
            raise RuntimeError("the worker is gone")

    async def commit(self, step: KeyedStep[Meta, Counted]) -> None:
        await self.store.commit(step)
        self.done.append("committed")

    async def close(self) -> None:
        await self.store.close()

    def told(self) -> list[Message]:
        return [message for message in self.sent if message.topic == TOLD]

    def letters(self) -> list[Message]:
        return [message for message in self.sent if message.topic == LETTERS]


def records(*words: Word | bytes, first: int = 0) -> list[Read]:
    """On the log from the offset `first` on, a second apart."""
    values = [word if isinstance(word, bytes) else msgspec.json.encode(word) for word in words]
    return [Read(first + n, BEGAN_MS + 1000 * (first + n), b"ana", value) for n, value in enumerate(values)]


def chunk(*words: Word | bytes, first: int = 0, partition: int = 0) -> Chunk:
    return Chunk(TOPIC, partition, records(*words, first=first))
