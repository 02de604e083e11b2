"""Technicians' states in Redis, with the index by which they are found.

How a partition is stored is in `redis_partitions.py`; the members of its index are in `index.py`.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from features.technician import PartitionState, TechnicianState
from streams.adapters.index import Range, encoded, moves
from streams.adapters.redis_link import RedisLink, script
from streams.adapters.redis_partitions import Content, Keys, RedisPartitions, decoded
from streams.adapters.redis_partitions import keys_of as keys_under
from streams.errors import Fenced
from streams.ports import Loaded, Step
from streams.queries import INDEX_RESOLUTION, Queries

NAME = "technicians"

_states = msgspec.json.Decoder(list[TechnicianState])
_state = msgspec.json.Decoder(TechnicianState)
_partition_state = msgspec.json.Decoder(PartitionState)


def keys_of(namespace: str, partition: int) -> Keys:
    return keys_under(namespace, NAME, partition)


class RedisTechnicianStore:
    """The `TechnicianStore` of one worker.

    It keeps the states that it last wrote, to know which index members a step moves. `load` reads
    them anew, so another worker may have written the partition in between.
    """

    def __init__(self, link: RedisLink, namespace: str, *, worker: str | None = None) -> None:
        self._partitions = RedisPartitions(link, namespace, NAME, worker=worker)
        self._written: dict[int, dict[str, TechnicianState]] = {}

    async def load(self, partition: int) -> Loaded:
        keys = self._partitions.keys(partition)
        position, partition_state, states = await self._partitions.load(partition, "load_partition")
        technicians = {state.technician: state for state in decoded(_states, states, keys.state)}
        self._written[partition] = technicians
        return Loaded(
            None if position is None else int(position),
            decoded(_partition_state, partition_state or b"{}", keys.position),
            dict(technicians),
        )

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return await self._partitions.positions(partitions)

    async def commit(self, step: Step) -> None:
        """Store a step. The same step may be handed in again after `StoreUnavailable`: it is stored once."""
        if step.partition not in self._written:
            await self.load(step.partition)
        written = self._written[step.partition]
        content = Content(step.partition_state, step.technicians, *moves(written, step.technicians))
        try:
            await self._partitions.commit(step, content)
        except Fenced:
            self.forget(step.partition)
            raise
        written.update(step.technicians)

    def forget(self, partition: int) -> None:
        self._written.pop(partition, None)
        self._partitions.forget(partition)

    async def close(self) -> None:
        await self._partitions.close()


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
