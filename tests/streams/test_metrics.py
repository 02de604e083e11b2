"""Whatever the fold counts has a meaning written down."""

from typing import get_args

from features.events import DropReason, Ping, Profile, RejectReason, Status, Tick
from features.fence_index import FenceIndex
from features.fold import Record, fold
from features.params import TelemetryParams
from features.rejection import Rejection
from features.technician import PartitionState
from streams.metrics import COUNTS


def test_every_reason_has_a_meaning() -> None:
    reasons = [f"dropped.{reason}" for reason in get_args(DropReason)]
    reasons += [f"rejected.{reason}" for reason in get_args(RejectReason)]

    assert set(reasons) == {name for name in COUNTS if "." in name}


def test_what_a_fold_counts_has_a_meaning() -> None:
    ping = Ping(technician="T1", time_ms=1_000, lat=30.0, lon=-97.0, seq=1)
    events = [
        Profile(technician="T1", time_ms=0, territory="north"),
        ping,
        ping,
        Status(technician="T1", time_ms=2_000, status="on_shift"),
        Rejection("malformed", "not JSON"),
        Tick(time_ms=60_000),
    ]
    records = [Record(offset, 60_000, event) for offset, event in enumerate(events)]

    folded = fold(
        {}, PartitionState(), records, FenceIndex.of([], lambda kind, radius_m: 0.0), TelemetryParams()
    )

    counted = folded.partition_state.counts
    assert counted["rejected.malformed"] == 1
    assert set(counted) <= set(COUNTS)
