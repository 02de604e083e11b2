"""`headway simulate`: a day that is moved to now, or keeps its date."""

import time
from collections.abc import Iterator
from itertools import chain, pairwise

import pytest

from features.events import Assignment, Ping, Profile, Status, Tick
from streams import simulated
from streams.commands import days
from streams.commands.days import hour, local, log_time_ms, paced
from streams.errors import BadInput
from streams.settings import Settings
from streams.simulator.day import Day
from streams.simulator.stream import Delivery
from streams.system import System, workers
from tests.support.cli import Headway, mistake


@pytest.fixture(scope="module")
def day() -> Day:
    return simulated.day(7, 1)


def at(day: Day, hours: float) -> int:
    return day.world.midnight_ms(day.day) + round(hours * 3_600_000)


def test_who_comes_in_late_hears_what_was_said_and_sees_no_earlier_position(day: Day) -> None:
    everything, from_ms = list(day.messages(4)), at(day, 9.5)
    rest = list(simulated.joined(everything, from_ms))
    before = [one.value for one in rest if one.received_ms < from_ms]
    assert {type(event) for event in before} == {Profile, Assignment, Status}
    said = [one for one in everything if one.received_ms < from_ms and not isinstance(one.value, Ping | Tick)]
    assert len(before) == len(said)
    after = [one for one in everything if one.received_ms >= from_ms]
    assert rest[-len(after) :] == after


def test_a_moved_day_is_the_same_day_at_another_time(day: Day) -> None:
    everything = list(day.messages(2))
    move = simulated.move_to(day, day.begin_ms, day.begin_ms + 86_400_000, "20261231-0900")
    moved = list(simulated.moved(everything, move))
    assert [one.received_ms - 86_400_000 for one in moved] == [one.received_ms for one in everything]
    assert [move.back(one) for one in moved] == everything
    assigned = {one.value.appointment for one in moved if isinstance(one.value, Assignment)}
    told = {one.value.appointment for one in moved if isinstance(one.value, Status) and one.value.appointment}
    assert {name.rpartition("-")[0] for name in assigned} == {"job-20261231-0900"}
    assert told
    assert told <= assigned


def test_an_hour_is_said_as_on_a_clock() -> None:
    assert [hour("00:00"), hour("09:30"), hour("23:15")] == [0.0, 9.5, 23.25]
    for text in ("9.30", "noon", "24:00", ""):
        with pytest.raises(BadInput, match="is no time of day; write it as 09:30"):
            hour(text)


def test_the_time_of_day_is_that_of_the_simulated_city(day: Day) -> None:
    assert f"{local(day, at(day, 14.5)):%Y-%m-%d %H:%M}" == "2026-03-17 14:30"


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Time passes by sleeping only."""
    slept: list[float] = []
    monkeypatch.setattr(days.time, "sleep", slept.append)
    monkeypatch.setattr(days.time, "monotonic", lambda: sum(slept))
    return slept


def test_what_is_before_the_first_ping_comes_at_once_and_the_rest_in_its_time(
    no_waiting: list[float],
) -> None:
    def delivery(second: float, value: Ping | Tick) -> Delivery:
        return Delivery(round(second * 1000), "technicians", None, value)

    ping, tick = Ping(technician="ada", time_ms=0, lat=1, lon=1), Tick(time_ms=0)
    plan = [delivery(0, tick), delivery(1000, tick), *(delivery(2000 + n, ping) for n in range(100))]
    batches = list(paced(plan, speed=40.0))
    assert batches[0] == plan[:2]
    assert list(chain.from_iterable(batches)) == plan
    # A quarter of a second is ten simulated ones.
    assert [len(batch) for batch in batches[1:]] == [1, *[10] * 9, 9]
    assert all(before[-1].received_ms < after[0].received_ms for before, after in pairwise(batches[1:]))


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    with workers(settings, ("telemetry",), ticks=True) as running:
        yield running


def test_a_day_that_is_simulated_beside_a_system_goes_on_now(headway: Headway, system: System) -> None:
    before_ms = time.time_ns() // 1_000_000
    said = headway("simulate", "--technicians", "2", "--speed", "3600", "--from", "14:00")
    assert said.code == 0, said.err
    assert said.lines[-1].endswith(" messages published")
    assert "2 technicians, 3600x, until " in said.err
    until_folded(headway)
    seen = [line.split("  ")[-1] for line in headway("who").lines[2:]]
    assert len(seen) == 2
    now = time.strftime("%Y-%m-%d %H", time.gmtime(before_ms / 1000))
    assert all(moment.strip() >= now for moment in seen)
    assert headway("dead-letters", "list").lines == ["0 dead letters"]
    assert system.troubles() == []
    # What comes next goes on where the log's time is.
    ran_ahead_ms = log_time_ms(system.settings)
    assert ran_ahead_ms > before_ms
    assert headway("simulate", "--technicians", "2", "--speed", "3600", "--from", "17:00").code == 0
    until_folded(headway)
    assert log_time_ms(system.settings) > ran_ahead_ms
    assert headway("dead-letters", "list").lines == ["0 dead letters"]
    # A day at its own date would be long past.
    said = headway("simulate", "--technicians", "2", "--dated")
    assert "--dated begins at 2026-03-17" in mistake(said)
    assert "run its workers with --no-ticks" in mistake(said)


def until_folded(headway: Headway) -> None:
    deadline = time.monotonic() + 60
    while "up to date" not in headway("topics").out:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_after_the_day_there_is_nothing_to_simulate(headway: Headway, settings: Settings) -> None:
    said = headway("simulate", "--technicians", "1", "--from", "23:30")
    assert "--from 23.5 h: by then the simulated day is over" in mistake(said)
