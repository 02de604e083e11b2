"""What can stand on a topic, and the columns of each kind: the envelope, then the event's own fields.

A field that is a number, a text or a flag has a column of that type; what is nested stands as JSON text.
"""

from collections.abc import Callable
from typing import Any, get_args

import msgspec
import pyarrow as pa
from msgspec import inspect

from features.events import Conclusion, Inbound, Signal
from features.fence_events import Fence
from features.plan_events import PlanOutbound
from features.territory_events import TerritoryInbound

UNDECODABLE = "undecodable"
ENVELOPE: tuple[tuple[str, pa.DataType], ...] = (
    ("topic", pa.string()),
    ("partition", pa.int32()),
    ("offset", pa.int64()),
    ("timestamp_ms", pa.int64()),
    ("key", pa.string()),
    ("id", pa.string()),
    ("cause_topic", pa.string()),
    ("cause_partition", pa.int32()),
    ("cause_offset", pa.int64()),
    ("cause_index", pa.int32()),
    ("retracts", pa.string()),
    ("supersedes", pa.string()),
)
"""Of every row. `timestamp_ms` is when the log received it; the rest may be empty."""
_OWN = {"v", "id", "cause"}
"""Fields that the envelope has already, or that say nothing."""

Decode = Callable[[bytes], Any]


def decoder(topic: str) -> Decode:
    """How the records of a topic (without namespace) are read. Raises KeyError for one that isn't archived."""
    return DECODERS[topic]


DECODERS: dict[str, Decode] = {
    "technicians": msgspec.json.Decoder(Inbound).decode,
    "signals": msgspec.json.Decoder(Signal).decode,
    "territories": msgspec.json.Decoder(TerritoryInbound).decode,
    "plans": msgspec.json.Decoder(PlanOutbound).decode,
    "fences": msgspec.json.Decoder(Fence).decode,
}


def kind_of(event: msgspec.Struct) -> str:
    return str(event.__struct_config__.tag)


def own_columns(kind: str) -> tuple[tuple[str, pa.DataType], ...]:
    """The columns of a kind beside the envelope's."""
    return _OWN_COLUMNS[kind]


def schema(kind: str) -> pa.Schema:
    return pa.schema([*ENVELOPE, *own_columns(kind)])


def _columns(struct: type[msgspec.Struct]) -> tuple[tuple[str, pa.DataType], ...]:
    taken = {name for name, _ in ENVELOPE} | _OWN
    found = msgspec.structs.fields(struct)
    return tuple(
        (field.encode_name, _arrow(inspect.type_info(field.type)))
        for field in found
        if field.encode_name not in taken
    )


def _arrow(kind: inspect.Type) -> pa.DataType:
    match kind:
        case inspect.Metadata():
            return _arrow(kind.type)
        case inspect.BoolType():
            return pa.bool_()
        case inspect.IntType():
            return pa.int64()
        case inspect.FloatType():
            return pa.float64()
        case inspect.UnionType():
            others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return _arrow(others[0]) if len(others) == 1 else pa.string()
    return pa.string()


_KINDS = (
    *get_args(Inbound),
    *get_args(Conclusion),
    *get_args(TerritoryInbound),
    *get_args(PlanOutbound),
    Fence,
)
_OWN_COLUMNS: dict[str, tuple[tuple[str, pa.DataType], ...]] = {
    str(struct.__struct_config__.tag): _columns(struct) for struct in _KINDS
} | {UNDECODABLE: (("value", pa.binary()), ("error", pa.string()))}
