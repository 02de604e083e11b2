"""A refusal of one input, with the reason that counts in metrics and the detail that a person reads."""

from typing import final

import msgspec

from features.events import RejectReason, Status


class Original(msgspec.Struct, frozen=True, array_like=True):
    """A record's bytes and headers, kept with what may be refused after its record is gone."""

    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """A status that was refused when it left the reorder buffer, maybe long after its record was read."""

    received_ms: int
    status: Status
    original: Original | None = None


@final
class Rejection(msgspec.Struct, frozen=True):
    """`refused` is set where the record itself may no longer be at hand."""

    reason: RejectReason
    detail: str = ""
    refused: Refused | None = None
