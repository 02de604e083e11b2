"""What a CSV file's columns mean: a source in `configs/sources/`."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from features.events import Duty, Life
from streams import config_file
from streams.columns import SPEEDS
from streams.errors import BadSettings
from streams.settings import Section


class Columns(Section, frozen=True):
    """The file's name of each column. A status has `status` (and `appointment`), a ping `lat` and `lon`."""

    technician: str
    time: str
    lat: str | None = None
    lon: str | None = None
    speed: str | None = None
    heading: str | None = None
    accuracy: str | None = None
    seq: str | None = None
    ignition: str | None = None
    pto: str | None = None
    status: str | None = None
    appointment: str | None = None

    def used(self) -> dict[str, str]:
        return {ours: theirs for ours, theirs in msgspec.structs.asdict(self).items() if theirs is not None}


class Units(Section, frozen=True):
    """What the numbers mean.

    `time`: iso8601, unix_s, unix_ms, or a pattern of strptime such as "%d.%m.%Y %H:%M:%S".
    """

    time: Annotated[str, Meta(pattern=r"^(iso8601|unix_s|unix_ms|.*%.*)$")] = "iso8601"
    zone: str | None = None
    """Where clocks stand that say no offset, e.g. "America/Chicago"."""
    speed: Literal["mps", "kmh", "mph", "knots"] | None = None
    accuracy: Literal["m", "ft"] = "m"


class Source(Section, frozen=True):
    """How to read one kind of CSV file."""

    columns: Columns
    units: Units = Units()
    about: str = ""
    name: str = ""
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    encoding: Literal["utf-8", "latin-1", "cp1252"] = "utf-8"
    technician_prefix: Annotated[str, Meta(max_length=64)] = ""
    missing: tuple[str, ...] = ()
    """What stands in the file for "not known", besides nothing, e.g. "NA" or "-1"."""
    statuses: dict[str, Duty | Life] = msgspec.field(default_factory=dict)
    """The file's words for our statuses; without any, the file has ours."""

    def __post_init__(self) -> None:
        has = self.columns.used()
        if "status" not in has and not ("lat" in has and "lon" in has):
            raise ValueError("columns needs 'lat' and 'lon' (positions) or 'status' (statuses)")
        if "speed" in has and self.units.speed is None:
            raise ValueError(f"columns.speed needs units.speed: one of {', '.join(SPEEDS)}")
        if self.units.zone is not None:
            _check_zone(self.units.zone)
        if "%" in self.units.time and "%z" not in self.units.time and self.units.zone is None:
            raise ValueError(
                f"units.time {self.units.time!r} has no %z, so units.zone must say where the clocks stand"
            )


def load(name: str, folder: Path) -> Source:
    """The source `name` of `folder`/sources. Raises `BadSettings`."""
    path = folder / "sources" / f"{name}.toml"
    there = sorted(file.stem for file in path.parent.glob("*.toml"))
    if name not in there:
        raise BadSettings(
            f"there is no source {name!r} in {path.parent}; there is {', '.join(there) or 'none'}"
        )
    return msgspec.structs.replace(config_file.read(path, Source), name=name)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"units.zone {zone!r} is no time zone; say one as America/Chicago") from error
