"""Which fences a fix sees, which ways cross them, and which version holds."""

import math
from collections.abc import Iterable
from itertools import pairwise

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import geo
from features.fence_events import Cells, Circle, Fence
from features.fence_index import FenceIndex, held
from features.fences import prepare
from features.fix import Fix, Sighting
from features.ways import Crossing
from tests.support.fences import LAT, LON, area, at, circle, degrees, index_of, reach_m, sight, square


def names(sightings: Iterable[Sighting]) -> list[str]:
    return [sighting.fence for sighting in sightings]


def test_a_circle_is_seen_from_inside_and_within_reach() -> None:
    (inside,) = sight([circle("site")], at(40))
    assert inside == Sighting("site", 1, "customer_site", pytest.approx(-60, abs=0.01), 100.0)
    (near,) = sight([circle("site")], at(165))
    assert near.beyond_m == pytest.approx(65, abs=0.01)
    assert sight([circle("site")], at(171)) == ()


def test_an_outline_is_seen_from_inside_and_within_reach() -> None:
    yard = area("yard", square(100))
    (inside,) = sight([yard], at(40))
    assert (inside.beyond_m, inside.radius_m) == (0.0, pytest.approx(200 / math.sqrt(math.pi), rel=1e-4))
    (corner,) = sight([yard], at(140, 130))
    assert corner.beyond_m == pytest.approx(50, abs=0.01)
    assert sight([yard], at(160, 160)) == ()


def test_reach_grows_with_the_fence() -> None:
    (seen,) = sight([area("west", square(5000))], at(5500))
    assert seen.beyond_m == pytest.approx(500, abs=0.5)


def test_inside_a_hole_is_outside() -> None:
    (seen,) = sight([area("ring", square(500), square(100))], at(60))
    assert seen.beyond_m == pytest.approx(40, abs=0.01)


def test_a_cell_set_is_seen_as_its_union() -> None:
    cell = geo.cell_of(LAT, LON, 9)
    comb = Fence(fence="comb", kind="territory", geometry=Cells(tuple(h3.grid_disk(cell, 1))))
    for name in h3.grid_disk(cell, 2):
        lat, lon = h3.cell_to_latlng(name)
        (seen,) = sight([comb], Fix(0, lat, lon, 5.0)) or (None,)
        assert (seen is not None and seen.beyond_m <= 0) == (name in h3.grid_disk(cell, 1))


def test_sightings_are_ordered_by_fence() -> None:
    fences = [circle("c"), area("b", square(100)), circle("a"), area("d", square(90))]
    assert names(sight(fences, at(0))) == ["a", "b", "c", "d"]


def test_each_fix_of_a_batch_sees_its_own() -> None:
    index = index_of([circle("west", (-1000, 0)), circle("east", (1000, 0)), area("all", square(3000))])
    fixes = [at(1000), at(0), at(9000), at(-1000)]
    seen = [names(sightings) for sightings in index.sight(fixes, [None] * 4)]
    assert seen == [["all", "east"], ["all"], [], ["all", "west"]]


def test_no_fixes_and_no_fences_see_nothing() -> None:
    assert index_of([circle("site")]).sight([], []) == []
    assert index_of([]).sight([at(0), at(1)], [None, at(0)]) == [(), ()]


def test_fixes_without_the_ones_before_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        index_of([circle("site")]).sight([at(0)], [])


@pytest.mark.parametrize("fence", [circle("site"), area("site", square(100))])
class TestCrossing:
    def test_a_way_through_is_crossed(self, fence: Fence) -> None:
        (seen,) = sight([fence], at(900, time_s=60), before=at(-900))
        assert seen.crossed
        assert seen.beyond_m == pytest.approx(800, abs=0.5)

    def test_a_way_past_is_not(self, fence: Fence) -> None:
        assert sight([fence], at(900, 101, 60), before=at(-900, 101)) == ()

    def test_a_way_that_begins_or_ends_inside_is_not(self, fence: Fence) -> None:
        assert sight([fence], at(900, time_s=60), before=at(0)) == ()
        (seen,) = sight([fence], at(0, time_s=60), before=at(-900))
        assert not seen.crossed

    def test_a_way_through_a_corner_near_by_is_crossed(self, fence: Fence) -> None:
        (seen,) = sight([fence], at(0, 120, 5), before=at(120, 0))
        assert seen.crossed
        assert seen.beyond_m == pytest.approx(20, abs=0.01)

    def test_a_way_through_silence_proves_nothing(self, fence: Fence) -> None:
        assert sight([fence], at(900, time_s=200), before=at(-900))[0].crossed
        assert sight([fence], at(900, time_s=201), before=at(-900)) == ()

    def test_a_way_between_inexact_fixes_proves_nothing(self, fence: Fence) -> None:
        assert sight([fence], at(900, time_s=60, exact=False), before=at(-900)) == ()
        assert sight([fence], at(900, time_s=60), before=at(-900, exact=False)) == ()


def test_a_step_of_a_few_metres_crosses_nothing() -> None:
    sliver = area("sliver", [(0, -100), (1, -100), (1, 100), (0, 100)])
    (jitter,) = sight([sliver], at(3, time_s=5), before=at(-1))
    (step,) = sight([sliver], at(5, time_s=5), before=at(-1))
    assert (jitter.crossed, step.crossed) == (False, True)
    bold = FenceIndex.of([prepare(sliver)], reach_m, Crossing(min_way_m=1))
    assert bold.sight([at(3, time_s=5)], [at(-1)])[0][0].crossed


def test_a_way_across_the_antimeridian_crosses_nothing() -> None:
    around = Fence(fence="equator", kind="territory", geometry=Circle(0.0, 0.0, 5000.0))
    assert sight([around], Fix(60_000, 0.0, -179.999, 5.0), before=Fix(0, 0.0, 179.999, 5.0)) == ()


def version(number: int, from_ms: int, radius_m: float = 100.0, removed: bool = False) -> Fence:
    lon, lat = degrees((0, 0))
    geometry = Circle(lat, lon, radius_m)
    return Fence(
        fence="site",
        kind="depot",
        geometry=geometry,
        version=number,
        valid_from_ms=from_ms,
        removed=removed,
    )


def test_a_version_holds_until_the_next_does() -> None:
    index = index_of([version(2, 20_000), version(1, 10_000)])
    fixes = [at(0, time_s=time_s) for time_s in (9.999, 10, 19.999, 20, 10**6)]
    seen = [[one.version for one in sightings] for sightings in index.sight(fixes, [None] * 5)]
    assert seen == [[], [1], [1], [2], [2]]


def test_a_removed_version_ends_the_one_before() -> None:
    index = index_of([version(1, 0), version(2, 20_000, removed=True)])
    assert names(index.sight([at(0, time_s=19)], [None])[0]) == ["site"]
    assert index.sight([at(0, time_s=20)], [None]) == [()]
    assert index.holding("site", 20_000) is None
    assert index.fence("site", 2).removed


def test_a_higher_version_that_holds_earlier_replaces_the_lower_one() -> None:
    index = index_of([version(1, 0), version(2, 30_000), version(3, 20_000)])
    versions = [index.holding("site", time_ms) for time_ms in (0, 20_000, 30_000)]
    assert [one.fence.version for one in versions if one] == [1, 3, 3]


def test_what_is_not_there_is_not_found() -> None:
    index = index_of([version(1, 10_000)])
    assert index.holding("site", 9_999) is None
    assert index.holding("moon", 10_000) is None
    with pytest.raises(KeyError):
        index.fence("site", 2)


def test_a_version_given_twice_counts_as_given_last() -> None:
    index = index_of([version(1, 0, radius_m=50), version(1, 0, radius_m=70)])
    assert len(index) == 1
    assert [one.radius_m for one in index.sight([at(0)], [None])[0]] == [70]


def test_an_index_with_more_fences_leaves_the_old_one_alone() -> None:
    old = index_of([version(1, 0)])
    new = old.with_fences([prepare(version(2, 20_000, radius_m=50)), prepare(circle("next"))])
    fix = at(0, time_s=20)
    assert [(one.fence, one.version) for one in new.sight([fix], [None])[0]] == [("next", 1), ("site", 2)]
    assert [(one.fence, one.version) for one in old.sight([fix], [None])[0]] == [("site", 1)]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9), st.booleans()), max_size=6))
def test_at_any_time_at_most_one_version_holds(history: list[tuple[int, int, bool]]) -> None:
    fences = {number: version(number, from_ms, removed=removed) for number, from_ms, removed in history}
    intervals = list(held(prepare(fence) for fence in fences.values()))
    assert all(one.until_ms <= after.from_ms for one, after in pairwise(intervals))
    for time_ms in range(10):
        valid = [number for number, fence in fences.items() if fence.valid_from_ms <= time_ms]
        top = fences[max(valid)] if valid else None
        expected = [top.version] if top is not None and not top.removed else []
        holding = [one for one in intervals if one.from_ms <= time_ms < one.until_ms]
        assert [one.prepared.fence.version for one in holding] == expected
