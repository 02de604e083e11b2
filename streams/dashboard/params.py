"""The settings of the board."""

from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0.0, le=3600.0)]


class BoardParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it listens, what its map lies on, and how often pages hear of changes.

    `names` are further host names under which browsers reach it, e.g. behind a proxy that asks for a password:
    the board asks nobody. `base_map` is a GeoJSON file (water, districts, streets), `tiles` the URL of raster
    tiles with {z}, {x} and {y}, which browsers fetch themselves. Both may be left out.
    `stream_s` is how long a page's stream lives before the page takes up a new one.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8010
    names: tuple[str, ...] = ()
    base_map: str = ""
    tiles: str = ""
    tiles_credit: str = ""
    read_only: bool = False
    by: Annotated[str, Meta(max_length=256)] = "the board"
    stream_s: Seconds = 240.0
    beat_s: Seconds = 5.0
    refresh_every_s: Seconds = 1.0
    send_within_s: Seconds = 10.0
    remembered_news: Annotated[int, Meta(ge=10, le=1_000_000)] = 4_000
