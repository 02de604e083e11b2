"""The schema of what comes in on `fences`, keyed by fence and version."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from features.wire import Event, Id, Latitude, Longitude, Name, TimeMs


class Circle(msgspec.Struct, frozen=True, tag="circle", forbid_unknown_fields=True):
    lat: Latitude
    lon: Longitude
    radius_m: Annotated[float, Meta(gt=0.0, le=1e6)]


class Polygon(msgspec.Struct, frozen=True, tag="polygon", forbid_unknown_fields=True):
    """Polygons of rings of (longitude, latitude), as a GeoJSON MultiPolygon has them; the first ring is the shell."""

    polygons: tuple[tuple[tuple[tuple[Longitude, Latitude], ...], ...], ...]


class Cells(msgspec.Struct, frozen=True, tag="cells", forbid_unknown_fields=True):
    """A set of H3 cells, in hexadecimal, of one or several resolutions."""

    cells: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100_000)]


FenceKind = Literal["customer_site", "depot", "territory", "no_go", "break_place"]


class Fence(Event, frozen=True, tag="fence"):
    """One version of a fence. It holds from `valid_from_ms` until the next version does.

    It applies to the `technicians` and `groups` named, or to everybody where none is.
    """

    fence: Id
    kind: FenceKind
    geometry: Circle | Polygon | Cells
    version: Annotated[int, Meta(ge=1)] = 1
    name: Name = ""
    valid_from_ms: TimeMs = 0
    removed: bool = False
    max_dwell_s: Annotated[float, Meta(gt=0.0)] | None = None
    max_speed_mps: Annotated[float, Meta(gt=0.0)] | None = None
    technicians: tuple[Id, ...] = ()
    groups: tuple[Id, ...] = ()
