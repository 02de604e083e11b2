"""The rebalance agent: what happens in a territory to its plan, and to better plans where it is time to look."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from features.events import Cause, Tick
from features.plan_events import PlanOutbound, Proposal
from features.rejection import Rejection
from features.territory import TerritoryState
from features.territory_events import TerritoryInbound
from models.forecast import RiskState
from models.planning.change import Planning
from models.planning.day import Made, advance, named
from models.planning.decision import decided
from models.rebalancing.policy import Look, ripe
from streams.agents.keyed import Folded, Heard
from streams.chunks.agent import ReadRecord
from streams.codec import encode
from streams.day_codec import decode_territory, key_of
from streams.ports import KeyedReader, Message

Search = Callable[[TerritoryState, Mapping[str, RiskState], Look], Proposal | Mapping[str, str]]
"""A proposal for this state, or why there is none, by appointment. Takes seconds, so it runs in a thread."""


class Rebalance:
    """A `KeyedRole`: states by territory. What it decides is stored before it is sent: a search can't be repeated."""

    def __init__(
        self,
        *,
        territories: str,
        plans: str,
        risks: KeyedReader[RiskState],
        search: Search,
        planning: Planning,
    ) -> None:
        self._territories, self._plans = territories, plans
        self._risks, self._search, self._planning = risks, search, planning

    def decode(self, record: ReadRecord) -> TerritoryInbound | Rejection:
        event = decode_territory(record.value, record.key)
        if isinstance(event, Rejection):
            return event
        ahead_s = (event.time_ms - record.timestamp) / 1000
        if ahead_s > self._planning.params.ahead_max_s:
            return Rejection("future", f"{ahead_s:.0f} s ahead of the record's time: set the sender's clock")
        return event

    async def fold(
        self, states: Mapping[str, TerritoryState], events: Sequence[Heard[TerritoryInbound]], partition: int
    ) -> Folded[TerritoryState]:
        changed: dict[str, TerritoryState] = {}
        sent: list[tuple[int, Message]] = []
        rejections: list[tuple[int, Rejection]] = []
        for offset, _, event in events:
            cause = Cause(self._territories, partition, offset, 0)
            for name in _concerned(event, states, changed):
                before = changed.get(name) or states.get(name) or TerritoryState(name)
                state, made = await self._told(before, event, cause)
                plans = [one for one in made if not isinstance(one, Rejection)]
                refused = [(offset, one) for one in made if isinstance(one, Rejection)]
                if state is not before and (not refused or plans or name in states or name in changed):
                    changed[name] = state
                sent += [(offset, self._message(one)) for one in plans]
                rejections += refused
                cause = _after(cause, plans)
        return Folded(changed, sent, rejections)

    async def _told(
        self, state: TerritoryState, event: TerritoryInbound, cause: Cause
    ) -> tuple[TerritoryState, Made]:
        """One event, and the look for a better plan that it makes due."""
        after, made = advance(state, event, cause, self._planning)
        if after is state:
            return state, made
        state = after
        look = ripe(state, self._planning.params.policy)
        if look is None:
            return state, made
        risks = await self._risks.some(state.roster)
        answer = await asyncio.to_thread(self._search, state, risks, look)
        state, more = decided(state, look, answer, self._planning)
        return state, (*made, *named(more, _after(cause, made)))

    def _message(self, made: PlanOutbound) -> Message:
        return Message(self._plans, key_of(made), encode(made), timestamp_ms=made.time_ms)


def _concerned(event: TerritoryInbound, *states: Mapping[str, TerritoryState]) -> Iterable[str]:
    """A tick says the time to all territories of its partition."""
    if isinstance(event, Tick):
        return sorted({name for known in states for name in known})
    return (event.territory,)


def _after(cause: Cause, made: Iterable[PlanOutbound | Rejection]) -> Cause:
    """The first that is free behind what was made."""
    count = sum(not isinstance(one, Rejection) for one in made)
    return Cause(cause.topic, cause.partition, cause.offset, cause.index + count)
