"""Everything that is counted, with its meaning.

The fold counts per partition and keeps the counts with the state, so each record is counted exactly once,
whatever was read again. `TechnicianQueries.counts` adds the partitions up.
"""

from collections.abc import Mapping

from features.events import DropReason, RejectReason

_DROPPED: Mapping[DropReason, str] = {
    "duplicate": "said before: the same sequence number, or the same time and place",
    "late": "came after a later one had been folded already",
    "inaccurate": "accuracy beyond what is used; it only shows that the device lives",
    "jump": "implied a speed that no vehicle has, and no later fix agreed with it",
}
_REJECTED: Mapping[RejectReason, str] = {
    "malformed": "not decodable, or with values that can't be",
    "unsupported_version": "of a version of the schema that this does not read",
    "unknown_technician": "of a technician without a profile, where a roster is required",
    "future": "from a clock too far ahead",
    "impossible_transition": "a status that can't follow the one before",
}

COUNTS: Mapping[str, str] = {
    "pings": "pings that could be decoded",
    "kept": "pings that became a technician's position",
    **{f"dropped.{reason}": f"pings dropped: {meaning}" for reason, meaning in _DROPPED.items()},
    **{f"rejected.{reason}": f"dead letters: {meaning}" for reason, meaning in _REJECTED.items()},
    "rejected_pings": "those dead letters that were pings",
    "statuses": "statuses taken in",
    "outdated_statuses": "statuses that were older than the one before, and changed nothing",
    "assignments": "assignments taken in",
    "profiles": "profiles taken in",
    "ticks": "ticks: the time, said on the log",
}
"""What each count of `PartitionState.counts` means."""
