"""How long it takes to say the risk of 10,000 appointments on one core, by processor time of the thread.

`risk_10k_ms` is a whole assessment, from the routes' states (an hour into the day, a seventh of the technicians
late) to the quantiles, probabilities and reasons of every appointment. Durations are those of a model trained
here on made-up days, remembered as the risk agent does: a minute after the last assessment only what is new is
asked of the model. `risk_10k_first_ms` asks it about all. `risk_tick_10k_ms` is a tick through the whole
fold: which routes are due, the assessment, levels, new states.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from msgspec.structs import replace
from threadpoolctl import threadpool_limits

from features.events import Cause, Ticked
from features.plan import Job, Shift
from features.route import RouteState, Stop
from features.travel import Leg
from features.wire import Place
from models.dataset import History, PastJob
from models.duration import Durations
from models.forecast import RiskState
from models.registry import Models
from models.remembered import Remembered
from models.risk import Assessment, assess
from models.risk_params import RiskParams as Params
from models.train import train
from models.travel import CircleTravel
from models.watching import Folded, fold
from tests.benchmarks.meter import Sample
from tests.benchmarks.rows import Row
from tests.benchmarks.running import Servers, said

APPOINTMENTS = 10_000
STOPS = 9
VERSIONS = 5
"""Territories, each with a version of its plan."""
ZONE = "America/Phoenix"
DAY_MS = 1_767_596_400_000
"""Midnight of 5 January 2026 in Phoenix."""
HOUR_MS = 3_600_000
SEED = 1
PAST_DAYS = 30
TECHNICIANS = 60
TYPES = ("installation", "repair", "maintenance", "inspection", "delivery")


def measure(servers: Servers, runs: int, scale: float) -> list[Row]:
    """`servers` are not needed: nothing here leaves the process."""
    learned, states = _learned(), _states(round(APPOINTMENTS / STOPS * scale) + 1)
    again = Remembered(learned)
    tasks: dict[str, Callable[[int], object]] = {
        "risk_10k_ms": lambda run: _assess(states, again, run),
        "risk_10k_first_ms": lambda run: _assess(states, Remembered(learned), run),
        "risk_tick_10k_ms": lambda run: _tick(states, again, run),
    }
    with threadpool_limits(limits=1):
        _assess(states, again, 0)
        return [_row(name, task, len(states) * STOPS, runs) for name, task in tasks.items()]


def _row(name: str, task: Callable[[int], object], stops: int, runs: int) -> Row:
    samples = [_timed(task, run, stops) for run in range(runs)]
    row = Row.of(name, "ms", [sample.cpu_s * 1000 for sample in samples], samples)
    said.print(f"{name}: {row.value:.0f} ms")
    return row


def _timed(task: Callable[[int], object], run: int, stops: int) -> Sample:
    wall_s, cpu_s = time.perf_counter(), time.thread_time()
    task(run)
    return Sample(stops, time.perf_counter() - wall_s, time.thread_time() - cpu_s)


def _assess(states: Sequence[RiskState], durations: Durations, run: int) -> list[Assessment]:
    return assess(states, _now_ms(run), durations, CircleTravel(), ZONE, Params(), seed=run)


def _tick(states: Sequence[RiskState], durations: Durations, run: int) -> Folded:
    known = {state.route.technician: state for state in states}
    tick = Ticked(_now_ms(run))
    return fold(
        known, [(Cause("signals", 0, run, 0), tick)], Models(durations, CircleTravel()), ZONE, Params()
    )


def _now_ms(run: int) -> int:
    return DAY_MS + 9 * HOUR_MS + (run + 1) * 60_000


def _learned() -> Durations:
    return train(History(tuple(_past()), tuple(_legs()), ZONE)).durations


def _past() -> Iterator[PastJob]:
    """Work of past days: lognormal, of five types."""
    chance = np.random.default_rng(SEED)
    for day in range(PAST_DAYS, 0, -1):
        for technician in range(TECHNICIANS):
            at_ms = DAY_MS - day * 24 * HOUR_MS + 8 * HOUR_MS
            for _ in range(STOPS):
                duration_s = 2_400.0 * float(np.exp(0.4 * chance.standard_normal()))
                kind = TYPES[int(chance.integers(len(TYPES)))]
                yield PastJob(f"t{technician}", kind, 3, 2_400.0, at_ms, duration_s)
                at_ms += round(duration_s * 1000) + 900_000


def _legs() -> Iterator[Leg]:
    """Ten minutes or so, every quarter of an hour of these days."""
    chance = np.random.default_rng(SEED)
    start, end = Place(33.45, -112.07), Place(33.45, -112.03)
    for quarter in range(PAST_DAYS * 96):
        yield Leg(start, end, DAY_MS - (quarter + 1) * 900_000, 120.0, float(chance.uniform(400, 800)))


def _states(routes: int) -> list[RiskState]:
    chance = np.random.default_rng(SEED)
    return [RiskState(_route(number, chance)) for number in range(routes)]


def _route(number: int, chance: np.random.Generator) -> RouteState:
    """Nine stops from eight o'clock on; at nine the first is being served, for a seventh of them far too long."""
    late_h = 0.75 if number % 7 == 0 else 0.0
    stops, at_h = {}, 8.1 + late_h
    for place in range(STOPS):
        name = f"a{number}-{place}"
        stops[name] = _stop(name, place, at_h - late_h, at_h, chance)
        at_h += 1.1
    start = Place(33.45, -112.07)
    shift = Shift(
        start_ms=_ms(8.0), end_ms=_ms(18.0), start=start, end=start, break_from_ms=_ms(12.0), break_s=1_800.0
    )
    return RouteState(
        f"t{number}",
        f"territory-{number % VERSIONS}",
        number % VERSIONS,
        tuple(stops),
        stops,
        shift,
        "on_shift",
        place=start,
        place_ms=_ms(8.9),
    )


def _stop(name: str, place: int, planned_h: float, at_h: float, chance: np.random.Generator) -> Stop:
    lat, lon = 33.45 + 0.05 * chance.standard_normal(), -112.07 + 0.05 * chance.standard_normal()
    job = Job(
        appointment=name,
        place=Place(float(lat), float(lon)),
        window_start_ms=_ms(planned_h - 0.5),
        window_end_ms=_ms(planned_h + 1.5),
        job_type=TYPES[int(chance.integers(len(TYPES)))],
        expected_s=2_100.0,
    )
    stop = Stop(job, _ms(planned_h), _ms(7.0), "acknowledged", _ms(7.0), acknowledged=True)
    return stop if place else replace(stop, life="in_progress", life_ms=_ms(at_h), began_ms=_ms(at_h))


def _ms(hour: float) -> int:
    return DAY_MS + round(hour * HOUR_MS)
