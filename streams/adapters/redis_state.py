"""Technicians' states in Redis: three keys a partition, moved together by one script.

`<namespace>:{technicians:<partition>}:position` is a hash of position, writer and partition state;
`...:state` a hash from technician to state, as JSON; `...:index` the index, see `index.py`.
All keys of a partition share a hash tag, so they share a slot of a Redis Cluster.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from features.technician import PartitionState, TechnicianState
from streams.adapters.index import Range, encoded, moves
from streams.adapters.redis_link import Command, RedisLink, script
from streams.errors import BadSettings, Fenced
from streams.ports import Loaded, Step
from streams.queries import INDEX_RESOLUTION, Queries

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_states = msgspec.json.Decoder(list[TechnicianState])
_state = msgspec.json.Decoder(TechnicianState)
_partition_state = msgspec.json.Decoder(PartitionState)


class Keys(msgspec.Struct, frozen=True):
    position: str
    state: str
    index: str


def keys_of(namespace: str, partition: int) -> Keys:
    tagged = f"{namespace}:{{technicians:{partition}}}"
    return Keys(f"{tagged}:position", f"{tagged}:state", f"{tagged}:index")


class _Attempt(msgspec.Struct):
    """The last step that was sent, and the name it was sent under."""

    step: Step
    writer: str


class RedisTechnicianStore:
    """The `TechnicianStore` of one worker.

    It keeps the states that it last wrote, to know which index members a step moves. `load` reads
    them anew, so another worker may have written the partition in between.
    """

    def __init__(self, link: RedisLink, namespace: str, *, worker: str | None = None) -> None:
        self._link, self._namespace = link, namespace
        self._worker = worker or uuid.uuid4().hex
        self._sent = 0
        self._attempts: dict[int, _Attempt] = {}
        self._written: dict[int, dict[str, TechnicianState]] = {}

    async def load(self, partition: int) -> Loaded:
        keys = keys_of(self._namespace, partition)
        position, partition_state, states = await self._link.ask(
            "EVAL", script("load_partition"), 2, keys.position, keys.state
        )
        technicians = {state.technician: state for state in decoded(_states, states, keys.state)}
        self._written[partition] = technicians
        return Loaded(
            None if position is None else int(position),
            decoded(_partition_state, partition_state or b"{}", keys.position),
            dict(technicians),
        )

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        wanted = list(partitions)
        keys = [keys_of(self._namespace, partition).position for partition in wanted]
        answers = await self._link.ask_each([("HGET", key, "position") for key in keys])
        return {
            partition: int(answer)
            for partition, answer in zip(wanted, answers, strict=True)
            if answer is not None
        }

    async def commit(self, step: Step) -> None:
        """Store a step. The same step may be handed in again after `StoreUnavailable`: it is stored once."""
        if step.partition not in self._written:
            await self.load(step.partition)
        stored = await self._link.ask("EVAL", script("commit_step"), 3, *self._arguments(step))
        if not stored:
            self.forget(step.partition)
            raise Fenced(
                f"partition {step.partition}: its stored position is no longer {step.expected}; "
                "another worker owns it"
            )
        self._written[step.partition].update(step.technicians)

    def forget(self, partition: int) -> None:
        self._written.pop(partition, None)
        self._attempts.pop(partition, None)

    async def close(self) -> None:
        await self._link.close()

    def _arguments(self, step: Step) -> Command:
        keys = keys_of(self._namespace, step.partition)
        gone, come = moves(self._written[step.partition], step.technicians)
        return (
            keys.position,
            keys.state,
            keys.index,
            "" if step.expected is None else str(step.expected),
            str(step.position),
            self._writer(step),
            _encoder.encode(step.partition_state),
            _lines(step.technicians),
            _encoder.encode_lines(step.technicians.values()),
            _lines(gone),
            _lines(come),
        )

    def _writer(self, step: Step) -> str:
        """A name for this step: after a lost answer it tells that this very step moved the position."""
        attempt = self._attempts.get(step.partition)
        if attempt is None or not same(attempt.step, step):
            self._sent += 1
            attempt = _Attempt(step, f"{self._worker}:{self._sent}")
            self._attempts[step.partition] = attempt
        return attempt.writer


class RedisTechnicianQueries(Queries):
    """`TechnicianQueries` on what the workers store."""

    def __init__(
        self, link: RedisLink, namespace: str, partitions: int, *, resolution: int = INDEX_RESOLUTION
    ) -> None:
        super().__init__(RedisReader(link, namespace, partitions), resolution=resolution)
        self._link = link

    async def close(self) -> None:
        await self._link.close()


class RedisReader:
    """The `Reader` of queries: the same question to every partition, in one round trip."""

    def __init__(self, link: RedisLink, namespace: str, partitions: int) -> None:
        self._link = link
        self._keys = [keys_of(namespace, partition) for partition in range(partitions)]

    async def one(self, technician: str) -> TechnicianState | None:
        answers = await self._link.ask_each(
            [("HGET", keys.state, encoded(technician)) for keys in self._keys]
        )
        for keys, answer in zip(self._keys, answers, strict=True):
            if answer is not None:
                return decoded(_state, answer, keys.state)
        return None

    async def every(self) -> list[TechnicianState]:
        text = script("load_partition")
        answers = await self._link.ask_each(
            [("EVAL", text, 2, keys.position, keys.state) for keys in self._keys]
        )
        return self._all([answer[2] for answer in answers])

    async def within(self, ranges: Sequence[Range]) -> list[TechnicianState]:
        text = script("find_technicians")
        bounds = [bound for lower_upper in ranges for bound in lower_upper]
        return self._all(
            await self._link.ask_each(
                [("EVAL", text, 2, keys.state, keys.index, *bounds) for keys in self._keys]
            )
        )

    async def partition_states(self) -> list[PartitionState]:
        answers = await self._link.ask_each(
            [("HGET", keys.position, "partition_state") for keys in self._keys]
        )
        return [
            decoded(_partition_state, answer, keys.position)
            for keys, answer in zip(self._keys, answers, strict=True)
            if answer is not None
        ]

    def _all(self, lists: Sequence[bytes]) -> list[TechnicianState]:
        found: list[TechnicianState] = []
        for keys, states in zip(self._keys, lists, strict=True):
            here: list[TechnicianState] = decoded(_states, states, keys.state)
            found += here
        return found


def decoded(decoder: msgspec.json.Decoder[T], text: bytes, key: str) -> T:
    """What is stored under a key. Raises `BadSettings` where another version or program has written it."""
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"what Redis holds under {key} is not a state of this version of Headway ({error}); "
            "choose another namespace, or remove the key and fold the log again"
        ) from error


def same(step: Step, other: Step) -> bool:
    """Positions first: they differ from step to step, so whole steps are compared at a retry only."""
    return step is other or (step.position == other.position and step == other)


def _lines(texts: Iterable[str]) -> str:
    """No name has a control character, so a line holds any of them."""
    return "".join([f"{text}\n" for text in texts])
