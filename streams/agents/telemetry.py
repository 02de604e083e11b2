"""The telemetry agent: take a chunk of `technicians`, decode, load, fold, send, commit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from features.events import Cause, Signal, Status
from features.fence_index import FenceIndex
from features.fold import Folded, Record, fold
from features.ids import conclusion_id
from features.params import TelemetryParams
from features.rejection import Original, Refused
from features.technician import PartitionState, TechnicianState
from streams.agents.owned import Owner, unread
from streams.chunks import Chunk, retrying
from streams.chunks.agent import ReadRecord
from streams.codec import decode, encode
from streams.dead_letters import carried, dead_letter, sent_back
from streams.errors import Fenced
from streams.ports import Message, Outbox, Step, TechnicianStore


class Held(msgspec.Struct):
    """What this worker holds in memory of a partition that it owns; the store has the same."""

    position: int | None
    partition_state: PartitionState
    technicians: dict[str, TechnicianState]


class Telemetry(Owner[Held]):
    """Folds the log of technicians into their states and what telemetry concludes of them."""

    def __init__(
        self,
        *,
        topic: str,
        signals: str,
        dead_letters: str,
        store: TechnicianStore,
        outbox: Outbox,
        fences: Callable[[], FenceIndex],
        params: TelemetryParams,
    ) -> None:
        super().__init__(topic, store, outbox)
        self._signals, self._dead_letters = signals, dead_letters
        self._store, self._fences, self._params = store, fences, params

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Nothing stored means that all is to be read: where the group is says nothing about the state."""
        wanted = list(partitions)
        return dict.fromkeys(wanted, 0) | dict(await self._store.positions(wanted))

    async def process(self, chunk: Chunk) -> None:
        """Returns when everything that the chunk made is safe. Raises `Fenced` where another worker owns it."""
        held = await self._load(chunk.partition)
        records = [_record(record) for record in unread(chunk, held)]
        if not records:
            return
        folded = fold(held.technicians, held.partition_state, records, self._fences(), self._params)
        await self._outbox.send(list(self._messages(chunk, folded)))
        await self._commit(chunk.partition, held, folded, records[-1].offset + 1)

    async def _load(self, partition: int) -> Held:
        held = self._held.get(partition)
        if held is None:
            loaded = await self._store.load(partition)
            held = Held(loaded.position, loaded.partition_state, dict(loaded.technicians))
            self._held[partition] = held
        return held

    async def _commit(self, partition: int, held: Held, folded: Folded, position: int) -> None:
        step = Step(partition, held.position, position, folded.partition_state, folded.technicians)
        try:
            # Waited for here, so that nothing is sent again while the store is away.
            await retrying(lambda: self._store.commit(step), doing=f"storing {self._topic}[{partition}]")
        except Fenced:
            self._held.pop(partition, None)
            raise
        held.position, held.partition_state = position, folded.partition_state
        held.technicians.update(folded.technicians)

    def _messages(self, chunk: Chunk, folded: Folded) -> Iterator[Message]:
        """Signals and dead letters, each with the cause that lets a consumer recognise a repetition."""
        for offset, conclusions in folded.conclusions:
            for index, event in enumerate(conclusions):
                cause = Cause(chunk.topic, chunk.partition, offset, index)
                signal = Signal(id=conclusion_id(event), cause=cause, event=event)
                yield Message(
                    self._signals,
                    # The time is nobody's, and has no key.
                    event.technician.encode() or None,
                    encode(signal),
                    chunk.partition,
                    chunk.at(offset).timestamp,
                )
        yield from self._letters(chunk, folded)

    def _letters(self, chunk: Chunk, folded: Folded) -> Sequence[Message]:
        return [
            dead_letter(
                self._dead_letters,
                chunk.topic,
                chunk.partition,
                _as_read(offset, rejection.refused) if rejection.refused else chunk.at(offset),
                rejection,
            )
            for offset, rejection in folded.rejections
        ]


class _Read(msgspec.Struct, frozen=True):
    """A record that was read in an earlier chunk."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def _as_read(offset: int, refused: Refused) -> _Read:
    """The record of a status that was refused after it had waited for its turn."""
    original = refused.original or Original(encode(refused.status))
    key = refused.status.technician.encode()
    return _Read(offset, refused.received_ms, key, original.value, original.headers)


def _record(read: ReadRecord) -> Record:
    """A status may be refused after its record is gone, so it takes its bytes with it."""
    event = decode(read.value, read.key)
    original = None
    if type(event) is Status:
        # Stored with the state: nothing but what its letter would have.
        original = Original(read.value or b"", carried(read.headers))
    return Record(read.offset, read.timestamp, event, original, sent_back(read))
