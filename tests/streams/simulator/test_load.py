"""The load for benchmarks moves like a fleet, and can be made again."""

from itertools import chain

import msgspec
import numpy as np
import pytest

from features.events import Ping, Tick
from features.fences import prepare
from features.geo import distance_m
from streams.codec import decode
from streams.simulator.load import Load, LoadParams, Record

SMALL = LoadParams(technicians=200, fences=50, routes=20)


@pytest.fixture(scope="module")
def load() -> Load:
    return Load(1, SMALL)


def pings(records: list[Record]) -> list[Ping]:
    read = [decode(value, key) for _, key, value, _ in records]
    return [one for one in read if isinstance(one, Ping)]


@pytest.fixture(scope="module")
def records(load: Load) -> list[Record]:
    return list(chain.from_iterable(load.batches(20_100, partitions=3)))


def test_the_same_seed_gives_the_same_bytes(load: Load, records: list[Record]) -> None:
    again = Load(1, SMALL)
    assert list(chain.from_iterable(again.batches(20_100, partitions=3))) == records
    assert again.fences == load.fences
    assert Load(2, SMALL).fences != load.fences


def test_there_are_as_many_pings_as_were_asked_for_by_everybody(load: Load, records: list[Record]) -> None:
    made = pings(records)
    assert len(made) == 20_100
    assert {one.technician for one in made} == set(load.technicians)
    assert [ms for ms, *_ in records] == sorted(ms for ms, *_ in records)


def test_ticks_go_to_each_partition(records: list[Record]) -> None:
    ticks = [(decode(value, None), partition) for _, key, value, partition in records if key is None]
    assert len(ticks) == 100 * 3
    assert {partition for _, partition in ticks} == {0, 1, 2}
    assert all(isinstance(tick, Tick) for tick, _ in ticks)


def test_most_drive_and_the_others_stand(records: list[Record]) -> None:
    driving = np.mean([one.speed_mps > 0 for one in pings(records)])
    assert driving == pytest.approx(SMALL.driving_share, abs=0.05)


def test_nobody_leaps(records: list[Record]) -> None:
    last: dict[str, Ping] = {}
    for one in pings(records):
        before = last.get(one.technician, one)
        assert distance_m(before.lat, before.lon, one.lat, one.lon) < 5 * SMALL.max_speed_mps + 30
        last[one.technician] = one


def test_its_fences_hold(load: Load) -> None:
    assert len(load.fences) == 50
    assert all(prepare(fence).repairs == () for fence in load.fences)


def test_a_ping_is_a_small_message(records: list[Record]) -> None:
    assert max(len(value) for _, _, value, _ in records) < 256
    assert msgspec.json.decode(records[0][2])["type"] == "ping"
