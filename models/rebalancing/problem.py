"""A frozen problem: what may be changed of a territory's day, as arrays. Everything else stands still.

Seconds count from `now_ms`. T technicians, n appointments (of their routes, and those that nobody serves),
K quantile levels. Places are numbered: appointments 0 to n-1, then where each technician gets free
(n to n+T-1), then where each shift ends (n+T to n+2T-1).
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.plan_events import Trigger
from models.rollforward import Array

Route = tuple[int, ...]
"""Appointments by number, in order."""
Plan = tuple[Route, ...]
"""A route for each technician. Who is in none of them is not served."""
NOBODY = -1


class Hold(IntEnum):
    """How firmly an appointment sits where it is, from not at all to altogether."""

    RELEASED = 0  # at risk, new, or nobody's: may go anywhere, also among what is frozen
    FREE = 1
    TECHNICIAN = 2  # keeps the technician
    ORDER = 3  # keeps technician and order
    PINNED = 4  # keeps technician and order, and nothing comes before it
    FIXED = 5  # on site, in progress or en route


@dataclass(frozen=True)
class Technician:
    """`route` is the current one; its first `fixed` stops stay. `label` is what people call them. `over` are
    appointments before it that only wait for somebody to say that they are done."""

    name: str
    label: str
    route: Route
    fixed: int
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Visit:
    """An appointment. `able` is how many technicians of the whole territory, still on shift, may serve it."""

    name: str
    title: str
    skills: tuple[str, ...]
    window_end_ms: int
    hold: Hold
    able: int


@dataclass(frozen=True, eq=False)
class Shifts:
    """All (T). When each gets free, when the shift ends, how late new work may end, and the break still due:
    before the first leg that begins at or after `break_from_s`; 0 s for none."""

    free_s: Array
    end_s: Array
    latest_end_s: Array
    break_from_s: Array
    break_s: Array


@dataclass(frozen=True, eq=False)
class Hours:
    """All (n). The window in which work has to start, and the start that the customer was told (NaN: none).
    `keep` where the customer may not be told another one today."""

    opens_s: Array
    closes_s: Array
    promised_s: Array
    keep: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Before:
    """What is expected of the current plan: median starts (n, NaN where nobody serves), the probability of
    starting after the window (n, 1 where nobody serves), median ends of the routes (T, 0 without a stop)."""

    start_s: Array
    late: Array
    end_s: Array


@dataclass(frozen=True, eq=False)
class Problem:
    """`travel_s` (places, places) is driving at pace 1 and `spread` its log-sd, on the way to a first stop
    `first_spread` (T); `pace` is its factor for each quarter of an hour, `day_sigma` the log-sd of slow days.
    `work_s` (T, n, K) are quantiles of work, `slow` (n) 1 where a slow day prolongs it. `own` (n) is the
    technician who serves it now, `weight` (n) what a late minute counts, `hard` (n) whether it may not be late,
    `doubt` (n) the probability that the technician who has it does not come at all.
    `allowed` (T, n): who may serve what.

    `disturbed_max` is how many appointments a plan may disturb. `stuck` says of those at risk that are not
    part of this, or may not be moved, why that is so. `out` are the routes of technicians who are out.
    `elsewhere` are the names of visits that are other territories' and take these technicians' time.
    """

    territory: str
    version: int
    now_ms: int
    zone: str
    trigger: Trigger
    about: tuple[str, ...]
    seed: int
    technicians: tuple[Technician, ...]
    visits: tuple[Visit, ...]
    shifts: Shifts
    hours: Hours
    before: Before
    travel_s: Array
    spread: float
    first_spread: Array
    day_sigma: float
    pace: Array
    work_s: Array
    slow: Array
    own: NDArray[np.intp]
    weight: Array
    hard: NDArray[np.bool_]
    doubt: Array
    allowed: NDArray[np.bool_]
    disturbed_max: int
    stuck: dict[str, str]
    out: dict[str, tuple[str, ...]]
    elsewhere: frozenset[str]

    @cached_property
    def plan(self) -> Plan:
        return tuple(technician.route for technician in self.technicians)

    @cached_property
    def released(self) -> Route:
        """Those that this is about."""
        return tuple(n for n, visit in enumerate(self.visits) if visit.hold is Hold.RELEASED)

    def start_of(self, technician: int) -> int:
        """The number of the place where a technician gets free."""
        return len(self.visits) + technician

    @cached_property
    def longest(self) -> int:
        """The search puts nothing into a route that has so many stops."""
        held = max((len(technician.route) for technician in self.technicians), default=0)
        return held + max(8, len(self.released))


def first_place(problem: Problem, route: Route, visit: int) -> int:
    """The first place in `route` at which `visit` may stand: after what is fixed, pinned or, where it is not
    released itself, frozen in its order."""
    firm = Hold.PINNED if problem.visits[visit].hold is Hold.RELEASED else Hold.ORDER
    for at in range(len(route) - 1, -1, -1):
        if problem.visits[route[at]].hold >= firm:
            return at + 1
    return 0
