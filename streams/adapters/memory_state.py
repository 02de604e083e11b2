"""Technicians' states in this process: for tests, and to show what the real store must do."""

from collections.abc import Iterable, Mapping, Sequence

from features.technician import PartitionState, TechnicianState
from streams.adapters.index import Range, members, within
from streams.adapters.keyed_state import MemoryKeyedStore
from streams.ports import KeyedLoaded, KeyedStep, Loaded, Step
from streams.queries import INDEX_RESOLUTION, Queries


class MemoryTechnicianStore:
    """A `TechnicianStore` that several workers of one process may share."""

    def __init__(self) -> None:
        self._keyed: MemoryKeyedStore[PartitionState, TechnicianState] = MemoryKeyedStore(PartitionState)

    @property
    def partitions(self) -> dict[int, Loaded]:
        return {partition: _loaded(held) for partition, held in self._keyed.partitions.items()}

    async def load(self, partition: int) -> Loaded:
        return _loaded(await self._keyed.load(partition))

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return await self._keyed.positions(partitions)

    async def commit(self, step: Step) -> None:
        await self._keyed.commit(
            KeyedStep(step.partition, step.expected, step.position, step.partition_state, step.technicians)
        )

    def forget(self, partition: int) -> None:
        """Nothing is kept beside what is stored."""


class MemoryTechnicianQueries(Queries):
    """`TechnicianQueries` on a `MemoryTechnicianStore`."""

    def __init__(self, store: MemoryTechnicianStore, *, resolution: int = INDEX_RESOLUTION) -> None:
        super().__init__(MemoryReader(store), resolution=resolution)


class MemoryReader:
    """The `Reader` of queries: looks at everybody."""

    def __init__(self, store: MemoryTechnicianStore) -> None:
        self._store = store

    async def one(self, technician: str) -> TechnicianState | None:
        found = (held.technicians.get(technician) for held in self._store.partitions.values())
        return next((state for state in found if state is not None), None)

    async def every(self) -> list[TechnicianState]:
        return [state for held in self._store.partitions.values() for state in held.technicians.values()]

    async def within(self, ranges: Sequence[Range]) -> list[TechnicianState]:
        return [
            state
            for state in await self.every()
            if any(within(member, bounds) for member in members(state) for bounds in ranges)
        ]

    async def partition_states(self) -> list[PartitionState]:
        return [held.partition_state for held in self._store.partitions.values()]


def _loaded(held: KeyedLoaded[PartitionState, TechnicianState]) -> Loaded:
    return Loaded(held.position, held.meta, held.states)
