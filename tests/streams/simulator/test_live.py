"""A day that goes on as it is decided."""

from collections import Counter
from datetime import date
from itertools import pairwise

import msgspec
import pytest

from features.events import Assignment, Ping, Reminder, Status
from features.territory_events import (
    AppointmentCancelled,
    AppointmentRequested,
    RoutesPlanned,
    TechnicianLost,
)
from streams.simulator.day import Day
from streams.simulator.lateness import MOST_MIN, lateness
from streams.simulator.live import LiveDay
from streams.simulator.office import assignment
from streams.simulator.stream import Delivery
from streams.simulator.truth import TrueJob
from streams.simulator.unaided import Unaided, lived
from streams.simulator.world import World

DAY = date(2026, 3, 3)
STEP_MS = 120_000
HOUR_MS = 3_600_000


def of(world: World, **disruptions: float) -> World:
    """The same world with other disruptions; those not named don't happen."""
    params = world.params
    none = {"overruns": 0.0, "technicians_out": 0.0, "cancellations": 0.0, "emergencies": 0.0}
    app = msgspec.structs.replace(params.app, declined_share=0.0, never_share=0.0, reminded_share=0.0)
    changed = msgspec.structs.replace(params.disruptions, **none | disruptions)
    return World(world.seed, msgspec.structs.replace(params, app=app, disruptions=changed))


class Stepped:
    """A live day with its office, stepped by hand; `received` is everything that came."""

    def __init__(self, world: World) -> None:
        self.living = LiveDay(world, DAY)
        self._office = Unaided(self.living.today)
        self.received = self.living.opening()
        self.living.hear_all(self._office.passed_on(self.received))

    def until(self, ms: int) -> "Stepped":
        while self.living.now_ms < ms and not self.living.over:
            self.received += (new := self.living.advance(self.living.now_ms + STEP_MS))
            self.living.hear_all(self._office.passed_on(new))
        return self

    def end(self) -> "Stepped":
        return self.until(2**60)

    def job(self, appointment: str) -> TrueJob | None:
        return next((job for job in self.living.truth.jobs if job.appointment == appointment), None)

    def give(self, appointment: str, technician: str, taken_from: str | None = None) -> None:
        planned, now_ms = self.living.today.planned[appointment].appointment, self.living.now_ms
        if taken_from is not None:
            self.living.hear(assignment(planned, taken_from, now_ms, withdrawn=True))
        self.living.hear(assignment(planned, technician, now_ms))


@pytest.fixture(scope="module")
def quiet(world: World) -> World:
    return of(world)


@pytest.fixture(scope="module")
def disturbed(world: World) -> World:
    return of(world, overruns=4.0, technicians_out=2.0, cancellations=4.0, emergencies=4.0)


def statuses(received: list[Delivery], technician: str) -> list[Status]:
    return [one.value for one in received if isinstance(one.value, Status) and one.key == technician]


def test_a_day_is_the_same_life_in_one_step_or_many(quiet: World) -> None:
    stepped, whole = lived(quiet, DAY, STEP_MS).truth, Day(quiet, DAY).truth
    assert sorted(stepped.visits, key=str) == sorted(whole.visits, key=str)
    served = [job for job in whole.jobs if job.outcome != "unserved"]
    assert sorted(stepped.jobs, key=str) == sorted(served, key=str)


def test_messages_come_once_in_the_step_in_which_they_are_received(disturbed: World) -> None:
    living = LiveDay(disturbed, DAY)
    living.hear_all(Unaided(living.today).passed_on(living.opening()))
    for _ in range(120):
        since_ms = living.now_ms
        times = [one.received_ms for one in living.advance(since_ms + STEP_MS)]
        assert times == sorted(times)
        assert not times or since_ms < times[0] <= times[-1] <= since_ms + STEP_MS


def test_what_is_heard_later_changes_nothing_that_was_said(quiet: World) -> None:
    noon = LiveDay(quiet, DAY).begin_ms + 5 * HOUR_MS
    left, changed = Stepped(quiet).until(noon), Stepped(quiet).until(noon)
    assert left.received == changed.received
    first, second, *_ = left.living.world.fleet
    for planned in left.living.today.agenda[first.technician]:
        if planned.appointment.appointment not in left.living.today.begun:
            changed.give(planned.appointment.appointment, second.technician, first.technician)
    said = len(left.received)
    left.end()
    changed.end()
    assert left.received[:said] == changed.received[:said]
    assert left.received[said:] != changed.received[said:]


def test_an_appointment_that_is_given_to_somebody_else_is_served_by_them_with_the_same_luck(
    quiet: World,
) -> None:
    plain, changed = Stepped(quiet).end(), Stepped(quiet)
    giver, taker, *_ = quiet.fleet
    last = [
        one.appointment.appointment
        for one in plain.living.today.agenda[giver.technician]
        if (done := plain.job(one.appointment.appointment)) is not None and done.outcome == "completed"
    ][-1]
    changed.until(changed.living.begin_ms + HOUR_MS).give(last, taker.technician, giver.technician)
    changed.end()
    before, after = plain.job(last), changed.job(last)
    assert before is not None
    assert after is not None
    assert (before.technician, after.technician) == (giver.technician, taker.technician)
    assert after.outcome == before.outcome
    ratio = (after.duration_s or 0) / (before.duration_s or 1) / taker.work_factor * giver.work_factor
    # What is left are two slow days and the hour.
    assert 0.6 < ratio < 1.6


def test_whoever_waits_for_work_stays_where_they_are_and_takes_it_when_it_comes(disturbed: World) -> None:
    day = Stepped(disturbed)
    called_ms, emergency = day.living.today.disruptions.emergencies[0]
    name = emergency.appointment.appointment
    able = [who for who in disturbed.fleet if set(emergency.appointment.skills) <= set(who.skills)]
    day.until(called_ms + STEP_MS)
    asked = [one.value.job for one in day.received if isinstance(one.value, AppointmentRequested)]
    assert [one.appointment for one in asked if one.emergency][:1] == [name]
    day.give(name, able[0].technician)
    day.end()
    done = day.job(name)
    assert done is not None
    assert done.technician == able[0].technician
    said = [one.status for one in statuses(day.received, able[0].technician) if one.appointment == name]
    assert said[:2] == ["delivered", "acknowledged"]


def test_who_is_out_says_so_once_and_serves_nobody_after(disturbed: World) -> None:
    day = Stepped(disturbed).end()
    lost = [one.value for one in day.received if isinstance(one.value, TechnicianLost)]
    assert {one.technician for one in lost} == set(day.living.today.disruptions.out)
    assert len(lost) == len(day.living.today.disruptions.out)
    for one in lost:
        assert one.time_ms >= day.living.today.disruptions.out[one.technician]
        visits = [visit for visit in day.living.truth.visits if visit.technician == one.technician]
        assert all(visit.leave_ms <= one.time_ms + 60_000 for visit in visits)
        duties = [act for act in day.living.truth.acts if act.technician == one.technician]
        assert (duties[-1].status, duties[-1].time_ms) == ("off_shift", one.time_ms)


def test_what_is_called_off_is_said_by_the_office_and_not_served(disturbed: World) -> None:
    day = Stepped(disturbed).end()
    said = {one.value.appointment for one in day.received if isinstance(one.value, AppointmentCancelled)}
    assert said
    begun = day.living.today.begun
    assert said == set(day.living.today.disruptions.cancelled) - set(begun)
    assert said.isdisjoint(visit.appointment for visit in day.living.truth.visits)
    late = lateness(day.living.today, day.living.truth)
    assert said.isdisjoint(late.minutes)


def test_lateness_counts_every_appointment_once(disturbed: World) -> None:
    living = lived(disturbed, DAY, STEP_MS)
    late = lateness(living.today, living.truth)
    begun = set(living.today.begun)
    assert set(late.minutes) == set(living.today.planned) - (set(living.today.disruptions.cancelled) - begun)
    assert set(late.unserved) == set(late.minutes) - begun
    assert all(late.minutes[name] == MOST_MIN for name in late.unserved)
    emergencies = {one.appointment.appointment for _, one in living.today.disruptions.emergencies}
    assert emergencies <= set(late.unserved)
    assert late.total_min == pytest.approx(sum(late.minutes.values()))
    assert 0 < late.on_time < len(late.minutes)


def test_an_overrun_takes_its_multiple_whoever_serves(world: World) -> None:
    disturbed, quiet = of(world, overruns=8.0), of(world)
    overruns = LiveDay(disturbed, DAY).today.disruptions.overruns
    longer = {job.appointment: job for job in lived(disturbed, DAY, STEP_MS).truth.jobs}
    usual = {job.appointment: job for job in lived(quiet, DAY, STEP_MS).truth.jobs}
    compared = 0
    for name, factor in overruns.items():
        if longer[name].outcome == usual[name].outcome == "completed":
            compared += 1
            times = (longer[name].duration_s or 0) / (usual[name].duration_s or 1)
            assert times == pytest.approx(factor, rel=0.1)
    assert compared


def test_some_acknowledge_only_when_reminded_and_some_decline(world: World) -> None:
    app = msgspec.structs.replace(world.params.app, reminded_share=0.4, declined_share=0.3, never_share=0.0)
    day = Stepped(World(world.seed, msgspec.structs.replace(world.params, app=app)))
    day.until(day.living.begin_ms + HOUR_MS // 2)
    who = day.living.world.fleet[0]
    given = {one.appointment.appointment for one in day.living.today.agenda[who.technician]}
    answered = {
        one.appointment: one.status for one in statuses(day.received, who.technician) if one.appointment
    }
    silent = [name for name in given if answered[name] == "delivered"]
    assert silent
    for name in silent:
        day.living.hear(Reminder(technician=who.technician, time_ms=day.living.now_ms, appointment=name))
    day.end()
    said = {(one.status, one.appointment) for one in statuses(day.received, who.technician)}
    assert all(("acknowledged", name) in said for name in silent)
    declined = {one.appointment for one in statuses(day.received, who.technician) if one.status == "declined"}
    assert declined.isdisjoint(visit.appointment for visit in day.living.truth.visits)


def test_a_start_that_moved_much_is_acknowledged_once_more_and_one_that_moved_little_is_not(
    quiet: World,
) -> None:
    day = Stepped(quiet)
    day.until(day.living.begin_ms + HOUR_MS)
    who = day.living.world.fleet[0].technician
    last, first = [one.appointment for one in day.living.today.agenda[who]][-1:-3:-1]
    for planned, minutes in ((last, 45), (first, 15)):
        given = assignment(planned, who, day.living.now_ms)
        start_ms = (given.planned_start_ms or 0) + minutes * 60_000
        day.living.hear(msgspec.structs.replace(given, planned_start_ms=start_ms))
    day.end()
    said = Counter(
        (one.status, one.appointment)
        for one in statuses(day.received, who)
        if one.status in ("delivered", "acknowledged")
    )
    assert [said[life, last.appointment] for life in ("delivered", "acknowledged")] == [2, 2]
    assert [said[life, first.appointment] for life in ("delivered", "acknowledged")] == [1, 1]


def test_the_office_tells_everything_before_the_first_shift(quiet: World) -> None:
    opening = LiveDay(quiet, DAY).opening()
    kinds = Counter(type(one.value).__name__ for one in opening)
    appointments = LiveDay(quiet, DAY).today.planned
    assert kinds == {
        "Profile": 12,
        "ShiftPlanned": 12,
        "AppointmentRequested": len(appointments),
        "RoutesPlanned": 2,
    }
    routes = [one.value.routes for one in opening if isinstance(one.value, RoutesPlanned)]
    assert {name for by in routes for stops in by.values() for name in stops} == set(appointments)
    job = next(one.value.job for one in opening if isinstance(one.value, AppointmentRequested))
    assert " · Customer " in job.title
    assert not any(isinstance(one.value, Ping | Assignment) for one in opening)


def test_statuses_of_a_technician_are_received_in_their_order(disturbed: World) -> None:
    day = Stepped(disturbed).end()
    for who in disturbed.fleet:
        times = [one.time_ms for one in statuses(day.received, who.technician)]
        assert all(before < after for before, after in pairwise(times))
