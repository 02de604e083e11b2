"""Which events come in from outside, on which log and by which key; all others are refused, with a reason.

A person's decision is refused at every door: a door doesn't know who speaks, so whoever reaches it could decide
in a dispatcher's name; the board and `headway plan` are where people decide. Whatever carries a cause, as the
conclusions of our own agents do, is refused because a made-up cause would pass the real ones off as repetitions.
"""

from datetime import UTC, datetime
from typing import Literal, NamedTuple, get_args

import msgspec

from features.events import Inbound, Tick
from features.rejection import Rejection
from features.territory_events import (
    AppointmentCancelled,
    AppointmentRequested,
    Command,
    RoutesPlanned,
    ShiftPlanned,
    TechnicianLost,
    TerritoryInbound,
)
from streams.codec import decode_body
from streams.day_codec import decode_territory_body
from streams.ingest.explaining import explained

Office = AppointmentRequested | AppointmentCancelled | ShiftPlanned | TechnicianLost | RoutesPlanned
"""What an office says of its day. All else on `territories` is decided or concluded inside."""


EARLIEST_MS = 946_684_800_000
"""The year 2000. An event from before it has its time in another unit."""


class Admitted(NamedTuple):
    """The log on which an event belongs (without namespace), and its key there."""

    log: Literal["technicians", "territories"]
    key: bytes


def admit(value: bytes | None) -> Admitted | Rejection:
    """Where an event from outside goes: by its technician, or by its territory."""
    kind = kind_of(value)
    event = decode_territory_body(value) if kind in _TERRITORY_KINDS else decode_body(value)
    if isinstance(event, Rejection):
        return explained(event, value or b"", kind, _KINDS)
    if isinstance(event, _TAKEN) and getattr(event, "cause", None) is not None:
        return Rejection("malformed", f"a {kind} with a cause is Headway's own: leave `cause` out")
    wrong = _wrong(event) if isinstance(event, _TAKEN) else ""
    if wrong:
        return Rejection("malformed", wrong)
    if isinstance(event, Office):
        return Admitted("territories", event.territory.encode())
    if isinstance(event, Tick):
        return Rejection("malformed", "a tick is the system's own word; from outside nobody says the time")
    if isinstance(event, _Technicians):
        return Admitted("technicians", event.technician.encode())
    return Rejection("malformed", f"type is {kind!r}, {_whose(event)}")


def _wrong(event: msgspec.Struct) -> str:
    """What can be told of an event alone, and no fold of what came before could mend."""
    time_ms = getattr(event, "time_ms", EARLIEST_MS)
    if time_ms < EARLIEST_MS:
        return f"time_ms is {time_ms}, which is in {_year(time_ms)}: times are Unix milliseconds, not seconds"
    if isinstance(event, AppointmentRequested) and event.job.window_end_ms < event.job.window_start_ms:
        return (
            f"window_end_ms is {event.job.window_end_ms}, before window_start_ms {event.job.window_start_ms}: "
            "say them the other way round"
        )
    if isinstance(event, ShiftPlanned) and event.shift.end_ms <= event.shift.start_ms:
        return (
            f"end_ms is {event.shift.end_ms}, not after start_ms {event.shift.start_ms}: "
            "say them the other way round"
        )
    return ""


def _year(time_ms: int) -> int:
    return datetime.fromtimestamp(time_ms / 1000, UTC).year


def kind_of(value: bytes | None) -> str:
    """What an event says that it is; "" where it says nothing that can be read."""
    try:
        return msgspec.json.decode(value or b"", type=_Kind).type
    except (ValueError, RecursionError):
        return ""


def log_of(kind: str) -> Literal["technicians", "territories"]:
    """The log for which an event of this kind is meant, be it good or not."""
    return "territories" if kind in _TERRITORY_KINDS else "technicians"


class _Kind(msgspec.Struct):
    type: str = ""


def _whose(event: msgspec.Struct) -> str:
    if isinstance(event, Command):
        return "which a person decides: do it on the board or with `headway plan`"
    return "which Headway concludes itself: send what it follows from"


def _tag(struct: type[msgspec.Struct]) -> str:
    return str(struct.__struct_config__.tag)


_Technicians = tuple(struct for struct in get_args(Inbound) if struct is not Tick)
_TERRITORY_KINDS = frozenset(_tag(struct) for struct in get_args(TerritoryInbound) if struct is not Tick)
_TAKEN = (*_Technicians, *get_args(Office))
_KINDS = tuple(map(_tag, _TAKEN))
