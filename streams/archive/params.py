"""Where the archive is and how large its files get."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ArchiveParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partition's events wait in memory until there are `max_rows` of them or `flush_after_s` have passed.

    Every `merge_look_s`, files of dates that are `merge_after_days` or more before the newest are merged, up to
    `merged_mib`, where no file of that date and kind is younger than `merge_quiet_s`.
    """

    folder: str = ".headway/archive"
    max_rows: Annotated[int, Meta(ge=1, le=10_000_000)] = 50_000
    flush_after_s: Annotated[float, Meta(gt=0.0, le=86_400.0)] = 60.0
    merge_after_days: Annotated[int, Meta(ge=1, le=100_000)] = 2
    merge_quiet_s: Annotated[float, Meta(ge=0.0, le=86_400.0)] = 3_600.0
    merge_look_s: Annotated[float, Meta(gt=0.0, le=86_400.0)] = 600.0
    merged_mib: Annotated[int, Meta(ge=1, le=4_096)] = 128
