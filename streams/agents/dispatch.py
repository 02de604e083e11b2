"""The dispatch agent: a plan that changed to the assignments and routes on the technicians' logs."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from features.dispatching import DispatchState, advance
from features.events import Cause
from features.plan_events import PlanOutbound
from features.rejection import Rejection
from streams.agents.keyed import Folded, Heard
from streams.chunks.agent import ReadRecord
from streams.codec import encode, key_of
from streams.day_codec import decode_plan
from streams.ports import Message


class Dispatch:
    """A `KeyedRole`: states by territory."""

    def __init__(self, *, plans: str, technicians: str) -> None:
        self._plans, self._technicians = plans, technicians

    def decode(self, record: ReadRecord) -> PlanOutbound | Rejection:
        return decode_plan(record.value)

    async def fold(
        self, states: Mapping[str, DispatchState], events: Sequence[Heard[PlanOutbound]], partition: int
    ) -> Folded[DispatchState]:
        changed: dict[str, DispatchState] = {}
        sent: list[tuple[int, Message]] = []
        rejections: list[tuple[int, Rejection]] = []
        for offset, _, event in events:
            name = event.territory
            before = changed.get(name) or states.get(name) or DispatchState(name)
            after, made = advance(before, event)
            if after is not before:
                changed[name] = after
            for index, one in enumerate(made):
                if isinstance(one, Rejection):
                    rejections.append((offset, one))
                else:
                    told = replace(one, cause=Cause(self._plans, partition, offset, index))
                    message = Message(self._technicians, key_of(told), encode(told), None, told.time_ms)
                    sent.append((offset, message))
        return Folded(changed, sent, rejections)
