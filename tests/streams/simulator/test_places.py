"""Sites, depots and the rest: as far apart as they should be, with fences that hold."""

from collections import Counter

import numpy as np
import pytest
import shapely

from features.fence_events import FenceKind
from features.fences import prepare
from streams.errors import BadInput
from streams.simulator.places import PlacesParams
from streams.simulator.world import MOST_TECHNICIANS, SimulatorParams, World, sized


def apart_m(world: World) -> np.ndarray:
    """The distance of each site to the nearest other."""
    centres = np.array([(site.x, site.y) for site in world.places.sites])
    away = np.hypot(*(centres[:, None] - centres).T)
    np.fill_diagonal(away, np.inf)
    return away.min(axis=0)


def test_most_sites_are_well_apart_and_some_are_neighbours(world: World) -> None:
    params = world.params.places
    near = apart_m(world) <= params.neighbour_max_m
    assert (apart_m(world) > params.site_apart_m).mean() > 0.85
    assert apart_m(world).min() >= params.neighbour_min_m
    assert 0.5 * params.neighbour_share < near.mean() < 3 * params.neighbour_share


def test_who_parks_at_a_site_is_in_its_fence(world: World) -> None:
    for site in world.places.sites:
        assert np.hypot(site.x - site.parking.x, site.y - site.parking.y) < site.radius_m - 10
        assert 60 <= site.radius_m <= 100


def test_depots_break_places_and_the_no_go_area_are_far_from_sites(world: World) -> None:
    sites = shapely.MultiPoint([(site.x, site.y) for site in world.places.sites])
    for other in (*world.places.depots, *world.places.break_places):
        assert shapely.Point(other.x, other.y).distance(sites) > 400
    assert shapely.Polygon(world.places.no_go).distance(sites) > 100


def test_each_kind_of_fence_is_there_and_needs_no_repair(world: World) -> None:
    kinds: dict[FenceKind, int] = {}
    for fence in world.fences:
        assert prepare(fence).repairs == ()
        kinds[fence.kind] = kinds.get(fence.kind, 0) + 1
    assert kinds == {"customer_site": 420, "depot": 3, "break_place": 6, "territory": 2, "no_go": 1}


def test_a_territory_is_for_the_technicians_of_its_side_of_the_river(world: World) -> None:
    groups = {fence.fence: fence.groups for fence in world.fences if fence.kind == "territory"}
    teams = Counter(who.territory for who in world.fleet)
    assert teams == {"territory-south": 6, "territory-north": 6}
    for who in world.fleet:
        assert {name for name, of in groups.items() if set(of) <= set(who.groups)} == {who.territory}
        assert world.city.territory_of(who.district) == who.territory


def test_a_territory_is_all_of_its_districts(world: World) -> None:
    for territory in world.city.territories:
        outline = shapely.Polygon(territory.ring)
        parts = [shapely.Polygon(part.ring) for part in world.city.districts if part.side == territory.side]
        assert outline.symmetric_difference(shapely.union_all(parts)).area < 0.01 * outline.area


def test_technicians_live_in_their_district_and_away_from_fences(world: World) -> None:
    districts = {part.district: shapely.Polygon(part.ring) for part in world.city.districts}
    sites = shapely.MultiPoint([(site.x, site.y) for site in world.places.sites])
    for who in world.fleet:
        base = shapely.Point(who.base.x, who.base.y)
        assert districts[who.district].contains(base)
        assert who.depot is not None or base.distance(sites) > 150


def test_a_larger_fleet_gets_more_sites() -> None:
    larger = World(7, sized(SimulatorParams(), 60))
    assert len(larger.fleet) == len({who.technician for who in larger.fleet}) == 60
    assert len(larger.places.sites) == 1050


@pytest.mark.parametrize("technicians", [0, MOST_TECHNICIANS + 1])
def test_a_fleet_that_finds_no_room_is_refused(technicians: int) -> None:
    with pytest.raises(BadInput, match=f"{technicians} technicians"):
        sized(SimulatorParams(), technicians)


def test_sites_that_find_no_room_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="no room for 50 sites"):
        World(7, SimulatorParams(places=PlacesParams(sites=50, site_apart_m=9_000.0, neighbour_share=0.0)))
