"""The solver's process: it answers, is killed when its time is over, and is there again afterwards."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from models.rebalancing.vroom_input import VroomInput, VroomJob, VroomVehicle
from streams.adapters.solver_process import SolverProcess


def asked(jobs: int, searches: int = 1, depth: int = 1) -> VroomInput:
    """One vehicle on a line, or ten of them where there are more than twenty jobs."""
    vehicles = 10 if jobs > 20 else 1
    at = np.random.default_rng(7).uniform(0, 3_600, jobs + vehicles)
    travel_s = np.ascontiguousarray(np.abs(at[:, None] - at), dtype=np.uint32)
    return VroomInput(
        travel_s=travel_s,
        jobs=tuple(
            VroomJob(id=1 + n, place=n, service_s=60, opens_s=0, closes_s=80_000, skill=0, priority=1)
            for n in range(jobs)
        ),
        vehicles=tuple(
            VroomVehicle(
                id=1 + jobs + n,
                start=jobs + n,
                end=jobs + n,
                free_s=0,
                latest_end_s=90_000,
                skills=(0,),
                rest=None,
                own=(),
                steps=(),
            )
            for n in range(vehicles)
        ),
        bonus_s=0,
        searches=searches,
        depth=depth,
        threads=1,
        warm=False,
    )


SMALL = asked(6)
ENDLESS = asked(600, searches=32, depth=5)
"""Minutes of work."""


@pytest.fixture
def solver() -> Iterator[SolverProcess]:
    process = SolverProcess(limit_s=60.0)
    yield process
    process.close()


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, f"not within 30 s: {what}"
        time.sleep(0.05)


def test_it_answers(solver: SolverProcess) -> None:
    answer = solver.within(60.0)(SMALL)
    assert answer is not None
    assert sorted(job for route in answer.routes.values() for job in route) == [1, 2, 3, 4, 5, 6]


def test_a_question_that_takes_too_long_gets_none_and_the_next_one_an_answer(solver: SolverProcess) -> None:
    assert solver.within(60.0)(SMALL) is not None
    assert solver.within(0.3)(ENDLESS) is None
    assert solver.killed == 1
    assert solver.within(60.0)(SMALL) is not None


def test_all_questions_of_one_look_share_its_time(solver: SolverProcess) -> None:
    solve = solver.within(60.0)
    assert solve(SMALL) is not None
    late = solver.within(0.0)
    assert late(SMALL) is None
    assert solver.killed == 0


def test_a_solver_that_is_killed_in_the_middle_gives_none_and_comes_back(solver: SolverProcess) -> None:
    assert solver.within(60.0)(SMALL) is not None
    (child,) = [one for one in psutil.Process().children() if _is_solver(one)]
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(solver.within(60.0)(ENDLESS)))
    asking.start()
    until(lambda: child.cpu_times().user > 1.0, "the solver is at work")
    child.kill()
    asking.join()
    assert answers == [None]
    assert solver.within(60.0)(SMALL) is not None


def test_closing_ends_a_question_that_is_being_solved() -> None:
    solver = SolverProcess(limit_s=60.0)
    assert solver.within(60.0)(SMALL) is not None
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(solver.within(60.0)(ENDLESS)))
    asking.start()
    time.sleep(0.2)
    solver.close()
    asking.join()
    assert answers == [None]
    solver.close()
    assert not [one for one in psutil.Process().children() if _is_solver(one)]


PARENT = """
import sys
from tests.streams.adapters.test_solver_process import ENDLESS, SMALL
from streams.adapters.solver_process import SolverProcess

if __name__ == "__main__":
    solver = SolverProcess(limit_s=1.0)
    solver.start()
    while solver.within(60.0)(SMALL) is None:
        pass
    print(solver._child.process.pid, flush=True)
    if sys.argv[1] == "solving":
        solver._child.pipe.send(ENDLESS)
    sys.stdin.read()
"""


@pytest.mark.parametrize("doing", ["waiting", "solving"])
def test_it_dies_with_its_parent(doing: str, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), doing],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the solver has ended")


def _is_solver(process: psutil.Process) -> bool:
    return "spawn_main" in " ".join(process.cmdline())
