"""How long it takes to find a better plan at noon: 50 technicians, 400 appointments of which half are left.

Each snapshot is a day of its own: two technicians with work that takes an hour longer, one who is out, or one
late and an emergency. From the territory's state to the proposal, as the rebalance agent does it: durations of
a model trained here on made-up days, VROOM in its own process, one thread. `cpu_s` has the processor time of
this process; VROOM's is said beside it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from features.plan_events import Proposal
from features.travel import Leg
from features.wire import Place
from models.dataset import History, PastJob
from models.rebalancing.frozen import freeze
from models.rebalancing.ladder import looked
from models.rebalancing.params import Params
from models.rebalancing.policy import technician_changes
from models.rebalancing.problem import Problem
from models.rebalancing.propose import NoBetter
from models.registry import Models
from models.risk_params import RiskParams
from models.train import train
from models.travel import CircleTravel
from streams.adapters.solver_process import SolverProcess
from tests.benchmarks.meter import Sample
from tests.benchmarks.rows import Row
from tests.benchmarks.running import Servers, said
from tests.support.noon import HOUR_MS, MIDNIGHT_MS, ZONE, City, Noon, noon

SNAPSHOTS_A_RUN = 12
LIMIT_S = 3.0
PAST_DAYS = 20
DISRUPTIONS = ({"late": 2}, {"late": 0, "lost": 1}, {"late": 1, "emergencies": 1})


@dataclass(frozen=True)
class Found:
    """One snapshot: how long it took, and what came out."""

    sample: Sample
    answer: Proposal | NoBetter


def measure(servers: Servers, runs: int, scale: float) -> list[Row]:
    """`servers` are not needed. `scale` is of the technicians; each run looks at 12 snapshots."""
    models = _learned()
    days = [_day(seed, scale, models) for seed in range(SNAPSHOTS_A_RUN * max(3, runs))]
    solver = SolverProcess(LIMIT_S)
    try:
        with threadpool_limits(limits=1):
            _found(_day(len(days), scale, models), models, solver)
            vroom = psutil.Process().children()
            before_s = _cpu_s(vroom)
            found = [_found(day, models, solver) for day in days]
            said.print(f"proposal: VROOM {(_cpu_s(vroom) - before_s) / len(found):.3f} cpu s a snapshot")
    finally:
        solver.close()
    return _rows(found)


def _found(day: Noon, models: Models, solver: SolverProcess) -> Found:
    def frozen(params: Params) -> Problem:
        return freeze(
            day.territory,
            day.risks,
            trigger="risk",
            about=(),
            now_ms=day.now_ms,
            durations=models.durations,
            travel=models.travel,
            zone=ZONE,
            params=params,
            risk=RiskParams(),
        )

    wall_s, cpu_s = time.perf_counter(), time.process_time()
    answer = looked(frozen, solver.within(LIMIT_S), Params())
    return Found(Sample(1, time.perf_counter() - wall_s, time.process_time() - cpu_s), answer)


def _rows(found: list[Found]) -> list[Row]:
    samples = [one.sample for one in found]
    walls = [sample.wall_s for sample in samples]
    proposals = [one.answer for one in found if isinstance(one.answer, Proposal)]
    said.print(f"proposal: {len(proposals)} of {len(found)} snapshots have a better plan")
    p50, p99 = (float(np.quantile(walls, level)) for level in (0.5, 0.99))
    changes = [float(len(technician_changes(one))) for one in proposals]
    return [
        Row("proposal_p50_s", round(p50, 3), "s", cpu_s=_quantile(samples, 0.5), runs=_rounded(walls)),
        Row("proposal_p99_s", round(p99, 3), "s", cpu_s=_quantile(samples, 0.99), runs=_rounded(walls)),
        Row.of("noon_disruption", "technician changes a plan", changes),
        Row(
            "noon_saved_min",
            round(mean(one.saves_min for one in proposals), 1),
            "late minutes a plan, mean",
            runs=_rounded([one.saves_min for one in proposals]),
        ),
    ]


def _quantile(samples: list[Sample], level: float) -> float:
    return round(float(np.quantile([sample.cpu_s for sample in samples], level)), 3)


def _rounded(values: list[float]) -> tuple[float, ...]:
    return tuple(round(value, 3) for value in values)


def _cpu_s(processes: list[psutil.Process]) -> float:
    return sum(process.cpu_times().user + process.cpu_times().system for process in processes)


def _day(seed: int, scale: float, models: Models) -> Noon:
    disruption = DISRUPTIONS[seed % len(DISRUPTIONS)]
    return noon(seed, City(technicians=round(50 * scale), **disruption), models.durations, models.travel)


def _learned() -> Models:
    return Models(train(History(tuple(_past()), tuple(_legs()), ZONE)).durations, CircleTravel())


def _past() -> Iterator[PastJob]:
    """Work of past days, as that of these days: lognormal, a little of it the technician's."""
    chance = np.random.default_rng(1)
    for day in range(PAST_DAYS, 0, -1):
        for number in range(50):
            at_ms = MIDNIGHT_MS - day * 24 * HOUR_MS + 8 * HOUR_MS
            for kind in chance.choice(("repair", "install", "inspect"), 8):
                expected_s = float(chance.uniform(1_500, 3_600))
                taken_s = expected_s * float(
                    np.exp(0.4 * chance.standard_normal() - 0.08 + (number % 5 - 2) / 20)
                )
                yield PastJob(f"T-{number:03d}", str(kind), 3, expected_s, at_ms, taken_s)
                at_ms += round(taken_s * 1000) + 900_000


def _legs() -> Iterator[Leg]:
    """Enough for the training to have some; the travel times measured with are the defaults."""
    start, end = Place(33.45, -112.07), Place(33.45, -112.03)
    for quarter in range(PAST_DAYS * 96):
        yield Leg(start, end, MIDNIGHT_MS - (quarter + 1) * 900_000, 120.0, 600.0 + quarter % 60)
