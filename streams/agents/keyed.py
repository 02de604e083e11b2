"""An agent of states by key: take a chunk, decode, load, fold, commit with what is to be sent, send from there.

What it sends is stored with the states first, for not every decision can be made a second time alike. After
a crash it is sent again from the store, the very same; consumers tell it by its cause. Dead letters go out
before the commit: they can be made again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec

from features.events import Cause
from features.rejection import Rejection
from features.repeats import is_new
from streams.agents.owned import Owner, unread
from streams.chunks import Chunk, retrying
from streams.chunks.agent import ReadRecord
from streams.dead_letters import dead_letter, sent_back
from streams.errors import Fenced
from streams.ports import KeyedStep, KeyedStore, Message, Outbox, S

E = TypeVar("E", bound=msgspec.Struct)


class Heard(NamedTuple, Generic[E]):
    """An event with its place on the log and when the log received it."""

    offset: int
    timestamp_ms: int
    event: E


class Folded(msgspec.Struct, Generic[S], frozen=True):
    """What a chunk made: the states that changed, what is to be sent, and what was refused.

    Both lists name the offset of the record that made it. A message without a time gets that record's.
    Messages have no headers, and their key and value are UTF-8.
    """

    changed: Mapping[str, S] = {}
    sent: Sequence[tuple[int, Message]] = ()
    rejections: Sequence[tuple[int, Rejection]] = ()


class KeyedRole(Protocol[S, E]):
    """What one agent does with its events; all else is the same for all of them."""

    def decode(self, record: ReadRecord) -> E | Rejection: ...

    async def fold(self, states: Mapping[str, S], events: Sequence[Heard[E]], partition: int) -> Folded[S]:
        """Fold at least one event into the states of its partition, which it must not change in place.

        No result may depend on where a chunk ends. `StoreUnavailable` and `BrokerUnavailable` are waited
        out: the same events come again, into the same states. May be cancelled.
        """
        ...


class StoredMessage(msgspec.Struct, frozen=True, array_like=True):
    """A `Message` as it is stored, for people to read."""

    topic: str
    key: str | None
    value: str | None
    partition: int | None
    timestamp_ms: int | None


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the agent remembers of a partition beside the states.

    `seen` has the last cause by kind of event and partition that it came from. `unsent` may not have been
    sent when the worker ended. `counts` has `events`, `repeated` and `rejected.<reason>`.
    """

    seen: dict[str, Cause] = {}
    unsent: tuple[StoredMessage, ...] = ()
    counts: dict[str, int] = {}


class Held(msgspec.Struct, Generic[S]):
    """What this worker holds in memory of a partition that it owns; the store has the same."""

    position: int | None
    meta: Meta
    states: dict[str, S]
    unsent: Sequence[Message]


class KeyedAgent(Owner[Held[S]], Generic[S, E]):
    """The `ChunkAgent` of a role."""

    def __init__(
        self,
        role: KeyedRole[S, E],
        *,
        topic: str,
        store: KeyedStore[Meta, S],
        outbox: Outbox,
        dead_letters: str,
    ) -> None:
        super().__init__(topic, store, outbox)
        self._role, self._store, self._dead_letters = role, store, dead_letters

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Sends what an earlier owner may have left unsent, also where nothing new comes in."""
        wanted = list(partitions)
        for partition in wanted:
            await self._send_rest(await self._load(partition))
        return {partition: self._held[partition].position or 0 for partition in wanted}

    async def process(self, chunk: Chunk) -> None:
        """Returns when everything that the chunk made is safe. Raises `Fenced` where another worker owns it."""
        held = await self._load(chunk.partition)
        await self._send_rest(held)
        records = unread(chunk, held)
        if not records:
            return
        heard, rejected = self._decoded(records)
        again = {record.offset for record in records if sent_back(record)}
        fresh, seen = unseen(heard, held.meta.seen, again)
        folded: Folded[S] = Folded()
        if fresh:
            folded = await self._role.fold(held.states, fresh, chunk.partition)
        rejected += folded.rejections
        await self._outbox.send(self._letters(chunk, rejected))
        counts = _counted(held.meta.counts, heard, fresh, rejected)
        meta = Meta(seen, tuple(_stored(chunk, offset, message) for offset, message in folded.sent), counts)
        await self._commit(
            held, KeyedStep(chunk.partition, held.position, records[-1].offset + 1, meta, folded.changed)
        )
        if held.unsent:
            await self._send_rest(held)
            await self._commit(held, _all_sent(chunk.partition, held))

    async def _load(self, partition: int) -> Held[S]:
        held = self._held.get(partition)
        if held is None:
            loaded = await self._store.load(partition)
            held = Held(loaded.position, loaded.meta, dict(loaded.states), _messages(loaded.meta))
            self._held[partition] = held
        return held

    def _decoded(self, records: Iterable[ReadRecord]) -> tuple[list[Heard[E]], list[tuple[int, Rejection]]]:
        heard: list[Heard[E]] = []
        rejected: list[tuple[int, Rejection]] = []
        for record in records:
            event = self._role.decode(record)
            if isinstance(event, Rejection):
                rejected.append((record.offset, event))
            else:
                heard.append(Heard(record.offset, record.timestamp, event))
        return heard, rejected

    def _letters(self, chunk: Chunk, rejected: Sequence[tuple[int, Rejection]]) -> Sequence[Message]:
        return [
            dead_letter(self._dead_letters, chunk.topic, chunk.partition, chunk.at(offset), rejection)
            for offset, rejection in rejected
        ]

    async def _commit(self, held: Held[S], step: KeyedStep[Meta, S]) -> None:
        doing = f"storing {self._topic}[{step.partition}]"
        try:
            # Waited for here, so that nothing is decided again while the store is away.
            await retrying(lambda: self._store.commit(step), doing=doing)
        except Fenced:
            self._held.pop(step.partition, None)
            raise
        held.position, held.meta = step.position, step.meta
        held.states.update(step.states)
        held.unsent = _messages(step.meta)

    async def _send_rest(self, held: Held[S]) -> None:
        if held.unsent:
            await self._outbox.send(held.unsent)
            held.unsent = ()


def _all_sent(partition: int, held: Held[S]) -> KeyedStep[Meta, S]:
    """So that a worker that begins hours later does not send it once more."""
    meta = msgspec.structs.replace(held.meta, unsent=())
    return KeyedStep(partition, held.position, held.position or 0, meta, {})


def unseen(
    heard: Sequence[Heard[E]], seen: Mapping[str, Cause], again: Collection[int] = ()
) -> tuple[list[Heard[E]], dict[str, Cause]]:
    """The events that are no repetition, and the last causes after them.

    Those without a cause are all new, and so are those at the offsets `again`: dead letters sent back.
    """
    fresh, last = [], dict(seen)
    for one in heard:
        cause: Cause | None = getattr(one.event, "cause", None)
        if cause is None or one.offset in again or is_new(last, str(one.event.__struct_config__.tag), cause):
            fresh.append(one)
    return fresh, last


def _counted(
    before: Mapping[str, int],
    heard: Sequence[Heard[E]],
    fresh: Sequence[Heard[E]],
    rejected: Sequence[tuple[int, Rejection]],
) -> dict[str, int]:
    counts = dict(before)
    more = [("events", len(fresh)), ("repeated", len(heard) - len(fresh))]
    more += [(f"rejected.{rejection.reason}", 1) for _, rejection in rejected]
    for name, count in more:
        if count:
            counts[name] = counts.get(name, 0) + count
    return counts


def _stored(chunk: Chunk, offset: int, message: Message) -> StoredMessage:
    time_ms = message.timestamp_ms if message.timestamp_ms is not None else chunk.at(offset).timestamp
    key, value = message.key, message.value
    return StoredMessage(
        message.topic,
        None if key is None else key.decode(),
        None if value is None else value.decode(),
        message.partition,
        time_ms,
    )


def _messages(meta: Meta) -> Sequence[Message]:
    return [
        Message(
            one.topic,
            None if one.key is None else one.key.encode(),
            None if one.value is None else one.value.encode(),
            one.partition,
            one.timestamp_ms,
        )
        for one in meta.unsent
    ]
