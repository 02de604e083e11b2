"""From an overrun to another plan: every agent in a process of its own, on a real Kafka and Redis.

`HEADWAY_CHAOS_SEED` chooses another order of blows.
"""

import asyncio
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from features.acknowledgement import AcknowledgementState
from features.dispatching import DispatchState
from features.plan_events import PlanChanged, ProposalClosed, Proposed
from features.territory import TerritoryState
from models.forecast import RiskState
from models.params import DecisionParams, ModelsParams
from streams import topics
from streams.adapters.log import LogReader, behind
from streams.bootstrap import open_keyed, open_risks, open_store, open_territories
from streams.settings import Kafka, Redis, Settings, Worker
from streams.topics import Topics
from tests.support.chaos import Supervised
from tests.support.decisions import NORTH, Morning, office, plans, told_technicians, trouble
from tests.support.outcomes import letters
from tests.support.plan_checks import check

pytestmark = [pytest.mark.kafka, pytest.mark.redis, pytest.mark.timeout(300)]

SEED = int(os.environ.get("HEADWAY_CHAOS_SEED", "3"))
ROLES = ("telemetry", "risk", "rebalance", "dispatch")
KILLS_EACH = 2


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str, tmp_path: Path) -> Settings:
    """Without trained models: what comes of it is then the same on every machine."""
    made = Settings(
        namespace=namespace,
        kafka=Kafka(bootstrap=kafka),
        redis=Redis(url=redis_url),
        worker=Worker(fetch_wait_ms=20),
        decisions=DecisionParams(models=ModelsParams(folder=str(tmp_path / "models"))),
    )
    topics.ensure(made, history=True)
    return made


def test_an_overrun_becomes_a_risk_a_proposal_a_plan_and_acknowledged_assignments(
    settings: Settings, tmp_path: Path
) -> None:
    with agents(settings, tmp_path), morning(settings, Morning(settings, office(), step_s=60)) as day:
        day.until(lambda: _accepted(day) is not None, "a proposal is accepted")
        changed = _accepted(day)
        assert changed is not None
        given = [one for one in changed.assignments if not one.withdrawn]
        assert any(one.appointment == "a2" and one.technician != "ana" for one in given)

        def acknowledged() -> bool:
            state = asyncio.run(territory(settings))
            return all(state.appointments[one.appointment].stage == "acknowledged" for one in given)

        day.until(acknowledged, "everybody has acknowledged what is new")
    proposed = next(one.proposal for one in day.plans if isinstance(one, Proposed))
    assert proposed.trigger == "risk"
    assert "a2" in proposed.about
    assert proposed.proposal == changed.proposal
    assert_one_plan(settings)
    assert letters(settings) == []


def test_whatever_is_killed_there_is_one_plan_in_the_end(settings: Settings, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    script = [*office(), *trouble()]
    with (
        agents(settings, tmp_path, chance) as workers,
        morning(settings, Morning(settings, script, pause_s=0.15)) as day,
    ):
        killer = Killer(chance, workers)
        killer.start()
        day.until(lambda: not killer.is_alive(), "all blows have fallen", minutes=600)
        assert killer.failed is None
        day.until(lambda: _accepted(day) is not None, "a proposal is accepted", minutes=600)
        drained(settings, workers)
    assert_one_plan(settings)
    assert {letter.reason for letter in letters(settings)} <= {"impossible_transition"}


class Killer(threading.Thread):
    """SIGKILL for two agents at once, in a random order, as soon as all are at work again; the morning goes on."""

    def __init__(self, chance: random.Random, workers: Sequence[Supervised]) -> None:
        super().__init__()
        self.failed: BaseException | None = None
        self._chance, self._workers = chance, workers
        self._victims = [worker for _ in range(KILLS_EACH) for worker in workers]
        chance.shuffle(self._victims)

    def run(self) -> None:
        try:
            while self._victims:
                self._wait()
                time.sleep(self._chance.uniform(0.0, 2.0))
                for victim in dict.fromkeys(self._victims.pop() for _ in range(2)):
                    victim.kill()
                    time.sleep(self._chance.uniform(0.0, 0.5))
                    victim.restart()
            self._wait()
        except BaseException as failed:
            self.failed = failed

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while not all(worker.at_work() for worker in self._workers):
            assert time.monotonic() < deadline, "the agents did not come to work"
            time.sleep(0.1)


@contextmanager
def agents(
    settings: Settings, folder: Path, chance: random.Random | None = None
) -> Iterator[list[Supervised]]:
    workers: list[Supervised] = []
    records = (lambda: 4_000) if chance is None else (lambda: chance.randint(5, 200))
    try:
        for role in ROLES:
            workers.append(Supervised(settings, folder / f"{role}.log", records, role))
        deadline = time.monotonic() + 60
        while not all(worker.at_work() for worker in workers):
            assert time.monotonic() < deadline, "the agents did not come to work"
            for worker in workers:
                worker.check()
            time.sleep(0.1)
        yield workers
    finally:
        for worker in workers:
            worker.end()


@contextmanager
def morning(settings: Settings, day: Morning) -> Iterator[Morning]:
    try:
        yield day
    finally:
        day.close()


def drained(settings: Settings, workers: Sequence[Supervised]) -> None:
    """Returns when every agent has folded all of its log, and nothing more has come of it for a while."""
    deadline, calm = time.monotonic() + 90, 0
    while calm < 5:
        assert time.monotonic() < deadline, "the agents did not come to the end of their logs"
        for worker in workers:
            worker.check()
        calm = calm + 1 if asyncio.run(_left(settings)) == 0 else 0
        time.sleep(0.3)


async def _left(settings: Settings) -> int:
    names = Topics.of(settings)
    stores = [
        (names.technicians, open_store(settings)),
        (names.signals, open_keyed(settings, "risk", RiskState)),
        (names.signals, open_keyed(settings, "acknowledgements", AcknowledgementState)),
        (names.territories, open_keyed(settings, "territories", TerritoryState)),
        (names.plans, open_keyed(settings, "dispatch", DispatchState)),
    ]
    left = 0
    for topic, store in stores:
        with LogReader(settings, topic) as reader:
            ends = reader.ends()
        left += behind(ends, await store.positions(range(settings.kafka.partitions)))
        await store.close()
    return left


async def territory(settings: Settings) -> TerritoryState:
    reader = open_territories(settings)
    try:
        return await reader.one(NORTH) or TerritoryState(NORTH)
    finally:
        await reader.close()


async def risks(settings: Settings) -> dict[str, RiskState]:
    reader = open_risks(settings)
    try:
        return await reader.every()
    finally:
        await reader.close()


def assert_one_plan(settings: Settings) -> None:
    """Every appointment is accounted for, each version was told once, and everybody knows the same plan."""
    state = asyncio.run(territory(settings))
    check(state)
    history = plans(settings)
    changes = [one for one in history if isinstance(one, PlanChanged)]
    assert [one.version for one in changes] == list(range(1, state.version + 1))
    accepted = [
        one.proposal for one in history if isinstance(one, ProposalClosed) and one.outcome == "accepted"
    ]
    assert sorted(accepted) == sorted(one.proposal for one in changes if one.proposal is not None)
    assert len(set(accepted)) == len(accepted)
    told = told_technicians(settings)
    # Each says which plan it is of; all else is as the plan has it.
    assert {key: replace(one, cause=None) for key, one in told.assignments.items()} == {
        (one.technician, one.plan_version, one.appointment): one
        for change in changes
        for one in change.assignments
    }
    assert {key: replace(one, cause=None) for key, one in told.routes.items()} == {
        (one.technician, one.plan_version): one for change in changes for one in change.routes
    }
    for name, planned in state.appointments.items():
        holders = [who for (who, known), last in told.last.items() if known == name and not last.withdrawn]
        if not planned.ended:
            assert holders == ([] if planned.technician is None else [planned.technician])
    for who, risk in asyncio.run(risks(settings)).items():
        ahead = [name for name in state.routes.get(who, ()) if not state.appointments[name].ended]
        assert list(risk.route.order) == ahead, f"the route of {who}"


def _accepted(day: Morning) -> PlanChanged | None:
    return next((one for one in day.plans if isinstance(one, PlanChanged) and one.proposal is not None), None)
