"""Technicians on a road that runs east, fences along it; `at(metres, seconds)` is a fix."""

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import geo
from features.events import FenceEvent
from features.fence_events import Circle, Fence, FenceKind, Polygon
from features.fence_index import FenceIndex
from features.fences import prepare
from features.fencing import Params, Who, advance
from features.fix import Fix
from features.geofence import Phase, Visit

LAT, LON = 30.27, -97.74
PARAMS = Params()
ANNA = Who("anna", groups=("north",), on_shift=True)
Visits = dict[str, Visit]


def east_of(metres: float) -> float:
    return LON + metres / geo.degree_m(LAT)[1]


def circle(name: str, metres: float = 0.0, radius_m: float = 100.0, **more: Any) -> Fence:
    kind: FenceKind = more.pop("kind", "customer_site")
    return Fence(fence=name, kind=kind, geometry=Circle(LAT, east_of(metres), radius_m), **more)


def stretch(name: str, west_m: float, east_m: float, **more: Any) -> Fence:
    """A territory as wide as a stretch of the road."""
    west, east, south, north = east_of(west_m), east_of(east_m), LAT - 0.01, LAT + 0.01
    ring = ((west, south), (east, south), (east, north), (west, north))
    return Fence(fence=name, kind="territory", geometry=Polygon(((ring,),)), **more)


def at(metres: float, time_s: float, accuracy_m: float = 5.0, exact: bool = True) -> Fix:
    return Fix(round(time_s * 1000), LAT, east_of(metres), accuracy_m, exact)


def index_of(fences: Iterable[Fence]) -> FenceIndex:
    return FenceIndex.of([prepare(fence) for fence in fences], PARAMS.reach_m, PARAMS.crossing)


def drive(
    fences: Iterable[Fence],
    fixes: Sequence[Fix],
    who: Who = ANNA,
    visits: Visits | None = None,
    speed_mps: float | None = None,
) -> tuple[Visits, list[FenceEvent]]:
    index, visits = index_of(fences), visits or {}
    events: list[FenceEvent] = []
    for fix, before in zip(fixes, [None, *fixes], strict=False):
        (sightings,) = index.sight([fix], [before])
        gap_ms = fix.time_ms - before.time_ms if before else 0
        silent_ms = gap_ms if gap_ms > 200_000 else 0
        visits, happened = advance(
            visits, fix, sightings, who, index, PARAMS, speed_mps=speed_mps, silent_ms=silent_ms
        )
        events += happened
    return visits, events


def told(events: Iterable[FenceEvent]) -> list[str]:
    """Fence, event and rule, as one text an event."""
    return [" ".join(filter(None, (event.fence, event.event, event.rule))) for event in events]


def stay(metres: float, seconds: Sequence[int]) -> list[Fix]:
    return [at(metres, time_s) for time_s in seconds]


THROUGH = [
    *stay(-900, [0, 30]),
    *stay(0, [60, 70, 80]),
    *stay(900, [140, 150, 180]),
]


def test_a_visit_is_told_from_the_first_fix_inside_to_the_first_clear_of_it() -> None:
    visits, (entered, exited) = drive([circle("site", version=3)], THROUGH)
    assert (entered.event, entered.time_ms, entered.detected_ms) == ("entered", 60_000, 70_000)
    assert (exited.event, exited.time_ms, exited.detected_ms) == ("exited", 140_000, 180_000)
    assert (entered.technician, entered.fence, entered.fence_version) == ("anna", "site", 3)
    assert exited.lon == pytest.approx(east_of(900))
    assert visits == {}


def test_visits_are_kept_only_where_the_technician_is() -> None:
    fences = [circle("site"), circle("next", 2000)]
    visits, _ = drive(fences, THROUGH[:4])
    assert {fence: visit.phase for fence, visit in visits.items()} == {"site": Phase.INSIDE}


def test_the_same_visits_come_back_when_nothing_changed() -> None:
    fences = [circle("site"), stretch("west", -5000, 5000)]
    index = index_of(fences)
    visits, _ = drive(fences, stay(0, [0, 10, 20, 200]))
    for fix in (at(0, 210), at(110, 220)):
        again, events = advance(visits, fix, index.sight([fix], [None])[0], ANNA, index, PARAMS)
        assert again is visits
        assert events == ()


def test_nothing_seen_and_nothing_visited_is_nothing() -> None:
    visits: Visits = {}
    assert advance(visits, at(0, 0), (), ANNA, index_of([]), PARAMS)[0] is visits


def test_inexact_fixes_make_no_transition() -> None:
    vague = [at(0, time_s, accuracy_m=80, exact=False) for time_s in (0, 10, 20, 30)]
    assert drive([circle("site")], vague) == ({}, [])
    visits, _ = drive([circle("site")], stay(0, [0, 10]))
    away = [at(900, time_s, accuracy_m=80, exact=False) for time_s in (20, 60, 100)]
    assert drive([circle("site")], away, visits=visits) == (visits, [])


def test_silence_ended_by_an_inexact_fix_does_not_count_either() -> None:
    fixes = [*stay(0, [0, 10]), at(0, 500, 80, exact=False), *stay(0, [510, 520])]
    assert told(drive([circle("site")], fixes)[1]) == ["site entered"]


def test_driving_through_between_two_fixes_is_crossed_and_never_an_arrival() -> None:
    visits, (crossed,) = drive([circle("site")], [at(-400, 0), at(400, 20)])
    assert (crossed.event, crossed.time_ms) == ("crossed", 20_000)
    assert visits == {}


def test_a_way_that_ends_inside_is_no_crossing() -> None:
    assert drive([circle("site")], [at(-400, 0), at(0, 20), at(400, 40)])[1] == []


def test_jumping_over_a_fence_while_leaving_it_is_no_crossing() -> None:
    fixes = [*stay(0, [0, 10]), at(300, 20), at(-300, 40), at(-300, 60)]
    assert told(drive([circle("site")], fixes)[1]) == ["site entered", "site exited"]


def test_crossing_a_no_go_fence_is_told_and_not_a_breach() -> None:
    assert told(drive([circle("pit", kind="no_go")], [at(-400, 0), at(400, 20)])[1]) == ["pit crossed"]


def test_entering_a_no_go_fence_is_a_breach() -> None:
    _, events = drive([circle("pit", kind="no_go")], stay(0, [0, 10]))
    assert told(events) == ["pit entered", "pit breached no_go"]
    assert {event.time_ms for event in events} == {0}


def test_overstaying_is_a_breach() -> None:
    _, events = drive([circle("site", max_dwell_s=60)], stay(0, list(range(0, 100, 10))))
    assert told(events) == ["site entered", "site overstayed", "site breached max_dwell"]


def test_speeding_inside_is_a_breach() -> None:
    _, events = drive([circle("yard", max_speed_mps=5)], stay(0, [0, 10, 20]), speed_mps=9.0)
    assert told(events) == ["yard entered", "yard speeding", "yard breached max_speed"]


LEAVING = [*stay(0, [0, 10]), *stay(3000, [60, 70, 100])]


def test_leaving_the_territory_on_shift_is_a_breach() -> None:
    events = drive([stretch("west", -2000, 2000)], LEAVING)[1]
    assert told(events) == ["west entered", "west exited", "west breached left_territory"]


def test_leaving_the_territory_off_shift_is_not() -> None:
    events = drive([stretch("west", -2000, 2000)], LEAVING, who=Who("anna"))[1]
    assert told(events) == ["west entered", "west exited"]


def test_going_from_one_allowed_territory_into_another_is_not() -> None:
    fences = [stretch("west", -2000, 2000), stretch("east", 2000, 6000)]
    assert told(drive(fences, LEAVING)[1]) == ["west entered", "east entered", "west exited"]


def test_going_into_somebody_elses_territory_is() -> None:
    fences = [stretch("west", -2000, 2000), stretch("east", 2000, 6000, technicians=("ben",))]
    assert told(drive(fences, LEAVING)[1])[-1] == "west breached left_territory"


@pytest.mark.parametrize(
    ("named", "applies"),
    [
        ({}, True),
        ({"technicians": ("anna",)}, True),
        ({"groups": ("north", "south")}, True),
        ({"technicians": ("ben",)}, False),
        ({"groups": ("south",)}, False),
        ({"technicians": ("ben",), "groups": ("north",)}, True),
    ],
)
def test_a_fence_applies_to_whom_it_names_or_to_all(named: dict[str, Any], applies: bool) -> None:
    inside = drive([circle("site", **named)], stay(0, [0, 10]))
    through = drive([circle("site", **named)], [at(-400, 0), at(400, 20)])
    assert told(inside[1]) == ["site entered"] * applies
    assert told(through[1]) == ["site crossed"] * applies


def test_a_visit_goes_on_in_the_next_version() -> None:
    fences = [circle("site", version=1), circle("site", radius_m=150, version=2, valid_from_ms=15_000)]
    visits, events = drive(fences, stay(0, [0, 10, 20, 30]))
    assert [(event.event, event.fence_version) for event in events] == [("entered", 1)]
    assert visits["site"].version == 2


def test_a_visit_follows_a_fence_that_moves_away() -> None:
    fences = [circle("site", version=1), circle("site", 5000, version=2, valid_from_ms=15_000)]
    _, events = drive(fences, stay(0, [0, 10, 20, 60]))
    assert [(event.event, event.fence_version) for event in events] == [("entered", 1), ("exited", 2)]


def test_a_visit_ends_where_its_fence_is_removed_and_nobody_has_left_a_territory() -> None:
    fences = [
        stretch("west", -2000, 2000, version=1),
        stretch("west", -2000, 2000, version=2, valid_from_ms=15_000, removed=True),
    ]
    visits, events = drive(fences, stay(0, [0, 10, 20]))
    assert told(events) == ["west entered", "west exited"]
    assert (events[-1].time_ms, events[-1].fence_version, visits) == (20_000, 1, {})


def test_a_visit_ends_where_its_fence_is_unknown_or_no_longer_for_the_technician() -> None:
    visits, _ = drive([circle("site", groups=("north",))], stay(0, [0, 10]))
    assert told(drive([], [at(0, 20)], visits=visits)[1]) == ["site exited"]
    moved = drive([circle("site", groups=("north",))], [at(0, 20)], who=Who("anna"), visits=visits)
    assert told(moved[1]) == ["site exited"]


def test_an_arrival_that_was_not_confirmed_ends_without_a_word() -> None:
    visits, _ = drive([circle("site")], [at(0, 0)])
    assert drive([], [at(0, 10)], visits=visits) == ({}, [])


def test_a_depot_is_left_later_than_a_site() -> None:
    fences = [circle("site"), circle("yard", kind="depot")]
    fixes = [*stay(0, [0, 10]), *stay(900, [60, 80, 100, 120, 140, 160, 180])]
    events = {event.fence: event for event in drive(fences, fixes)[1] if event.event == "exited"}
    assert events["site"].detected_ms == 100_000
    assert events["yard"].detected_ms == 180_000
    assert events["site"].time_ms == events["yard"].time_ms == 60_000


@pytest.mark.parametrize("kind", get_args(FenceKind))
def test_each_kind_of_fence_has_parameters_of_its_own(kind: FenceKind) -> None:
    wide = msgspec.convert({kind: {"exit_margin_m": 500.0}}, Params)
    reaches_m = {other: wide.reach_m(other, 100.0) for other in get_args(FenceKind)}
    assert reaches_m == {other: 550.0 if other == kind else 70.0 for other in get_args(FenceKind)}


DAYS = st.lists(st.tuples(st.integers(-1500, 1500), st.integers(1, 150)), max_size=40)
FENCES = [
    circle("pit", 300, kind="no_go"),
    circle("site", max_dwell_s=90),
    circle("yard", -500, kind="depot", max_speed_mps=3),
    stretch("west", -1200, 100),
]


def fixes_of(day: list[tuple[int, int]]) -> list[Fix]:
    time_s, fixes = 0, []
    for metres, gap_s in day:
        time_s += gap_s
        fixes.append(at(metres, time_s))
    return fixes


@given(DAYS)
def test_each_fence_is_entered_and_exited_in_turn(day: list[tuple[int, int]]) -> None:
    visits, events = drive(FENCES, fixes_of(day), speed_mps=4.0)
    for fence in FENCES:
        turns = [e.event for e in events if e.fence == fence.fence and e.event in ("entered", "exited")]
        assert turns == (["entered", "exited"] * len(turns))[: len(turns)]
        inside = fence.fence in visits and visits[fence.fence].phase >= Phase.INSIDE
        assert inside == (len(turns) % 2 == 1)


@given(DAYS)
def test_a_day_sighted_at_once_is_the_same_as_fix_by_fix(day: list[tuple[int, int]]) -> None:
    fixes = fixes_of(day)
    index = index_of(FENCES)
    sightings = index.sight(fixes, [None, *fixes][: len(fixes)])
    visits: Visits = {}
    events: list[FenceEvent] = []
    for fix, seen in zip(fixes, sightings, strict=True):
        visits, happened = advance(visits, fix, seen, ANNA, index, PARAMS, speed_mps=4.0)
        events += happened
    assert (visits, events) == drive(FENCES, fixes, speed_mps=4.0)


@given(DAYS)
def test_events_come_ordered_by_fence(day: list[tuple[int, int]]) -> None:
    _, events = drive(FENCES, fixes_of(day), speed_mps=4.0)
    for detected_ms in {event.detected_ms for event in events}:
        fences = [event.fence for event in events if event.detected_ms == detected_ms]
        assert fences == sorted(fences)
