"""One record to one row of its kind."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from features.events import Cause, Signal
from streams.archive.kinds import UNDECODABLE, Decode, kind_of, own_columns
from streams.chunks.agent import ReadRecord

Row = dict[str, Any]
Place = tuple[str, str]
"""The date of the event's time (UTC), and its kind."""

_json = msgspec.json.Encoder().encode


def row(topic: str, partition: int, record: ReadRecord, decode: Decode) -> tuple[Place, Row, Cause | None]:
    """Where a record belongs, the row, and the cause by which a repetition is told.

    What can't be decoded is kept byte for byte, under the date on which the log received it.
    """
    envelope = _envelope(topic, partition, record)
    try:
        event = decode(record.value or b"")
    except (ValueError, RecursionError) as error:
        lost = {"value": record.value, "error": str(error)[:300]}
        return (_date(record.timestamp), UNDECODABLE), envelope | lost, None
    cause = getattr(event, "cause", None)
    if cause is not None:
        envelope |= _caused(cause) | {"id": getattr(event, "id", None)}
    if isinstance(event, Signal):
        envelope |= {"retracts": event.retracts, "supersedes": event.supersedes}
        event = event.event
    kind = kind_of(event)
    time_ms = getattr(event, "time_ms", None) or record.timestamp
    return (_date(time_ms), kind), envelope | _fields(event, kind), cause


def _envelope(topic: str, partition: int, record: ReadRecord) -> Row:
    key = None if record.key is None else record.key.decode(errors="replace")
    return {
        "topic": topic,
        "partition": partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp,
        "key": key,
    }


def _caused(cause: Cause) -> Row:
    return {
        "cause_topic": cause.topic,
        "cause_partition": cause.partition,
        "cause_offset": cause.offset,
        "cause_index": cause.index,
    }


def _fields(event: msgspec.Struct, kind: str) -> Row:
    found = {name: getattr(event, name) for name, _ in own_columns(kind)}
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    return _json(value).decode()


def _date(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(max(0, time_ms) / 1000, UTC):%Y-%m-%d}"
