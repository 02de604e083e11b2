"""A city from a seed: a bent grid of arterials and side streets, a river with few bridges, districts."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import pi
from typing import Literal

import msgspec
import numpy as np

from streams.simulator.plane import Floats, Plane
from streams.simulator.quantities import Amount, Count, Positive, Share
from streams.simulator.seeds import generator
from streams.simulator.streets import Class, Streets


class CityParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the city lies and how it is laid out. The default place has no summer time."""

    name: str = "Ocotillo"
    lat: float = 33.45
    lon: float = -112.07
    utc_offset_h: float = -7.0
    time_zone: str = "America/Phoenix"
    width_m: Positive = 16_000.0
    height_m: Positive = 13_000.0
    block_m: Positive = 200.0
    arterial_every_blocks: Count = 6
    bend_m: Amount = 160.0
    bend_length_m: Positive = 7_000.0
    jitter_m: Amount = 12.0
    missing_side_street_share: Share = 0.12
    river_width_m: Positive = 140.0
    river_bend_m: Amount = 900.0
    bridges: int = 4
    district_columns: Count = 3


DISTRICT_NAMES = (
    ("Alder Flats", "Harbour Rise", "Kiln Quarter", "Southgate", "Copper Yards"),
    ("Northfield", "Old Mill", "Juniper Hill", "Lantern Park", "Eastholm"),
)
"""South and north of the river, from west to east."""
Side = Literal["south", "north"]
SIDES: tuple[Side, Side] = ("south", "north")
"""Of the river: each is a territory."""
OUTSKIRTS_M = 1_000.0
SAMPLE_M = 200.0
BANK_M = 40.0


@dataclass(frozen=True, eq=False)
class District:
    """A part of the city on one side of the river. `ring` is open, shape (n, 2), metres."""

    district: str
    name: str
    ring: Floats
    side: Side


@dataclass(frozen=True, eq=False)
class Territory:
    """All districts of one side, where a team of technicians works. `ring` is open, shape (n, 2), metres."""

    territory: str
    name: str
    ring: Floats
    side: Side


@dataclass(frozen=True, eq=False)
class City:
    """What does not change from day to day. `river` is the centre line, shape (n, 2), metres."""

    params: CityParams
    plane: Plane
    streets: Streets
    river: Floats
    districts: tuple[District, ...]
    territories: tuple[Territory, ...]

    def territory_of(self, district: str) -> str:
        """The territory in which a district lies."""
        return next(territory_id(part.side) for part in self.districts if part.district == district)

    @property
    def water(self) -> Floats:
        """The river's outline, an open ring of shape (n, 2), metres."""
        half = np.array([0.0, self.params.river_width_m / 2])
        return np.vstack([self.river - half, (self.river + half)[::-1]])

    def in_water(self, x: Floats, y: Floats) -> np.ndarray:
        """Which points lie over water: shape as given, bool."""
        return np.abs(y - self.river_y(x)) < self.params.river_width_m / 2

    def river_y(self, x: Floats) -> Floats:
        return np.interp(x, self.river[:, 0], self.river[:, 1])


def build(seed: int, params: CityParams) -> City:
    """The city of a seed."""
    bend = _Bend.of(seed, params)
    river = bend.river(params)
    streets = _streets(seed, params, bend, river)
    districts = tuple(_districts(params, bend, river))
    territories = tuple(_territories(params, bend, river))
    return City(params, Plane(params.lat, params.lon), streets, river, districts, territories)


def territory_id(side: Side) -> str:
    return f"territory-{side}"


@dataclass(frozen=True)
class _Bend:
    """What turns a grid into a town: every line follows a slow wave."""

    amplitude_m: float
    length_m: float
    phases: tuple[float, ...]

    @staticmethod
    def of(seed: int, params: CityParams) -> "_Bend":
        phases = generator(seed, "city", "bend").uniform(0, 2 * pi, 3)
        return _Bend(params.bend_m, params.bend_length_m, tuple(phases.tolist()))

    def apply(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        wave = 2 * pi / self.length_m
        return (
            x + self.amplitude_m * np.sin(wave * y + self.phases[0]),
            y + self.amplitude_m * np.sin(wave * x + self.phases[1]),
        )

    def river(self, params: CityParams) -> Floats:
        half = params.width_m / 2 + 2 * OUTSKIRTS_M
        x: Floats = np.linspace(-half, half, round(2 * half / SAMPLE_M) + 1)
        y = params.river_bend_m * np.sin(2 * pi * x / (1.3 * params.width_m) + self.phases[2])
        return np.column_stack([x, y])


def _streets(seed: int, params: CityParams, bend: _Bend, river: Floats) -> Streets:
    columns, rows = (round(size / params.block_m) + 1 for size in (params.width_m, params.height_m))
    every = params.arterial_every_blocks
    column, row = (part.ravel() for part in np.meshgrid(np.arange(columns), np.arange(rows)))
    on_arterial = (column % every == every // 2) | (row % every == every // 2)
    flat_x = np.asarray(column * params.block_m - params.width_m / 2, dtype=np.float64)
    flat_y = np.asarray(row * params.block_m - params.height_m / 2, dtype=np.float64)
    x, y = bend.apply(flat_x, flat_y)
    jitter = generator(seed, "city", "jitter").normal(0, params.jitter_m, (2, len(x)))
    x, y = x + np.where(on_arterial, 0, jitter[0]), y + np.where(on_arterial, 0, jitter[1])
    bank = y - np.interp(x, river[:, 0], river[:, 1])
    ends, classes = _grid(columns, rows, every)
    dry = np.abs(bank) > params.river_width_m / 2 + BANK_M
    open_ = dry[ends].all(axis=1) & (bank[ends[:, 0]] * bank[ends[:, 1]] > 0)
    missing = generator(seed, "city", "missing").random(len(ends)) < params.missing_side_street_share
    open_ &= ~(missing & (classes == Class.SIDE_STREET))
    bridges = np.array(list(_bridges(params, columns, rows, bank, dry)), dtype=np.int64).reshape(-1, 2)
    ends = np.vstack([ends[open_], bridges])
    classes = np.concatenate([classes[open_], np.full(len(bridges), Class.BRIDGE, dtype=np.int64)])
    return Streets(x, y, ends, classes).connected()


def _grid(columns: int, rows: int, every: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges (m, 2) between neighbouring nodes of the grid, and their classes (m)."""
    node = np.arange(columns * rows).reshape(rows, columns)
    along = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    across = np.column_stack([node[:-1, :].ravel(), node[1:, :].ravel()])
    big_along = (along[:, 0] // columns) % every == every // 2
    big_across = (across[:, 0] % columns) % every == every // 2
    return np.vstack([along, across]), np.concatenate([big_along, big_across]).astype(np.int64)


def _bridges(
    params: CityParams, columns: int, rows: int, bank: Floats, dry: np.ndarray
) -> Iterator[tuple[int, int]]:
    """For some arterials, evenly spread, the last node south of the river and the first north of it."""
    every = params.arterial_every_blocks
    arterials = np.arange(every // 2, columns, every)
    chosen = np.linspace(0, len(arterials) - 1, params.bridges + 2)[1:-1].round().astype(int)
    for column in arterials[chosen].tolist():
        nodes = np.arange(rows) * columns + column
        south = nodes[dry[nodes] & (bank[nodes] < 0)]
        north = nodes[dry[nodes] & (bank[nodes] > 0)]
        yield int(south[-1]), int(north[0])


def _districts(params: CityParams, bend: _Bend, river: Floats) -> Iterator[District]:
    """Cut by the river and by lines that run between arterials, so that no street wavers on a border."""
    shares = np.linspace(0, 1, params.district_columns + 1)
    cuts = [_between_arterials(params, share) for share in shares]
    for side, names in zip(SIDES, DISTRICT_NAMES, strict=True):
        for n, (west, east) in enumerate(pairwise(cuts)):
            name = names[n % len(names)] + ("" if n < len(names) else f" {n // len(names) + 1}")
            ring = _ring(params, bend, river, west, east, north=side == "north")
            yield District(name.lower().replace(" ", "-"), name, ring, side)


def _territories(params: CityParams, bend: _Bend, river: Floats) -> Iterator[Territory]:
    west, east = (_between_arterials(params, share) for share in (0.0, 1.0))
    for side in SIDES:
        ring = _ring(params, bend, river, west, east, north=side == "north")
        yield Territory(territory_id(side), f"{side.capitalize()} of the river", ring, side)


def _between_arterials(params: CityParams, share: float) -> float:
    half = params.width_m / 2
    if share in (0.0, 1.0):
        return (half + OUTSKIRTS_M) * (2 * share - 1)
    period = params.arterial_every_blocks * params.block_m
    # The first arterial is half a period in, so multiples of a period lie between two of them;
    # half a block further, no side street runs along the line either.
    return round(share * params.width_m / period) * period + params.block_m / 2 - half


def _ring(params: CityParams, bend: _Bend, river: Floats, west: float, east: float, *, north: bool) -> Floats:
    outer = params.height_m / 2 + OUTSKIRTS_M
    far = np.linspace(0, outer if north else -outer, round(outer / SAMPLE_M) + 1)
    left = np.column_stack(bend.apply(np.full(len(far), west), far))
    right = np.column_stack(bend.apply(np.full(len(far), east), far))
    left, right = (_beyond_river(line, river, north) for line in (left, right))
    inner = (river[:, 0] > left[0, 0] + 1) & (river[:, 0] < right[0, 0] - 1)
    # Around: up the left border, across the far end, down the right one, back along the river.
    return np.vstack([left, right[::-1], river[inner][::-1]])


def _beyond_river(line: Floats, river: Floats, north: bool) -> Floats:
    """The part of a border on this side of the river, begun exactly on the river's line."""
    bank = line[:, 1] - np.interp(line[:, 0], river[:, 0], river[:, 1])
    kept = line[(bank > SAMPLE_M) if north else (bank < -SAMPLE_M)]
    x = kept[0, 0]
    return np.vstack([[[x, np.interp(x, river[:, 0], river[:, 1])]], kept])
