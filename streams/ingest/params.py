"""The limits of the HTTP door."""

from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0.0, le=3600.0)]


class HttpParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the HTTP door listens and how much it takes.

    It asks nobody for a password, so it takes nobody's decisions; leave it on 127.0.0.1, or put a proxy that
    does in front of it.
    """

    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8008
    """0 takes any free port."""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=64 * 1024 * 1024)] = 1024 * 1024
    """A longer body, unpacked, is refused with 413."""
    max_events: Annotated[int, Meta(ge=1, le=100_000)] = 5_000
    """More events in one request are refused with 413."""
    max_waiting: Annotated[int, Meta(ge=1, le=10_000)] = 64
    """Requests at work at one time; with `max_body_bytes` it bounds the memory. Others hear 503."""
    read_within_s: Seconds = 30.0
    """A client that takes longer to send its body hears 408."""
    send_within_s: Seconds = 10.0
    """When Kafka has not confirmed by then, the client hears 503 and sends the request again."""
    retry_after_s: Annotated[int, Meta(ge=1, le=3600)] = 5
    """What `Retry-After` says with a 503."""
