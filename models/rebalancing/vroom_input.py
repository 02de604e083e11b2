"""What VROOM is asked, as plain data that another process can take; and what it answers.

A problem becomes vehicles that start where work at hand ends. What keeps its technician has a skill of that
vehicle's own; what keeps its order besides a narrow window and the highest priority. Windows that have
closed, or that the current plan misses, are widened to when it comes: lateness is for our own score.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Hold, Problem, Route
from models.rollforward import LEVELS, PACE_BIN_S, Array

HORIZON_S = 172_800
"""No time is later: two days."""
UNREACHABLE_S = 2 * HORIZON_S
_PACE_OVER_S = 4 * 3600
_BREAK_WITHIN_S = 5_400
_ORDER_EARLIER_S, _ORDER_LATER_S = 900, 2_700
_KEPT, _URGENT = 100, 50
"""VROOM's priorities: few, and far apart."""


class VroomJob(NamedTuple):
    """`place` is a row of the matrix. The window is whole seconds from now."""

    id: int
    place: int
    service_s: int
    opens_s: int
    closes_s: int
    skill: int
    priority: int


class VroomVehicle(NamedTuple):
    """`own` are the jobs that it has now, in order; `steps` those of them that are a feasible start.
    `rest` is (id, from, to, service) of the break still due, in seconds."""

    id: int
    start: int
    end: int
    free_s: int
    latest_end_s: int
    skills: tuple[int, ...]
    rest: tuple[int, int, int, int] | None
    own: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class VroomInput:
    """`travel_s` (places, places) uint32, contiguous. `bonus_s` is added to the cost of coming to a job that
    is not one's own, so that few change the technician. `warm`: begin with the vehicles' steps."""

    travel_s: NDArray[np.uint32]
    jobs: tuple[VroomJob, ...]
    vehicles: tuple[VroomVehicle, ...]
    bonus_s: int
    searches: int
    depth: int
    threads: int
    warm: bool


@dataclass(frozen=True)
class VroomRoutes:
    """Jobs by vehicle, in order, by the ids of the input. Who is in none of them found no place."""

    routes: dict[int, tuple[int, ...]]


Solver = Callable[[VroomInput], VroomRoutes | None]
"""Says None where there is no answer in time."""


def vroom_input(problem: Problem, params: Params, work_s: Array, warm: bool) -> VroomInput:
    """`work_s` (T, n) is the work that VROOM is to reckon with. Job ids are 1 + the appointment's number,
    vehicle and break ids follow."""
    return _Writer(problem, params, work_s).input(warm)


def mean_work_s(problem: Problem) -> Array:
    """(T, n): each quantile stands for the levels that are nearer to it than to another."""
    edges = np.concatenate([[0.0], (np.array(LEVELS)[1:] + np.array(LEVELS)[:-1]) / 2, [1.0]])
    mean: Array = np.einsum("tnk,k->tn", problem.work_s, np.diff(edges).astype(np.float32))
    return mean


def p75_work_s(problem: Problem) -> Array:
    """(T, n), halfway from p70 to p80."""
    upper = LEVELS.index(0.8)
    p75: Array = problem.work_s[..., upper - 1 : upper + 1].mean(axis=2)
    return p75


class _Writer:
    def __init__(self, problem: Problem, params: Params, work_s: Array) -> None:
        self.problem, self.params = problem, params
        pace = problem.pace[: _PACE_OVER_S // PACE_BIN_S].mean() if len(problem.pace) else 1.0
        self.travel_s = whole_s(problem.travel_s * pace)
        self.work_s = whole_s(work_s)
        # A skill for each set of technicians that some appointment may go to: all that VROOM has to know.
        self.sets, self.set_of = np.unique(problem.allowed, axis=1, return_inverse=True)

    def input(self, warm: bool) -> VroomInput:
        search = self.params.search
        starts = {at: self._starts_s(at) for at in range(len(self.problem.technicians))}
        come_s = {visit: start_s for some in starts.values() for visit, start_s in some.items()}
        jobs = tuple(self._job(visit, come_s.get(visit)) for visit in self._ahead())
        vehicles = tuple(self._vehicle(at, starts[at]) for at in range(len(self.problem.technicians)))
        travel_s = np.ascontiguousarray(self.travel_s, dtype=np.uint32)
        return VroomInput(
            travel_s,
            jobs,
            vehicles,
            round(search.own_bonus_s),
            search.searches,
            search.depth,
            search.threads,
            warm,
        )

    def _ahead(self) -> list[int]:
        visits = self.problem.visits
        return [at for at in range(len(visits)) if visits[at].hold is not Hold.FIXED]

    def _starts_s(self, technician: int) -> dict[int, int]:
        """When work starts on the current route without those released, in VROOM's own whole seconds."""
        held = self.problem.technicians[technician]
        now_s, here = self._begin(technician)
        break_s, from_s = self._rest(technician)
        starts = {}
        for visit in held.route[held.fixed :]:
            if self.problem.visits[visit].hold is Hold.RELEASED:
                continue
            if break_s and now_s >= from_s:
                now_s, break_s = now_s + break_s, 0
            now_s = max(now_s + int(self.travel_s[here, visit]), self._opens_s(visit))
            starts[visit] = now_s
            now_s, here = now_s + int(self.work_s[technician, visit]), visit
        return starts

    def _begin(self, technician: int) -> tuple[int, int]:
        """When and where the technician is done with what is fixed."""
        held, now_s = self.problem.technicians[technician], _second(self.problem.shifts.free_s[technician])
        here = len(self.problem.visits) + technician
        for visit in held.route[: held.fixed]:
            now_s = max(now_s + int(self.travel_s[here, visit]), self._opens_s(visit))
            now_s, here = now_s + int(self.work_s[technician, visit]), visit
        return min(now_s, HORIZON_S), here

    def _rest(self, technician: int) -> tuple[int, int]:
        shifts = self.problem.shifts
        return _second(shifts.break_s[technician]), _second(shifts.break_from_s[technician])

    def _opens_s(self, visit: int) -> int:
        return _second(self.problem.hours.opens_s[visit])

    def _job(self, visit: int, comes_s: int | None) -> VroomJob:
        seen, own = self.problem.visits[visit], int(self.problem.own[visit])
        opens_s, closes_s = self._opens_s(visit), _second(self.problem.hours.closes_s[visit])
        skill = self._own_skill(own) if seen.hold >= Hold.TECHNICIAN else int(self.set_of.flat[visit])
        if comes_s is None and closes_s <= 900:
            closes_s = HORIZON_S
        if comes_s is not None:
            closes_s = max(closes_s, comes_s)
            if seen.hold >= Hold.ORDER:
                opens_s = max(opens_s, comes_s - _ORDER_EARLIER_S)
                closes_s = max(min(closes_s, comes_s + _ORDER_LATER_S), opens_s)
        service_s = int(self.work_s[own if own != NOBODY else self._somebody(visit), visit])
        priority = _KEPT if seen.hold is not Hold.RELEASED else _URGENT
        return VroomJob(visit + 1, visit, service_s, opens_s, max(opens_s, closes_s), skill, priority)

    def _somebody(self, visit: int) -> int:
        able = np.flatnonzero(self.problem.allowed[:, visit])
        return int(able[0]) if able.size else 0

    def _own_skill(self, technician: int) -> int:
        return int(self.sets.shape[1]) + technician

    def _vehicle(self, technician: int, starts: dict[int, int]) -> VroomVehicle:
        problem, count = self.problem, len(self.problem.visits)
        free_s, here = self._begin(technician)
        own: Route = problem.technicians[technician].route[problem.technicians[technician].fixed :]
        able = np.flatnonzero(self.sets[technician]).tolist()
        last = max(starts, key=lambda visit: starts[visit], default=None)
        done_s = free_s if last is None else starts[last] + int(self.work_s[technician, last])
        home = count + len(problem.technicians) + technician
        back_s = int(self.travel_s[here if last is None else last, home])
        latest_s = max(_second(problem.shifts.latest_end_s[technician]), done_s) + back_s + 1
        break_s, from_s = self._rest(technician)
        rest = None
        if break_s:
            from_s = max(from_s, free_s)
            rest = (
                1 + count + len(problem.technicians) + technician,
                from_s,
                from_s + _BREAK_WITHIN_S,
                break_s,
            )
        return VroomVehicle(
            id=1 + count + technician,
            start=here,
            end=home,
            free_s=free_s,
            latest_end_s=min(max(latest_s, free_s + 1), 2 * HORIZON_S),
            skills=(*able, self._own_skill(technician)),
            rest=rest,
            own=tuple(visit + 1 for visit in own),
            # With a break, steps are refused where the break does not fit between them.
            steps=() if rest else tuple(visit + 1 for visit in own if visit in starts),
        )


def whole_s(seconds: Array) -> NDArray[np.uint32]:
    """As VROOM takes them: rounded, within what a plan can reach, contiguous."""
    finite = np.nan_to_num(seconds, nan=UNREACHABLE_S, posinf=UNREACHABLE_S, neginf=0)
    return np.ascontiguousarray(np.rint(np.clip(finite, 0, UNREACHABLE_S)), dtype=np.uint32)


def _second(value: float) -> int:
    return round(min(max(float(value), 0.0), float(HORIZON_S)))
