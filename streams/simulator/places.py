"""Where the work is: customer sites, depots, break places and a no-go area, and their fences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import pi

import msgspec
import numpy as np
import shapely

from features.fence_events import Circle, Fence, FenceKind, Polygon
from streams.simulator.city import City
from streams.simulator.plane import Floats
from streams.simulator.quantities import Amount, Count, Positive, Share
from streams.simulator.seeds import generator
from streams.simulator.streets import Class, Place


class PlacesParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many places there are, how large their fences, how far apart."""

    sites: Count = 420
    site_min_radius_m: Positive = 60.0
    site_max_radius_m: Positive = 100.0
    site_min_setback_m: Amount = 15.0
    site_max_setback_m: Amount = 40.0
    site_apart_m: Amount = 260.0
    neighbour_share: Share = 0.06
    neighbour_min_m: Amount = 70.0
    neighbour_max_m: Amount = 150.0
    arterial_site_share: Share = 0.2
    parking_offset_m: Amount = 6.0
    depots: Count = 3
    depot_max_speed_mps: Positive = 8.3
    break_places: Count = 6
    break_place_radius_m: Positive = 50.0
    break_place_max_dwell_s: Positive = 3_000.0
    special_apart_m: Amount = 450.0
    no_go_radius_m: Positive = 280.0


DEPOT_SETBACK_M, DEPOT_HALF_WIDTH_M, DEPOT_HALF_DEPTH_M = 45.0, 60.0, 35.0
ATTEMPTS = 20_000
HOME_SHARE = 0.25


@dataclass(frozen=True)
class Site:
    """A place with a fence: its centre in metres, where vehicles stand, and in which district."""

    fence: str
    name: str
    x: float
    y: float
    radius_m: float
    parking: Place
    district: str


@dataclass(frozen=True, eq=False)
class Places:
    """All of them. `no_go` is an open ring (n, 2) in metres; `closed` are the edges in it.

    `home_edges` are, by district, the side streets where technicians live: those farthest from any fence.
    """

    sites: tuple[Site, ...]
    depots: tuple[Site, ...]
    break_places: tuple[Site, ...]
    no_go: Floats
    closed: frozenset[int]
    home_edges: dict[str, np.ndarray]
    fences: tuple[Fence, ...]


def build(seed: int, city: City, params: PlacesParams) -> Places:
    """The places of a seed. Raises ValueError where the city has no room for so many."""
    search = _Search(seed, city, params)
    no_go, closed = search.no_go()
    depots = tuple(search.depots())
    break_places = tuple(search.break_places())
    sites = tuple(search.sites())
    homes = search.home_edges((*sites, *depots, *break_places))
    fences = (*(_circle(city, site, "customer_site") for site in sites),)
    fences += (*(_depot(city, site, params) for site in depots),)
    fences += (*(_break_place(city, site, params) for site in break_places),)
    fences += (*_territories(city), _no_go(city, no_go))
    return Places(sites, depots, break_places, no_go, closed, homes, fences)


class _Search:
    """Draws places until they are as far apart as they should be."""

    def __init__(self, seed: int, city: City, params: PlacesParams) -> None:
        self._seed, self._city, self._params = seed, city, params
        self._districts = [(part.district, shapely.Polygon(part.ring)) for part in city.districts]
        self._special: list[tuple[float, float]] = []
        self._taken = np.full((params.sites, 2), np.inf)
        streets = city.streets
        self._edges = {kind: np.flatnonzero(streets.classes == kind) for kind in Class}
        self._middles = np.column_stack([of[streets.ends].mean(axis=1) for of in (streets.x, streets.y)])

    def no_go(self) -> tuple[Floats, frozenset[int]]:
        """A seven-cornered area about a crossing in the middle of a district, with arterials through it."""
        draw = generator(self._seed, "places", "no_go")
        streets, radius_m = self._city.streets, self._params.no_go_radius_m
        big = np.unique(streets.ends[streets.classes == Class.ARTERIAL])
        bank_m = np.abs(streets.y[big] - self._city.river_y(streets.x[big]))
        inner = np.abs(streets.x[big]) < self._city.params.width_m / 4
        node = int(draw.choice(big[(bank_m > 4 * radius_m) & (bank_m < 8 * radius_m) & inner]))
        angles = np.linspace(0, 2 * pi, 8)[:-1]
        reach = radius_m * draw.uniform(0.75, 1.0, 7)
        x, y = float(streets.x[node]), float(streets.y[node])
        ring = np.column_stack([x + reach * np.cos(angles), y + reach * np.sin(angles)])
        self._special.append((x, y))
        lines = shapely.linestrings(np.stack([streets.x[streets.ends], streets.y[streets.ends]], axis=2))
        return ring, frozenset(np.flatnonzero(shapely.intersects(lines, shapely.Polygon(ring))).tolist())

    def depots(self) -> Iterator[Site]:
        for n in range(self._params.depots):
            district = self._districts[n % len(self._districts)][1]
            parking = self._away(
                f"depot {n}", lambda draw: self._beside(draw, Class.SIDE_STREET, DEPOT_SETBACK_M), district
            )
            yield self._site(f"depot-{n + 1}", f"Depot {n + 1}", parking, parking, 0.0)

    def break_places(self) -> Iterator[Site]:
        for n in range(self._params.break_places):
            parking = self._away(f"break {n}", lambda draw: self._beside(draw, Class.ARTERIAL, 15.0))
            radius_m = self._params.break_place_radius_m
            yield self._site(f"break-{n + 1}", f"Break place {n + 1}", parking, parking, radius_m)

    def sites(self) -> Iterator[Site]:
        params, draw = self._params, generator(self._seed, "places", "sites")
        for n in range(params.sites):
            near = bool(n) and bool(draw.random() < params.neighbour_share)
            neighbour = self._taken[int(draw.integers(n))] if near else None
            parking, centre = self._site_place(draw, neighbour)
            self._taken[n] = centre.x, centre.y
            radius_m = float(round(draw.uniform(params.site_min_radius_m, params.site_max_radius_m)))
            yield self._site(f"site-{n + 1:04d}", f"Customer {n + 1}", parking, centre, radius_m)

    def _site_place(self, draw: np.random.Generator, neighbour: Floats | None) -> tuple[Place, Place]:
        """Where vehicles stand and the fence's centre: beside a street, or near a neighbour's."""
        params, streets = self._params, self._city.streets
        around = None if neighbour is None else self._edges_around(neighbour)
        for _ in range(ATTEMPTS):
            big = draw.random() < params.arterial_site_share
            edges = self._edges[Class.ARTERIAL if big else Class.SIDE_STREET] if around is None else around
            edge, along = int(draw.choice(edges)), float(draw.uniform(0.1, 0.9))
            side = 1 if draw.random() < 0.5 else -1
            setback_m = float(draw.uniform(params.site_min_setback_m, params.site_max_setback_m))
            centre = streets.beside(edge, along, side * setback_m)
            if _nearest_m(centre, self._special) > params.special_apart_m and self._fits(
                centre, neighbour is not None
            ):
                return streets.beside(edge, along, side * params.parking_offset_m), centre
        raise ValueError(f"no room for {params.sites} sites {params.site_apart_m} m apart")

    def _edges_around(self, point: Floats) -> np.ndarray:
        """Streets, not bridges, from whose middle it is not far."""
        away_m = np.hypot(*(self._middles - point).T)
        near = away_m < 2 * self._params.neighbour_max_m + self._city.params.block_m
        return np.flatnonzero(near & (self._city.streets.classes != Class.BRIDGE))

    def home_edges(self, sites: Sequence[Site]) -> dict[str, np.ndarray]:
        edges = self._edges[Class.SIDE_STREET]
        middles = shapely.points(self._middles[edges])
        tree = shapely.STRtree(shapely.points([(site.x, site.y) for site in sites]))
        away_m = tree.query_nearest(middles, return_distance=True, all_matches=False)[1]
        homes = {}
        for district, outline in self._districts:
            inside = shapely.contains(outline, middles)
            far = away_m >= np.quantile(away_m[inside], 1 - HOME_SHARE)
            homes[district] = edges[inside & far]
        return homes

    def _fits(self, centre: Place, near: bool) -> bool:
        nearest_m = _nearest_m(centre, self._taken)
        if near:
            return self._params.neighbour_min_m <= nearest_m <= self._params.neighbour_max_m
        return nearest_m > self._params.site_apart_m

    def _away(
        self,
        name: str,
        draw_one: Callable[[np.random.Generator], Place],
        within: shapely.Polygon | None = None,
    ) -> Place:
        draw = generator(self._seed, "places", name)
        for _ in range(ATTEMPTS):
            place = draw_one(draw)
            if within is not None and not within.contains(shapely.Point(place.x, place.y)):
                continue
            if _nearest_m(place, self._special) > 2 * self._params.special_apart_m:
                self._special.append((place.x, place.y))
                return place
        raise ValueError(f"no room for {name} {2 * self._params.special_apart_m} m from the others")

    def _beside(self, draw: np.random.Generator, kind: Class, setback_m: float) -> Place:
        edge = int(draw.choice(self._edges[kind]))
        return self._city.streets.beside(edge, float(draw.uniform(0.3, 0.7)), setback_m)

    def _site(self, fence: str, name: str, parking: Place, centre: Place, radius_m: float) -> Site:
        point = shapely.Point(centre.x, centre.y)
        district = min(self._districts, key=lambda part: part[1].distance(point))[0]
        return Site(fence, name, centre.x, centre.y, radius_m, parking, district)


def _nearest_m(place: Place, others: Sequence[tuple[float, float]] | Floats) -> float:
    """The distance to the nearest of some points (n, 2), infinite where there is none."""
    away = np.reshape(others, (-1, 2)) - [place.x, place.y]
    return float(np.hypot(away[:, 0], away[:, 1]).min(initial=np.inf))


def _circle(city: City, site: Site, kind: FenceKind) -> Fence:
    lat, lon = city.plane.point(site.x, site.y)
    return Fence(fence=site.fence, kind=kind, name=site.name, geometry=Circle(lat, lon, site.radius_m))


def _break_place(city: City, site: Site, params: PlacesParams) -> Fence:
    fence = _circle(city, site, "break_place")
    return msgspec.structs.replace(fence, max_dwell_s=params.break_place_max_dwell_s)


def _depot(city: City, site: Site, params: PlacesParams) -> Fence:
    streets = city.streets
    u, v = streets.ends[site.parking.edge]
    along = np.array([streets.x[v] - streets.x[u], streets.y[v] - streets.y[u]])
    along /= np.hypot(*along)
    across = np.array([-along[1], along[0]])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    ring = corners[:, :1] * DEPOT_HALF_WIDTH_M * along + corners[:, 1:] * DEPOT_HALF_DEPTH_M * across
    geometry = Polygon(((city.plane.ring(ring + np.array([site.x, site.y])),),))
    return Fence(
        fence=site.fence,
        kind="depot",
        name=site.name,
        geometry=geometry,
        max_speed_mps=params.depot_max_speed_mps,
    )


def _territories(city: City) -> Iterator[Fence]:
    for part in city.territories:
        yield Fence(
            fence=part.territory,
            kind="territory",
            name=part.name,
            geometry=Polygon(((city.plane.ring(part.ring),),)),
            groups=(part.side,),
        )


def _no_go(city: City, ring: Floats) -> Fence:
    geometry = Polygon(((city.plane.ring(ring),),))
    return Fence(fence="no-go-1", kind="no_go", name="Closed works area", geometry=geometry)
