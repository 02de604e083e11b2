"""The risk agent: signals to what is expected of each route, and to the risks that are told of it."""

from collections.abc import Mapping, Sequence

from features.events import Cause, Signal
from features.rejection import Rejection
from models import watching
from models.forecast import RiskState
from models.risk_params import RiskParams
from models.watching import Predictors
from streams.agents.keyed import Folded, Heard
from streams.chunks.agent import ReadRecord
from streams.codec import encode
from streams.day_codec import hear_signal, key_of
from streams.ports import Message


class Risk:
    """A `KeyedRole`: states by technician, in the partition of their signals."""

    def __init__(
        self, *, signals: str, territories: str, models: Predictors, zone: str, params: RiskParams
    ) -> None:
        self._signals, self._territories = signals, territories
        self._models, self._zone, self._params = models, zone, params

    def decode(self, record: ReadRecord) -> Signal | Rejection:
        return hear_signal(record.value)

    async def fold(
        self, states: Mapping[str, RiskState], events: Sequence[Heard[Signal]], partition: int
    ) -> Folded[RiskState]:
        heard = [(Cause(self._signals, partition, offset, 0), signal.event) for offset, _, signal in events]
        changed, made = watching.fold(states, heard, self._models, self._zone, self._params)
        sent = [
            (one.cause.offset, Message(self._territories, key_of(one), encode(one), None, one.time_ms))
            for one in made
        ]
        return Folded(changed, sent)
