"""Where the archive is and how large its files get."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ArchiveParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partition's events wait in memory until there are `max_rows` of them or `flush_after_s` have passed."""

    folder: str = ".headway/archive"
    max_rows: Annotated[int, Meta(ge=1, le=10_000_000)] = 50_000
    flush_after_s: Annotated[float, Meta(gt=0.0, le=86_400.0)] = 60.0
