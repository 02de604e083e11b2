"""What the agents need from the outside, as protocols. Memory and real adapters pass the same contract suites."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from features.technician import PartitionState, TechnicianState

M = TypeVar("M", bound=msgspec.Struct)
S = TypeVar("S", bound=msgspec.Struct)


class Message(msgspec.Struct, frozen=True):
    """One record to send. `partition` where the sender decides it, else the key does."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    timestamp_ms: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class Loaded(msgspec.Struct, frozen=True):
    """What is stored of one partition. `position` is the next offset to read, None where nothing is stored."""

    position: int | None
    partition_state: PartitionState
    technicians: Mapping[str, TechnicianState]


class Step(msgspec.Struct, frozen=True):
    """What one chunk changed: stored whole if the stored position is still `expected`, else not at all."""

    partition: int
    expected: int | None
    position: int
    partition_state: PartitionState
    technicians: Mapping[str, TechnicianState]
    """Only those that changed."""


class TechnicianStore(Protocol):
    """Technicians' states by partition. All may block on the network and raise `StoreUnavailable`."""

    async def load(self, partition: int) -> Loaded: ...

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Stored positions (next offset to read); a partition without one is absent."""
        ...

    async def commit(self, step: Step) -> None:
        """Store a step. Raises `Fenced` where another worker has moved the position."""
        ...

    def forget(self, partition: int) -> None:
        """Drop what is kept in memory of a partition that is not this worker's any more."""
        ...


class KeyedLoaded(msgspec.Struct, Generic[M, S], frozen=True):
    """What is stored of one partition. `meta` is what its agent remembers beside the states.

    `position` is the next offset to read, None where nothing is stored.
    """

    position: int | None
    meta: M
    states: Mapping[str, S]


class KeyedStep(msgspec.Struct, Generic[M, S], frozen=True):
    """What one chunk changed: stored whole if the stored position is still `expected`, else not at all."""

    partition: int
    expected: int | None
    position: int
    meta: M
    states: Mapping[str, S]
    """Only those that changed."""


class KeyedStore(Protocol[M, S]):
    """The states of an agent's partitions, by key. As `TechnicianStore`, and nobody searches by more than the key."""

    async def load(self, partition: int) -> KeyedLoaded[M, S]: ...

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]: ...

    async def commit(self, step: KeyedStep[M, S]) -> None:
        """Store a step. Raises `Fenced` where another worker has moved the position."""
        ...

    def forget(self, partition: int) -> None: ...

    async def close(self) -> None: ...


class KeyedReader(Protocol[S]):
    """What others read of an agent's states, over all partitions. All may raise `StoreUnavailable`."""

    async def one(self, key: str) -> S | None: ...

    async def some(self, keys: Iterable[str]) -> dict[str, S]:
        """Those of the keys that there are."""
        ...

    async def every(self) -> dict[str, S]: ...

    async def close(self) -> None: ...


class Nearby(msgspec.Struct, frozen=True):
    distance_m: float
    technician: TechnicianState


class TechnicianQueries(Protocol):
    """Questions about the state, over all partitions. All may raise `StoreUnavailable`."""

    async def technician(self, technician: str) -> TechnicianState | None: ...

    async def technicians(self) -> Sequence[TechnicianState]: ...

    async def in_territory(self, territory: str) -> Sequence[TechnicianState]: ...

    async def in_fence(self, fence: str) -> Sequence[TechnicianState]: ...

    async def in_cell(self, cell: str) -> Sequence[TechnicianState]:
        """Who is in an H3 cell, of any resolution up to the index's. Raises `BadCell`."""
        ...

    async def nearest(
        self,
        lat: float,
        lon: float,
        count: int,
        *,
        skills: Iterable[str] = (),
        statuses: Iterable[str] = (),
        within_m: float = 50_000.0,
    ) -> Sequence[Nearby]:
        """The nearest technicians who have all the skills and one of the statuses, by growing rings."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Sums over the partitions of what was kept and dropped, by name."""
        ...


class Outbox(Protocol):
    """Where messages go out."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when the broker has all of them. Blocks and retries while it is away."""
        ...
