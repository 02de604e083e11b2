"""A refusal of one input, with the reason that counts in metrics and the detail that a person reads."""

from typing import final

import msgspec

from features.events import RejectReason, Status


class Refused(msgspec.Struct, frozen=True):
    """A status that was refused when it left the reorder buffer, maybe long after its record was read."""

    received_ms: int
    status: Status


@final
class Rejection(msgspec.Struct, frozen=True):
    """`refused` is set where the record's bytes may no longer be at hand: the status encodes to the same."""

    reason: RejectReason
    detail: str = ""
    refused: Refused | None = None
