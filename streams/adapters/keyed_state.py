"""The states of an agent's partitions by key: in Redis, and in this process for tests.

| name | key | state | stored by |
|---|---|---|---|
| `risk` | technician | `RiskState` | the risk agent |
| `territories` | territory | `TerritoryState` | the rebalance agent |
| `dispatch` | territory | what was sent of its plan | the dispatch agent |
| `acknowledgements` | technician | what waits to be acknowledged | the acknowledgement agent |
"""

from collections.abc import Iterable, Mapping
from typing import Any, Generic

import msgspec

from streams.adapters.index import encoded
from streams.adapters.redis_link import Command, RedisLink
from streams.adapters.redis_partitions import Content, RedisPartitions, decoded, keys_of
from streams.errors import Fenced
from streams.ports import KeyedLoaded, KeyedStep, M, S


class RedisKeyedStore(Generic[M, S]):
    """The `KeyedStore` of one worker."""

    def __init__(
        self,
        link: RedisLink,
        namespace: str,
        name: str,
        state_type: type[S],
        meta_type: type[M],
        *,
        worker: str | None = None,
    ) -> None:
        self._partitions = RedisPartitions(link, namespace, name, worker=worker)
        self._state, self._meta = msgspec.json.Decoder(state_type), msgspec.json.Decoder(meta_type)

    async def load(self, partition: int) -> KeyedLoaded[M, S]:
        keys = self._partitions.keys(partition)
        position, meta, found = await self._partitions.load(partition, "load_keyed")
        return KeyedLoaded(
            None if position is None else int(position),
            decoded(self._meta, meta or b"{}", keys.position),
            {
                name.decode(): decoded(self._state, text, keys.state)
                for name, text in zip(found[::2], found[1::2], strict=True)
            },
        )

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        return await self._partitions.positions(partitions)

    async def commit(self, step: KeyedStep[M, S]) -> None:
        """Store a step. The same step may be handed in again after `StoreUnavailable`: it is stored once."""
        await self._partitions.commit(step, Content(step.meta, step.states))

    def forget(self, partition: int) -> None:
        self._partitions.forget(partition)

    async def close(self) -> None:
        await self._partitions.close()


class RedisKeyedReader(Generic[S]):
    """The `KeyedReader` of what workers store under a name: each question goes to every partition at once."""

    def __init__(
        self, link: RedisLink, namespace: str, name: str, partitions: int, state_type: type[S]
    ) -> None:
        self._link, self._decoder = link, msgspec.json.Decoder(state_type)
        self._keys = [keys_of(namespace, name, partition).state for partition in range(partitions)]

    async def one(self, key: str) -> S | None:
        return (await self.some([key])).get(key)

    async def some(self, keys: Iterable[str]) -> dict[str, S]:
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        found: dict[str, S] = {}
        names = [encoded(key) for key in wanted]
        for stored, texts in await self._each([("HMGET", stored, *names) for stored in self._keys]):
            for key, text in zip(wanted, texts, strict=True):
                if text is not None:
                    found[key] = decoded(self._decoder, text, stored)
        return found

    async def every(self) -> dict[str, S]:
        found: dict[str, S] = {}
        for stored, texts in await self._each([("HGETALL", stored) for stored in self._keys]):
            # A cluster's client answers with pairs, the other with a dictionary.
            pairs = texts.items() if isinstance(texts, dict) else zip(texts[::2], texts[1::2], strict=True)
            found |= {name.decode(): decoded(self._decoder, text, stored) for name, text in pairs}
        return found

    async def close(self) -> None:
        await self._link.close()

    async def _each(self, commands: list[Command]) -> list[tuple[str, Any]]:
        return list(zip(self._keys, await self._link.ask_each(commands), strict=True))


class MemoryKeyedStore(Generic[M, S]):
    """A `KeyedStore` that several workers of one process may share."""

    def __init__(self, meta_type: type[M]) -> None:
        self.partitions: dict[int, KeyedLoaded[M, S]] = {}
        self._last: dict[int, KeyedStep[M, S]] = {}
        self._nothing: KeyedLoaded[M, S] = KeyedLoaded(None, meta_type(), {})

    async def load(self, partition: int) -> KeyedLoaded[M, S]:
        held = self.partitions.get(partition, self._nothing)
        return KeyedLoaded(held.position, held.meta, dict(held.states))

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        held = {partition: self.partitions.get(partition, self._nothing).position for partition in partitions}
        return {partition: position for partition, position in held.items() if position is not None}

    async def commit(self, step: KeyedStep[M, S]) -> None:
        held = self.partitions.get(step.partition, self._nothing)
        if held.position != step.expected:
            if step == self._last.get(step.partition):
                return
            raise Fenced(
                f"partition {step.partition}: its stored position is {held.position}, not {step.expected}; "
                "another worker owns it"
            )
        states = {**held.states, **step.states}
        self.partitions[step.partition] = KeyedLoaded(step.position, step.meta, states)
        self._last[step.partition] = step

    def forget(self, partition: int) -> None:
        """Nothing is kept beside what is stored."""

    async def close(self) -> None:
        """Nothing to close."""


class MemoryKeyedReader(Generic[S]):
    """The `KeyedReader` of a `MemoryKeyedStore`."""

    def __init__(self, store: MemoryKeyedStore[M, S]) -> None:
        self._store = store

    async def one(self, key: str) -> S | None:
        return (await self.every()).get(key)

    async def some(self, keys: Iterable[str]) -> dict[str, S]:
        every = await self.every()
        return {key: every[key] for key in keys if key in every}

    async def every(self) -> dict[str, S]:
        return {key: state for held in self._store.partitions.values() for key, state in held.states.items()}

    async def close(self) -> None:
        """Nothing to close."""
