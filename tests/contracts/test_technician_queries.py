"""What every `TechnicianQueries` must answer, in memory and in Redis."""

import random

import h3
import msgspec
import pytest

from features.geo import destination, distance_m
from features.geofence import Phase, Visit
from features.technician import PartitionState, TechnicianState
from streams.errors import BadCell, BadInput
from streams.ports import Nearby
from tests.support.stores import PARTITIONS, Stores
from tests.support.technicians import AUSTIN, step, technician

ADA = technician("ada", AUSTIN, territory="north", skills=["gas", "boiler"], fences=["site-1"])
BEN = technician("ben", (30.28, -97.74), territory="north", skills=["gas"])
CYD = technician("cyd", (30.40, -97.70), territory="south", fences=["site-1", "depot"])
DOT = technician("dot", territory="south")


async def given(stores: Stores, *states: TechnicianState) -> None:
    """Store technicians, spread over the partitions."""
    worker = stores.worker()
    for partition in range(PARTITIONS):
        await worker.commit(step(None, 1, *states[partition::PARTITIONS], partition=partition))


def names(states: "list[TechnicianState]") -> list[str]:
    return [state.technician for state in states]


async def test_one_technician(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD, DOT)
    assert await stores.queries().technician("cyd") == CYD
    assert await stores.queries().technician("eve") is None


async def test_all_technicians_by_name(stores: Stores) -> None:
    await given(stores, DOT, CYD, BEN, ADA)
    assert await stores.queries().technicians() == [ADA, BEN, CYD, DOT]


async def test_nothing_stored_is_no_error(stores: Stores) -> None:
    queries = stores.queries()
    assert await queries.technicians() == []
    assert await queries.in_fence("site-1") == []
    assert await queries.nearest(*AUSTIN, 3) == []
    assert await queries.counts() == {}


async def test_who_is_in_a_territory(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD, DOT)
    assert names(await stores.queries().in_territory("south")) == ["cyd", "dot"]
    assert names(await stores.queries().in_territory("sout")) == []
    assert names(await stores.queries().in_territory("")) == []


async def test_who_is_in_a_fence(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD, DOT)
    assert names(await stores.queries().in_fence("site-1")) == ["ada", "cyd"]
    assert names(await stores.queries().in_fence("depot")) == ["cyd"]


@pytest.mark.parametrize(
    ("phase", "is_in"),
    [(Phase.OUTSIDE, False), (Phase.ENTERING, False), (Phase.INSIDE, True), (Phase.EXITING, True)],
)
async def test_in_a_fence_until_the_exit_is_proven(stores: Stores, phase: Phase, is_in: bool) -> None:
    await given(stores, msgspec.structs.replace(ADA, visits={"yard": Visit(phase)}))
    assert names(await stores.queries().in_fence("yard")) == (["ada"] if is_in else [])


async def test_names_that_begin_alike_are_told_apart(stores: Stores) -> None:
    await given(
        stores,
        technician("ada", fences=["site-1"]),
        technician("ben", fences=["site-11"]),
        technician("cyd", fences=["site 1"]),
        technician("dot", fences=["site-1~"]),
    )
    assert names(await stores.queries().in_fence("site-1")) == ["ada"]


async def test_names_of_any_alphabet(stores: Stores) -> None:
    await given(stores, technician("Zoë 😀 {x}*", AUSTIN, territory="Łódź", fences=["Größe/7", "[a"]))
    queries = stores.queries()
    for found in (
        await queries.in_territory("Łódź"),
        await queries.in_fence("Größe/7"),
        await queries.in_fence("[a"),
        await queries.in_cell(h3.latlng_to_cell(*AUSTIN, 7)),
    ):
        assert names(found) == ["Zoë 😀 {x}*"]


@pytest.mark.parametrize("name", ["\x1f", "\n", "\udcff", "x" * 100_000])
async def test_names_that_nobody_can_have_are_nobodys(stores: Stores, name: str) -> None:
    await given(stores, ADA)
    assert await stores.queries().technician(name) is None
    assert await stores.queries().in_territory(name) == []
    assert await stores.queries().in_fence(f"site-1{name}") == []


async def test_the_index_follows_a_technician(stores: Stores) -> None:
    worker, queries = stores.worker(), stores.queries()
    await worker.commit(step(None, 1, ADA, partition=2))
    gone = technician("ada", (48.1, 11.5), territory="south", fences=["depot"])
    await worker.commit(step(1, 2, gone, partition=2))
    assert names(await queries.in_cell(ADA.cell or "")) == []
    assert names(await queries.in_cell(gone.cell or "")) == ["ada"]
    assert await queries.in_territory("north") == await queries.in_fence("site-1") == []
    assert await queries.in_territory("south") == await queries.in_fence("depot") == [gone]


async def test_the_index_follows_a_technician_to_another_worker(stores: Stores) -> None:
    first, second = stores.worker(), stores.worker()
    await first.commit(step(None, 1, ADA))
    await second.load(0)
    await second.commit(step(1, 2, technician("ada", (48.1, 11.5))))
    assert await stores.queries().in_cell(ADA.cell or "") == []
    assert await stores.queries().in_territory("north") == []


def random_places(seed: int, count: int) -> list[tuple[float, float]]:
    """Places around Austin, and some all over the world."""
    dice = random.Random(seed)
    around = [
        destination(*AUSTIN, dice.uniform(0, 360), dice.expovariate(1 / 8_000)) for _ in range(count * 3 // 4)
    ]
    world = [(dice.uniform(-70, 70), dice.uniform(-180, 180)) for _ in range(count // 4)]
    return around + world


@pytest.mark.parametrize("resolution", range(10))
async def test_a_cell_of_any_resolution_has_all_its_technicians(stores: Stores, resolution: int) -> None:
    crowd = [technician(f"t-{n:03d}", at) for n, at in enumerate(random_places(resolution, 400))]
    await given(stores, *crowd)
    queries = stores.queries()
    for asked in crowd[::25]:
        cell = h3.cell_to_parent(asked.cell, resolution)
        expected = [one for one in crowd if h3.cell_to_parent(one.cell, resolution) == cell]
        assert await queries.in_cell(cell) == expected


async def test_a_cell_may_be_written_in_capitals(stores: Stores) -> None:
    await given(stores, ADA)
    assert names(await stores.queries().in_cell((ADA.cell or "").upper())) == ["ada"]


@pytest.mark.parametrize("cell", ["", "here", "89283082803fffffff", "0", "-1", "89283082803ffff0"])
async def test_what_is_no_cell_is_named(stores: Stores, cell: str) -> None:
    with pytest.raises(BadCell, match=f"'{cell}' is not an H3 cell"):
        await stores.queries().in_cell(cell)


async def test_a_cell_finer_than_the_index_is_refused(stores: Stores) -> None:
    cell = h3.latlng_to_cell(*AUSTIN, 10)
    with pytest.raises(BadCell, match=f"{cell} has resolution 10.*{ADA.cell}"):
        await stores.queries().in_cell(cell)


async def test_the_nearest_come_first(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD, DOT)
    near = await stores.queries().nearest(30.279, -97.74, 2)
    assert [one.technician.technician for one in near] == ["ben", "ada"]
    assert near[0] == Nearby(distance_m(30.279, -97.74, 30.28, -97.74), BEN)


async def test_the_nearest_have_all_the_skills(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD)
    near = await stores.queries().nearest(30.28, -97.74, 5, skills=["boiler", "gas"])
    assert [one.technician.technician for one in near] == ["ada"]


async def test_the_nearest_have_one_of_the_statuses(stores: Stores) -> None:
    on_shift = technician("eve", (30.30, -97.74), duty="on_shift")
    on_break = technician("fay", (30.31, -97.74), duty="on_break")
    await given(stores, ADA, on_shift, on_break)
    queries = stores.queries()
    assert [one.technician for one in await queries.nearest(*AUSTIN, 5, statuses=["on_shift"])] == [on_shift]
    either = await queries.nearest(*AUSTIN, 5, statuses=["on_break", "on_shift"])
    assert [one.technician for one in either] == [on_shift, on_break]
    assert await queries.nearest(*AUSTIN, 5, statuses=["asleep"]) == []


async def test_equally_near_ones_are_sorted_by_name(stores: Stores) -> None:
    await given(stores, *[technician(name, AUSTIN) for name in ("d", "a", "c", "b", "e")])
    near = await stores.queries().nearest(*AUSTIN, 3)
    assert [one.technician.technician for one in near] == ["a", "b", "c"]


async def test_nobody_beyond_the_limit(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD)
    limit_m = distance_m(*AUSTIN, 30.28, -97.74)
    queries = stores.queries()
    assert len(await queries.nearest(*AUSTIN, 5, within_m=limit_m)) == 2
    assert len(await queries.nearest(*AUSTIN, 5, within_m=limit_m - 0.01)) == 1
    assert await queries.nearest(48.1, 11.5, 5) == []


async def test_the_nearest_of_the_whole_earth(stores: Stores) -> None:
    await given(stores, ADA, BEN, CYD)
    near = await stores.queries().nearest(48.1, 11.5, 5, within_m=2e7)
    assert {one.technician.technician for one in near} == {"ada", "ben", "cyd"}


@pytest.mark.parametrize("count", [0, -1])
async def test_the_nearest_none_are_none(stores: Stores, count: int) -> None:
    await given(stores, ADA)
    assert await stores.queries().nearest(*AUSTIN, count) == []


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
async def test_a_place_off_the_earth_is_named(stores: Stores, lat: float, lon: float) -> None:
    with pytest.raises(BadInput, match=f"latitude {lat} and longitude {lon}"):
        await stores.queries().nearest(lat, lon, 1)


@pytest.mark.parametrize("seed", range(8))
async def test_the_nearest_are_those_that_a_look_at_everybody_finds(stores: Stores, seed: int) -> None:
    dice = random.Random(seed)
    crowd = [
        technician(
            f"t-{n:03d}",
            at,
            skills=[skill for skill in ("gas", "boiler", "solar") if dice.random() < 0.3],
            duty=dice.choice(["off_shift", "on_shift", "on_break"]),
        )
        for n, at in enumerate(random_places(seed, 300))
    ]
    await given(stores, *crowd)
    queries = stores.queries()
    for lat, lon in random_places(100 + seed, 20):
        skills = dice.choice([[], ["gas"], ["gas", "solar"]])
        statuses = dice.choice([[], ["on_shift"], ["on_shift", "on_break"]])
        within_m = dice.choice([500.0, 5_000.0, 50_000.0, 500_000.0])
        count = dice.choice([1, 5, 50])
        fitting = (
            (distance_m(lat, lon, one.fix.lat, one.fix.lon), one.technician)
            for one in crowd
            if one.fix and set(skills) <= set(one.skills) and (not statuses or one.duty in statuses)
        )
        expected = sorted(pair for pair in fitting if pair[0] <= within_m)[:count]
        near = await queries.nearest(lat, lon, count, skills=skills, statuses=statuses, within_m=within_m)
        assert [(one.distance_m, one.technician.technician) for one in near] == expected


async def test_counts_are_summed_over_partitions(stores: Stores) -> None:
    worker = stores.worker()
    for partition, counts in enumerate([{"kept": 3, "dropped.late": 1}, {"kept": 4}, {"ticks": 2}]):
        partition_state = PartitionState(counts=counts)
        await worker.commit(step(None, 1, partition=partition, partition_state=partition_state))
    assert await stores.queries().counts() == {"dropped.late": 1, "kept": 7, "ticks": 2}
