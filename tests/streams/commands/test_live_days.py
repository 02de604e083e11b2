"""`headway simulate --live`: a day that a running system plans and decides."""

from collections.abc import Iterator

import pytest

from features.events import Assignment, Route, Status
from features.territory_events import RoutesPlanned
from streams.adapters.clock import wall_ms
from streams.adapters.log import LogReader
from streams.codec import decode
from streams.commands import live_days
from streams.day_codec import decode_territory
from streams.day_system import ROLES
from streams.settings import Settings
from streams.system import System, workers
from streams.topics import Topics
from tests.support.cli import Headway, mistake


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    with workers(settings, ROLES, ticks=True) as running:
        yield running


def said(settings: Settings, topic: str) -> list[object]:
    read = decode if topic == "technicians" else decode_territory
    with LogReader(settings, getattr(Topics.of(settings), topic)) as reader:
        return [read(record.value, record.key) for record in reader.to_end()]


def test_technicians_work_by_what_the_system_sends_them(headway: Headway, system: System) -> None:
    before_ms = wall_ms()
    done = headway("simulate", "--live", "--technicians", "2", "--speed", "1800")
    assert done.code == 0, done.err
    assert done.lines[-1].endswith(" pings published")
    planned = [one for one in said(system.settings, "territories") if isinstance(one, RoutesPlanned)]
    asked = {name for one in planned for stops in one.routes.values() for name in stops}
    assert asked
    assert not any(name.startswith("job-20260317-") for name in asked)
    told = said(system.settings, "technicians")
    sent = [one for one in told if isinstance(one, Assignment | Route)]
    assert {one.appointment for one in sent if isinstance(one, Assignment)} >= asked
    assert all(one.time_ms >= before_ms for one in sent)
    served = {one.appointment for one in told if isinstance(one, Status) and one.status == "completed"}
    assert served
    assert served <= asked
    assert [line for line in system.troubles() if "ERROR" in line] == []


def test_a_system_that_plans_nothing_is_told_of(
    headway: Headway, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_days, "PLANNED_WITHIN_S", 0.5)
    done = headway("simulate", "--live", "--technicians", "2")
    assert done.code == 1
    assert "are its telemetry, rebalance and dispatch workers running" in done.err


def test_what_does_not_go_together_is_a_mistake(headway: Headway) -> None:
    assert "--live begins with the day's first message" in mistake(
        headway("simulate", "--live", "--from", "10:00")
    )
    assert "--accept goes with --live" in mistake(headway("simulate", "--accept"))
