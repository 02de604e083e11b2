"""A simulated day through codec and fold, as a worker would do it, without a broker."""

import msgspec

from features.events import Conclusion
from features.fence_index import FenceIndex
from features.fences import prepare
from features.fold import Record, fold
from features.params import TelemetryParams
from features.rejection import Rejection
from features.technician import PartitionState, TechnicianState
from streams.codec import decode, encode, key_of
from streams.simulator.day import Day

CHUNK = 2_000


class Outcome(msgspec.Struct):
    """What came of a day."""

    conclusions: list[Conclusion]
    rejections: list[Rejection]
    counts: dict[str, int]


def folded(day: Day) -> Outcome:
    """All technicians of a day on one partition."""
    params = TelemetryParams()
    fences = FenceIndex.of([prepare(fence) for fence in day.world.fences], params.fences.reach_m)
    records = [
        Record(offset, one.received_ms, decode(encode(one.value), key_of(one.value)))
        for offset, one in enumerate(day.messages(1))
    ]
    outcome, technicians = Outcome([], [], {}), dict[str, TechnicianState]()
    partition = PartitionState()
    for begin in range(0, len(records), CHUNK):
        chunk = fold(technicians, partition, records[begin : begin + CHUNK], fences, params)
        technicians.update(chunk.technicians)
        partition = chunk.partition_state
        outcome.conclusions += [one for _, made in chunk.conclusions for one in made]
        outcome.rejections += [one for _, one in chunk.rejections]
    outcome.counts = partition.counts
    return outcome
