"""Technicians' states in this process: for tests, and to show what the real store must do."""

from collections.abc import Iterable, Mapping, Sequence

from features.technician import PartitionState, TechnicianState
from streams.adapters.index import Range, members, within
from streams.errors import Fenced
from streams.ports import Loaded, Step
from streams.queries import INDEX_RESOLUTION, Queries

NOTHING = Loaded(None, PartitionState(), {})


class MemoryTechnicianStore:
    """A `TechnicianStore` that several workers of one process may share."""

    def __init__(self) -> None:
        self.partitions: dict[int, Loaded] = {}
        self._last: dict[int, Step] = {}

    async def load(self, partition: int) -> Loaded:
        held = self.partitions.get(partition, NOTHING)
        return Loaded(held.position, held.partition_state, dict(held.technicians))

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        held = {partition: self.partitions.get(partition, NOTHING).position for partition in partitions}
        return {partition: position for partition, position in held.items() if position is not None}

    async def commit(self, step: Step) -> None:
        held = self.partitions.get(step.partition, NOTHING)
        if held.position != step.expected:
            if step == self._last.get(step.partition):
                return
            raise Fenced(
                f"partition {step.partition}: its stored position is {held.position}, not {step.expected}; "
                "another worker owns it"
            )
        technicians = {**held.technicians, **step.technicians}
        self.partitions[step.partition] = Loaded(step.position, step.partition_state, technicians)
        self._last[step.partition] = step

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
