"""What every message on the wire is made of: names, times, places, and the version of the schema.

Times are Unix milliseconds of event time, distances metres, speeds metres a second, coordinates WGS 84
degrees. A field is added with a default and never changes its meaning; anything else raises
`SCHEMA_VERSION`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION: Literal[1] = 1

ID_PATTERN = r"^[^\x00-\x1f\x7f]+(?![\s\S])"
Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=ID_PATTERN)]
"""A name given by somebody else. Without control characters: they separate the parts of our keys."""
PingId = Annotated[
    str, Meta(min_length=1, max_length=128, extra_json_schema={"title": "Id", "pattern": ID_PATTERN})
]
"""The same in a ping, which is decoded thousands of times a second: the codec has a faster look at it."""
Name = Annotated[str, Meta(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*(?![\s\S])")]
"""What people call something; may be empty."""
LATEST_MS = 32_503_680_000_000
"""The year 3000. No time in an event is later: what holds until then holds for ever."""
TimeMs = Annotated[int, Meta(ge=0, le=LATEST_MS)]
"""Unix milliseconds, up to the year 3000."""
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Metres = Annotated[float, Meta(ge=0.0, le=1e7)]
MetresPerSecond = Annotated[float, Meta(ge=0.0, le=1e4)]


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What every message on the wire has: `type` tells which event it is, `v` which schema (1 where absent)."""

    v: Literal[1] = SCHEMA_VERSION


class Place(msgspec.Struct, frozen=True, gc=False):
    """A point on the map."""

    lat: Latitude
    lon: Longitude


class Cause(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """The input that made an event, and the event's place among all that it made."""

    topic: str
    partition: int
    offset: int
    index: int
