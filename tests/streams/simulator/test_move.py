"""A day at another time is the same day."""

from datetime import date

import pytest

from features.events import Assignment, Ping
from features.territory_events import AppointmentRequested, RoutesPlanned, ShiftPlanned
from streams.simulator.live import LiveDay
from streams.simulator.move import Move
from streams.simulator.stream import Delivery
from streams.simulator.unaided import Unaided
from streams.simulator.world import World

DAY_MS = 86_400_000
MOVE = Move(DAY_MS, "20260303", "20261231-0900")


@pytest.fixture(scope="module")
def opening(world: World) -> list[Delivery]:
    return LiveDay(world, date(2026, 3, 3)).opening()


def test_what_was_moved_there_and_back_is_as_it_was(opening: list[Delivery]) -> None:
    assert [MOVE.back(MOVE.there(one)) for one in opening] == opening


def test_every_moment_moves_and_no_duration(opening: list[Delivery]) -> None:
    for before in opening:
        after = MOVE.there(before)
        assert after.received_ms == before.received_ms + DAY_MS
        assert after.value.time_ms == before.value.time_ms + DAY_MS
        if isinstance(before.value, ShiftPlanned) and isinstance(after.value, ShiftPlanned):
            assert after.value.shift.end_ms == before.value.shift.end_ms + DAY_MS
            assert after.value.shift.break_s == before.value.shift.break_s > 0
        if isinstance(before.value, AppointmentRequested) and isinstance(after.value, AppointmentRequested):
            assert after.value.job.window_end_ms == before.value.job.window_end_ms + DAY_MS
            assert after.value.job.appointment.startswith("job-20261231-0900-")


def test_routes_name_the_appointments_by_their_new_names(opening: list[Delivery]) -> None:
    moved = [MOVE.there(one).value for one in opening]
    asked = {one.job.appointment for one in moved if isinstance(one, AppointmentRequested)}
    routed = {
        name
        for one in moved
        if isinstance(one, RoutesPlanned)
        for stops in one.routes.values()
        for name in stops
    }
    assert routed == asked


def test_what_technicians_are_sent_moves_as_well(world: World) -> None:
    living = LiveDay(world, date(2026, 3, 3))
    sent = list(Unaided(living.today).passed_on(living.opening()))
    assert any(isinstance(one, Assignment) for one in sent)
    assert [MOVE.back(MOVE.there(one)) for one in sent] == sent


def test_positions_keep_all_but_their_time() -> None:
    ping = Ping(technician="ada", time_ms=5, lat=1.0, lon=2.0, seq=3)
    assert MOVE.there(ping) == Ping(technician="ada", time_ms=5 + DAY_MS, lat=1.0, lon=2.0, seq=3)
