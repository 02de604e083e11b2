"""Looking for a better plan with real models and a real solver, and without one that answers in time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from features.plan_events import Proposal
from models.params import DecisionParams
from models.registry import load_or_baseline
from streams.adapters.solver_process import SolverProcess
from streams.agents.rebalance import Search
from streams.assembly.rebalance import search
from tests.support.territories import Day, accept, lost, morning, requested


@pytest.fixture
def solver(request: pytest.FixtureRequest) -> Iterator[SolverProcess]:
    process = SolverProcess(request.param)
    process.start()
    yield process
    process.close()


def looking(solver: SolverProcess, folder: Path) -> Search:
    return search(load_or_baseline(folder), solver, DecisionParams())


def without_ana() -> Day:
    day = morning()
    day.told(lost("ana", 5))
    return day


@pytest.mark.parametrize("solver", [60.0, 0.001], indirect=True, ids=["VROOM answers", "VROOM is killed"])
def test_whoever_is_lost_is_stood_in_for(solver: SolverProcess, tmp_path: Path) -> None:
    day = without_ana()
    look = day.look()
    assert look is not None
    found = looking(solver, tmp_path)(day.state, {}, look)
    assert isinstance(found, Proposal)
    day.answered(found)
    day.told(accept(found.proposal, 6))
    assert {day.technician(name) for name in ("a1", "a2", "a3")} <= {"ben", "cy"}
    assert day.refused == []


@pytest.mark.parametrize("solver", [0.001], indirect=True)
def test_where_nobody_can_do_it_the_reason_is_said(solver: SolverProcess, tmp_path: Path) -> None:
    day = morning()
    day.told(requested("e1", 2, minutes=5, emergency=True, skills=("diving",)))
    look = day.look()
    assert look is not None
    found = looking(solver, tmp_path)(day.state, {}, look)
    assert not isinstance(found, Proposal)
    assert "e1" in found
    (none,) = day.answered(found)
    assert none.reasons == day.state.last_answer == found
