"""Freeze in a line, and days of a few technicians along one street."""

from collections.abc import Collection, Mapping, Sequence

from features.events import Life
from features.plan import Job, Shift
from features.territory import Planned, Risk, Rostered, TerritoryState
from features.wire import Place
from models.duration import BaselineDurations
from models.rebalancing.frozen import freeze
from models.rebalancing.params import Params, Search
from models.rebalancing.problem import Problem
from models.rebalancing.vroom_input import VroomInput, VroomRoutes
from models.risk_params import RiskParams
from models.travel import CircleTravel
from tests.support.noon import ZONE, Noon, at

QUICK = Params(search=Search(first_samples=24, samples=48, fresh_samples=96, rounds=6, shortlist=6, shakes=4))
"""A search of few samples, for tests of what must hold whatever is found."""


def frozen(noon: Noon, *about: str, trigger: str = "risk", params: Params | None = None) -> Problem:
    return freeze(
        noon.territory,
        noon.risks,
        trigger=trigger,
        about=about,
        now_ms=noon.now_ms,
        durations=BaselineDurations(),
        travel=CircleTravel(),
        zone=ZONE,
        params=params or Params(),
        risk=RiskParams(),
    )


def killed(_: VroomInput) -> VroomRoutes | None:
    """A solver that was killed before it had an answer."""
    return None


def job(
    name: str, hour: float, *, km: float = 0.0, minutes: float = 40.0, window_h: float = 1.0, **more: object
) -> Job:
    """Work that has to start within `window_h` from `hour` on, so far east of the centre."""
    return Job(
        appointment=name,
        place=spot(km),
        window_start_ms=at(hour),
        window_end_ms=at(hour + window_h),
        expected_s=minutes * 60,
        **more,
    )


def spot(km: float) -> Place:
    return Place(33.45, -112.07 + km / 92.8)


def morning(
    routes: dict[str, Sequence[Job]],
    loose: Sequence[Job] = (),
    *,
    at_risk: Collection[str] = (),
    pinned: Collection[str] = (),
    lost: Collection[str] = (),
    lives: Mapping[str, Life] | None = None,
    skills: Mapping[str, Sequence[str]] | None = None,
    starts: Mapping[str, float] | None = None,
    shift: tuple[float, float] = (8, 17),
    now_h: float = 10.0,
    **more: object,
) -> Noon:
    """Ten o'clock, everybody at the centre. Work is planned for when its window opens, or for `starts` hours."""
    appointments = {}
    for who, jobs in [*routes.items(), (None, loose)]:
        for one in jobs:
            name = one.appointment
            start_ms = at(starts[name]) if starts and name in starts else one.window_start_ms
            appointments[name] = Planned(
                one,
                who,
                None if who is None else (lives or {}).get(name, "acknowledged"),
                at(now_h),
                pinned=name in pinned,
                planned_start_ms=None if who is None else start_ms,
                **more,
            )
    hours = Shift(start_ms=at(shift[0]), end_ms=at(shift[1]), start=spot(0), end=spot(0))
    roster = {
        who: Rostered(
            hours, who.title(), tuple((skills or {}).get(who, ())), at(now_h) if who in lost else None
        )
        for who in routes
    }
    territory = TerritoryState(
        "north",
        version=7,
        clock_ms=at(now_h),
        roster=roster,
        appointments=appointments,
        routes={who: tuple(one.appointment for one in jobs) for who, jobs in routes.items()},
        risks={
            name: Risk("AT_RISK", appointments[name].technician or "", at(now_h), at(now_h))
            for name in at_risk
        },
    )
    return Noon(territory, {}, at(now_h))


def held(problem: Problem) -> dict[str, str]:
    """How firmly each appointment sits."""
    return {visit.name: visit.hold.name for visit in problem.visits}


def names(problem: Problem, technician: str) -> tuple[str, ...]:
    """A technician's current route."""
    return next(
        tuple(problem.visits[visit].name for visit in one.route)
        for one in problem.technicians
        if one.name == technician
    )
