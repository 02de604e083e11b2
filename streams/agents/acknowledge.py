"""The acknowledgement agent: signals to reminders, and to what the territory hears of its assignments."""

from collections.abc import Mapping, Sequence

from features.acknowledgement import AcknowledgementState, Params
from features.acknowledgement_fold import Out, fold
from features.events import Cause, Reminder, Signal
from features.rejection import Rejection
from streams import codec, day_codec
from streams.agents.keyed import Folded, Heard
from streams.chunks.agent import ReadRecord
from streams.ports import Message


class Acknowledge:
    """A `KeyedRole`: states by technician, in the partition of their signals."""

    def __init__(self, *, signals: str, technicians: str, territories: str, params: Params) -> None:
        self._signals, self._technicians, self._territories = signals, technicians, territories
        self._params = params

    def decode(self, record: ReadRecord) -> Signal | Rejection:
        return day_codec.hear_signal(record.value)

    async def fold(
        self, states: Mapping[str, AcknowledgementState], events: Sequence[Heard[Signal]], partition: int
    ) -> Folded[AcknowledgementState]:
        heard = [(Cause(self._signals, partition, offset, 0), signal.event) for offset, _, signal in events]
        changed, out = fold(states, heard, self._params)
        return Folded(changed, [(cause.offset, self._message(one, partition)) for cause, one in out])

    def _message(self, one: Out, partition: int) -> Message:
        """A technician's log has the partition of their signals; a territory's is by its key."""
        if isinstance(one, Reminder):
            return Message(self._technicians, codec.key_of(one), codec.encode(one), partition, one.time_ms)
        return Message(self._territories, day_codec.key_of(one), codec.encode(one), None, one.time_ms)
