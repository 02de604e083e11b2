"""Bytes on the wire to events and back. What cannot be an event comes out as a typed `Rejection`."""

import json
import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from features.events import Inbound, Ping, Signal, Tick
from features.fence_events import Fence
from features.rejection import Rejection
from features.schema import json_schema
from features.wire import ID_PATTERN, SCHEMA_VERSION, Event

MAX_BYTES = 64 * 1024
"""A longer message is malformed. The longest honest one, a profile, has a few KiB."""
MAX_FENCE_BYTES = 8 * 1024 * 1024
"""Fences carry outlines: 100,000 corners take about 4 MiB."""
NO_FIX_DEG = 1e-6
"""A receiver without a fix says 0, 0: a position this near to it is none."""
MAX_DETAIL = 300

T = TypeVar("T")

_PING_KEYS = len(msgspec.structs.fields(Ping))
"""The keys of a ping that says everything but its version: `type` and all fields but `v`."""
_encode = msgspec.json.Encoder().encode
_decode_inbound = msgspec.json.Decoder(Inbound).decode
_decode_fence = msgspec.json.Decoder(Fence).decode
_decode_signal = msgspec.json.Decoder(Signal).decode
_astuple = msgspec.structs.astuple
_is_id = re.compile(ID_PATTERN).search


def encode(event: Event) -> bytes:
    """JSON in UTF-8, without the fields that have their default."""
    return _encode(event)


def key_of(event: Inbound | Fence) -> bytes | None:
    """The Kafka key of what comes in. A tick has none: it is sent to each partition by name."""
    if isinstance(event, Tick):
        return None
    if isinstance(event, Fence):
        return f"{event.fence}\x1f{event.version}".encode()
    return event.technician.encode()


def decode(value: bytes | None, key: bytes | None) -> Inbound | Rejection:
    """The event in a record of `technicians`. The key must be the technician that the body names."""
    event = decode_body(value)
    # `type(...) is` and not isinstance, here and below: every ping passes, and structs have an abstract
    # metaclass, which makes isinstance ten times slower.
    kind = type(event)
    if kind is not Rejection and kind is not Tick and key != event.technician.encode():
        return wrong_key(key, "technician", event.technician)
    return event


def decode_body(value: bytes | None) -> Inbound | Rejection:
    """The event in bytes that have no key, as in a file or by HTTP."""
    event = parsed(value, _decode_inbound, MAX_BYTES)
    kind = type(event)
    if kind is Rejection:
        return event
    if kind is Ping:
        if -NO_FIX_DEG <= event.lat <= NO_FIX_DEG and -NO_FIX_DEG <= event.lon <= NO_FIX_DEG:
            return _malformed(f"latitude {event.lat}, longitude {event.lon}: a receiver without a fix")
        if not event.technician.isprintable() or not (event.source or "").isprintable():
            return _control_character(event) or _repetition(value) or event
        # A cheap proof that no key is repeated: no more colons than the ping has fields.
        surplus = value.count(b":") + _astuple(event).count(None) - _PING_KEYS
        if surplus == 0 or (surplus == 1 and b'"v":' in value):
            return event
    return _repetition(value) or event


def decode_fence(value: bytes | None) -> Fence | Rejection:
    """The fence in a record of `fences`, in a file or by HTTP. Its geometry is not looked at here."""
    return decode_as(value, _decode_fence, MAX_FENCE_BYTES)


def decode_signal(value: bytes) -> Signal:
    """What a worker of ours sent. Raises `msgspec.DecodeError` where something else stands on the topic."""
    return _decode_signal(value)


def decode_as(value: bytes | None, parse: Callable[[bytes], T], limit: int) -> T | Rejection:
    """As `parsed`, and no key is repeated."""
    event = parsed(value, parse, limit)
    return event if isinstance(event, Rejection) else _repetition(value) or event


def parsed(value: bytes | None, parse: Callable[[bytes], T], limit: int) -> T | Rejection:
    """What `parse` makes of bytes that are no longer than `limit`; of two equal keys it takes one."""
    if value is None:
        return _malformed("no value")
    if len(value) > limit:
        return _malformed(f"{len(value)} bytes, at most {limit} are read")
    try:
        # Text in fields that nobody knows is skipped unread: whether it is UTF-8 is asked here.
        if not value.isascii():
            value.decode()
        return parse(value)
    except (ValueError, RecursionError) as error:
        return _explained(value, error)


def wrong_key(key: bytes | None, what: str, name: str) -> Rejection:
    """A record whose key is not what its body names."""
    return _malformed(f"keyed by {_shown(key)}, but its {what} is {name!r}")


def schema_text() -> str:
    """The JSON Schema of the wire, as `docs/events.schema.json` has it."""
    return json.dumps(json_schema(), indent=2, sort_keys=True) + "\n"


def _control_character(ping: Ping) -> Rejection | None:
    """What the schema says of ids, which for pings is checked here: their type does not, for speed."""
    for field in ("technician", "source"):
        if not _is_id(getattr(ping, field) or "-"):
            return _malformed(f"A control character in {getattr(ping, field)!r} - at `$.{field}`")
    return None


def _repetition(value: bytes) -> Rejection | None:
    """Readers differ on which of two equal keys counts, so there must not be any."""
    repeated: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            repeated.extend(key for key in keys if keys.count(key) > 1)

    try:
        json.loads(value, object_pairs_hook=look)
    except (ValueError, RecursionError) as error:
        return _explained(value, error)
    return _malformed(f"the key {repeated[0]!r} stands more than once in an object") if repeated else None


def _explained(value: bytes, error: Exception) -> Rejection:
    """Why parsing failed: another version of the schema explains whatever else is strange."""
    try:
        version = msgspec.json.decode(value, type=dict[str, object]).get("v", SCHEMA_VERSION)
    except (ValueError, RecursionError):
        version = SCHEMA_VERSION
    if type(version) is int and version != SCHEMA_VERSION:
        return Rejection("unsupported_version", f"v is {version}, this reads {SCHEMA_VERSION}"[:MAX_DETAIL])
    if isinstance(error, RecursionError):
        return _malformed("nested too deep")
    if isinstance(error, UnicodeDecodeError):
        return _malformed(f"not UTF-8: byte 0x{value[error.start]:02x} at {error.start}{_guess(value)}")
    return _malformed(f"{error}{_guess(value)}")


def _guess(value: bytes) -> str:
    """What else it could be, for the person who has to find the sender."""
    if value.startswith(b"\x1f\x8b"):
        return " (compressed with gzip?)"
    if value.startswith((b"\xff\xfe", b"\xfe\xff")) or value[1:2] == b"\0" or value[:1] == b"\0":
        return " (UTF-16 or UTF-32?)"
    return " (begins with a byte order mark)" if value.startswith(b"\xef\xbb\xbf") else ""


def _shown(key: bytes | None) -> str:
    return "nothing" if key is None else repr(key.decode(errors="backslashreplace"))


def _malformed(detail: str) -> Rejection:
    return Rejection("malformed", detail[:MAX_DETAIL])
