"""A day: the same again from the same seed, and a truth that could be true."""

import hashlib
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pytest
import shapely

from features.events import Assignment, Ping, Profile, Status, Tick
from streams.simulator.day import Day
from streams.simulator.stream import Delivery
from streams.simulator.streets import Class
from streams.simulator.world import SimulatorParams, World, sized

DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(3)]


def written(day: Day) -> list[bytes]:
    return [msgspec.json.encode(one) for one in day.messages(2)]


@pytest.fixture(scope="module")
def messages(day: Day) -> list[Delivery]:
    return list(day.messages(3))


def test_the_same_seed_gives_the_same_bytes(day: Day) -> None:
    again = Day(World(day.world.seed, day.world.params), day.day)
    assert written(again) == written(day)
    assert again.truth == day.truth


def test_the_bytes_are_the_same_on_every_python_and_machine() -> None:
    """Whoever changes the world on purpose writes the new digest down."""
    day = Day(World(7, sized(SimulatorParams(), 3)), DAYS[0])
    digest = hashlib.sha256(b"\n".join(written(day))).hexdigest()
    assert digest.startswith("396ed5bb241339f8")


def test_days_can_be_made_in_any_order() -> None:
    params = sized(SimulatorParams(), 2)
    forth, back = World(3, params), World(3, params)
    first = {day: Day(forth, day).truth for day in DAYS}
    assert first == {day: Day(back, day).truth for day in reversed(DAYS)}
    assert len({truth.visits for truth in first.values()}) == len(DAYS)


def test_another_seed_gives_another_day(day: Day) -> None:
    assert Day(World(8, day.world.params), day.day).truth != day.truth


def test_nobody_visits_two_places_at_once(day: Day) -> None:
    spans = defaultdict(list)
    for stop in day.truth.stops:
        spans[stop.technician].append((stop.begin_ms, stop.end_ms))
    for leg in day.truth.legs:
        assert leg.depart_ms < leg.arrive_ms
    for of in spans.values():
        assert all(before[1] < after[0] for before, after in pairwise(of))
        assert all(begin < end for begin, end in of)


def test_every_visit_is_a_stop_on_site_and_every_stop_has_its_place(day: Day) -> None:
    visits = [(one.technician, one.fence, one.arrive_ms, one.leave_ms) for one in day.truth.visits]
    on_site = [one for one in day.truth.stops if one.kind == "ON_SITE"]
    assert visits == [(one.technician, one.fence, one.begin_ms, one.end_ms) for one in on_site]
    fences = {fence.fence: fence.kind for fence in day.world.fences}
    of_kind = {"ON_SITE": "customer_site", "DEPOT": "depot", "BREAK": "break_place"}
    for stop in day.truth.stops:
        assert stop.fence is None or fences[stop.fence] == of_kind[stop.kind]


def test_all_that_was_planned_comes_to_some_end(day: Day) -> None:
    assert [job.appointment for job in day.truth.jobs] == [one.appointment for one in day.appointments]
    outcomes = Counter(job.outcome for job in day.truth.jobs)
    visited = {visit.appointment for visit in day.truth.visits}
    assert (
        len(visited)
        == len(day.truth.visits)
        == sum(outcomes.values()) - sum(outcomes[unvisited] for unvisited in ("cancelled", "unserved"))
    )


def test_a_day_has_8_to_10_visits_a_technician(day: Day) -> None:
    planned = Counter(one.technician for one in day.appointments)
    assert 8 <= sum(planned.values()) / len(planned) <= 10
    assert max(planned.values()) <= 10


def test_nobody_works_before_the_window_opens_or_with_a_skill_they_lack(day: Day) -> None:
    skills = {who.technician: set(who.skills) for who in day.world.fleet}
    starts = {job.appointment: job.start_ms for job in day.truth.jobs}
    for one in day.appointments:
        start_ms = starts[one.appointment]
        assert start_ms is None or start_ms >= one.window_start_ms
        assert set(one.skills) <= skills[one.technician]
        assert one.depart_by_ms < one.window_end_ms


def test_vehicles_stay_on_the_streets_at_plausible_speeds(day: Day) -> None:
    streets = day.world.city.streets
    lines = shapely.linestrings(np.stack([streets.x[streets.ends], streets.y[streets.ends]], axis=2))
    net = shapely.STRtree(lines)
    for lived in day.lived:
        track = lived.track
        moving = track.speed_mps > 0.5
        _, away_m = net.query_nearest(
            shapely.points(track.x[moving], track.y[moving]), return_distance=True, all_matches=False
        )
        # A depot's yard lies 45 m beside the street; corners are cut by the smoothing of speeds alone.
        assert away_m.max() <= 46.0
        assert 12.0 < track.speed_mps.max() < 28.0
        assert np.abs(np.diff(track.speed_mps)).max() < 5.0


def test_the_river_is_crossed_on_bridges_alone(day: Day) -> None:
    city = day.world.city
    streets = city.streets
    ends = streets.ends[streets.classes == Class.BRIDGE]
    bridges = shapely.MultiLineString(list(np.stack([streets.x[ends], streets.y[ends]], axis=2)))
    crossings = 0
    for lived in day.lived:
        wet = city.in_water(lived.track.x, lived.track.y)
        crossings += int(wet.sum())
        points = shapely.points(lived.track.x[wet], lived.track.y[wet])
        assert (shapely.distance(points, bridges) < 1.0).all()
    assert crossings > 0


def test_messages_come_in_the_order_of_reception(messages: list[Delivery]) -> None:
    received = [one.received_ms for one in messages]
    assert received == sorted(received)
    kinds = Counter(type(one.value) for one in messages)
    assert set(kinds) == {Ping, Status, Assignment, Profile, Tick}
    assert kinds[Ping] > 12 * 1_500


def test_the_time_is_told_to_every_partition_until_everything_is_over(messages: list[Delivery]) -> None:
    ticks = [(one.received_ms, one.partition) for one in messages if isinstance(one.value, Tick)]
    times = sorted({ms for ms, _ in ticks})
    assert ticks == [(ms, partition) for ms in times for partition in range(3)]
    assert {after - before for before, after in pairwise(times)} == {5_000}
    last_ms = max(one.received_ms for one in messages if not isinstance(one.value, Tick))
    assert times[-1] >= last_ms + 15 * 60_000
    assert all((one.key is None) == isinstance(one.value, Tick) for one in messages)


def test_the_roster_and_the_assignments_come_before_the_shift(messages: list[Delivery], day: Day) -> None:
    first_on_shift = next(n for n, one in enumerate(messages) if isinstance(one.value, Status))
    before = [one.value for one in messages[:first_on_shift]]
    assert sum(isinstance(one, Profile) for one in before) == len(day.world.fleet)
    given = [one.appointment for one in before if isinstance(one, Assignment) and not one.withdrawn]
    assert given == [one.appointment for one in day.appointments]


def test_what_is_called_off_is_withdrawn(messages: list[Delivery], day: Day) -> None:
    withdrawn = {
        one.value.appointment for one in messages if isinstance(one.value, Assignment) and one.value.withdrawn
    }
    assert withdrawn == {job.appointment for job in day.truth.jobs if job.outcome == "cancelled"}


def test_pings_sent_are_counted(messages: list[Delivery], day: Day) -> None:
    pings = sum(isinstance(one.value, Ping) for one in messages)
    assert pings == day.truth.pings["sent"] + day.truth.pings["repeats"]


def test_devices_without_ignition_never_tell_it(messages: list[Delivery], day: Day) -> None:
    silent = {who.technician for who in day.world.fleet if not who.has_ignition}
    told = {
        one.value.technician
        for one in messages
        if isinstance(one.value, Ping) and one.value.ignition is not None
    }
    assert silent.isdisjoint(told)
    assert silent | told == {who.technician for who in day.world.fleet}


def test_jobs_take_as_long_as_planning_thinks_on_average() -> None:
    world = World(5, sized(SimulatorParams(), 24))
    jobs = [job for day in DAYS for job in Day(world, day).truth.jobs if job.outcome == "completed"]
    shares = [job.duration_s / job.expected_s for job in jobs if job.duration_s is not None]
    assert np.mean(shares) == pytest.approx(1.0, abs=0.1)
    assert np.median(shares) < 1.0
