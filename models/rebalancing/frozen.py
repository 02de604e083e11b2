"""Freeze a problem from the live state: whom it is about, who could help, and what must stay as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.ids import event_id
from features.plan_events import Trigger
from features.territory import Planned, TerritoryState
from models.duration import Durations
from models.eta import FAR_S, offset, paces
from models.forecast import RiskState
from models.rebalancing.arrays import before_of, first_spread_of, hours_of, shifts_of, travel_s_of, work_s_of
from models.rebalancing.day import Ahead, Day, day_of
from models.rebalancing.elsewhere import with_elsewhere
from models.rebalancing.nearest import chosen, nearest
from models.rebalancing.params import Params
from models.rebalancing.problem import NOBODY, Before, Hold, Plan, Problem, Technician, Visit
from models.rebalancing.released import (
    Released,
    doubt_of,
    expected_starts_ms,
    free_count,
    hold_of,
    released,
)
from models.rebalancing.rolled import chances, rolled
from models.risk_params import RiskParams
from models.rollforward import Array
from models.travel import Travel

_WORRYING = 0.2
"""A probability of being late from which a technician's route is worth a look that nobody asked for."""
_MOST_WORRYING = 3


@dataclass(frozen=True, eq=False)
class _Slice:
    """The part of the day that the problem is about: technicians, and appointments with who serves each."""

    ahead: tuple[Ahead, ...]
    planned: tuple[Planned, ...]
    own: tuple[int, ...]
    fixed: tuple[bool, ...]
    number: dict[str, int]


def freeze(
    territory: TerritoryState,
    risks: Mapping[str, RiskState],
    *,
    trigger: Trigger,
    about: Sequence[str],
    now_ms: int,
    durations: Durations,
    travel: Travel,
    zone: str,
    params: Params,
    risk: RiskParams,
) -> Problem:
    """The problem at `now_ms`. `risks` are by technician, and `risk` is how they were found; `about` are
    appointments, or technicians, by name.

    The same arguments give the same problem. Raises nothing for an absurd state: what can't be helped is in
    `stuck`, and a problem without technicians or appointments has no better plan.
    """
    territory, elsewhere = with_elsewhere(territory, risks)
    day = day_of(territory, risks, now_ms, risk.eta.start)
    wanted = released(territory, day, about, params)
    starts_ms = {
        name: start
        for one in day.ahead.values()
        for name, start in expected_starts_ms(one, risks.get(one.technician)).items()
    }
    crew = list(day.ahead.values())
    able = _able([territory.appointments[name] for name in wanted.names], crew, now_ms, params)
    focus = _focus(territory, day, risks, wanted, starts_ms, able, now_ms, travel, trigger, params)
    part = _slice(territory, day, wanted, focus)
    free = free_count(territory, day, risks, wanted.names, now_ms, params)
    draft = _draft(territory, part, wanted, able, elsewhere, now_ms, durations, travel, zone, params, risk)
    problem = replace(
        draft,
        trigger=trigger,
        about=tuple(about),
        disturbed_max=max(1, int(free * params.disturbed_share)),
        out={name: route for name, route in day.out.items() if route},
    )
    return _held(problem, part, wanted, now_ms, params)


def seed_of(territory: str, version: int, now_ms: int) -> int:
    """Of all that chance decides, so that the same moment is always looked at alike."""
    return int(event_id("rebalancing", territory, version, now_ms), 16)


def _able(wanted: Sequence[Planned], crew: Sequence[Ahead], now_ms: int, params: Params) -> NDArray[np.bool_]:
    """(wanted, T) who has the skills, has not declined, and is still on shift or will be."""
    able = np.zeros((len(wanted), len(crew)), dtype=np.bool_)
    for column, one in enumerate(crew):
        if one.rostered.shift.end_ms <= now_ms:
            continue
        skills = set(one.rostered.skills)
        able[:, column] = [
            skills.issuperset(planned.job.skills) and one.technician not in planned.declined
            for planned in wanted
        ]
    return able


def _focus(
    territory: TerritoryState,
    day: Day,
    risks: Mapping[str, RiskState],
    wanted: Released,
    starts_ms: Mapping[str, int],
    able: NDArray[np.bool_],
    now_ms: int,
    travel: Travel,
    trigger: Trigger,
    params: Params,
) -> list[int]:
    """Numbers of the technicians whose routes may change."""
    names = list(day.ahead)
    first = [names.index(name) for name in wanted.technicians]
    planned = [territory.appointments[name] for name in wanted.names]
    if trigger in ("gap", "request") and not planned:
        first = (first + _worrying(names, risks, first))[: params.technicians_max]
        planned = [
            territory.appointments[s.job.appointment] for t in first for s in day.ahead[names[t]].stops
        ]
        able = _able(planned, list(day.ahead.values()), now_ms, params)
    ranks = nearest(planned, day, starts_ms, able, now_ms, travel)
    return chosen(first, ranks, params)


def _worrying(names: Sequence[str], risks: Mapping[str, RiskState], but: Sequence[int]) -> list[int]:
    worry = {
        at: sum(one.probability for one in risks[name].expected.values())
        for at, name in enumerate(names)
        if name in risks and at not in but
    }
    worst = sorted((at for at in worry if worry[at] >= _WORRYING), key=lambda at: (-worry[at], at))
    return worst[:_MOST_WORRYING]


def _slice(territory: TerritoryState, day: Day, wanted: Released, focus: Sequence[int]) -> _Slice:
    crew = list(day.ahead.values())
    ahead = tuple(crew[at] for at in focus)
    names, own, fixed = list[str](), list[int](), list[bool]()
    for number, one in enumerate(ahead):
        names += [stop.job.appointment for stop in one.stops]
        own += [number] * len(one.stops)
        fixed += [at < one.fixed for at in range(len(one.stops))]
    alone = [name for name in wanted.names if name in day.nobody]
    names, own, fixed = names + alone, own + [NOBODY] * len(alone), fixed + [False] * len(alone)
    planned = tuple(territory.appointments[name] for name in names)
    return _Slice(ahead, planned, tuple(own), tuple(fixed), {name: at for at, name in enumerate(names)})


def _draft(
    territory: TerritoryState,
    part: _Slice,
    wanted: Released,
    able: NDArray[np.bool_],
    elsewhere: frozenset[str],
    now_ms: int,
    durations: Durations,
    travel: Travel,
    zone: str,
    params: Params,
    risk: RiskParams,
) -> Problem:
    """The problem without what only a roll-forward of it can say."""
    offset_ms = offset(zone, now_ms)
    count, own = len(part.planned), np.array(part.own, dtype=np.intp)
    technicians = tuple(
        Technician(
            one.technician,
            one.rostered.name or one.technician,
            tuple(part.number[stop.job.appointment] for stop in one.stops),
            one.fixed,
            one.over,
        )
        for one in part.ahead
    )
    allowed = _able(part.planned, part.ahead, now_ms, params).T
    allowed[own[own >= 0], np.flatnonzero(own >= 0)] = True
    ables = dict(zip(wanted.names, able.sum(axis=1).tolist(), strict=True))
    work_s, slow = work_s_of(part.ahead, part.planned, own, allowed, durations, offset_ms)
    nan = np.full(count, np.nan, dtype=np.float32)
    return Problem(
        territory=territory.territory,
        version=territory.version,
        now_ms=now_ms,
        zone=zone,
        trigger="request",
        about=(),
        seed=seed_of(territory.territory, territory.version, now_ms),
        technicians=technicians,
        visits=tuple(_visit(one, ables.get(one.job.appointment, 0)) for one in part.planned),
        shifts=shifts_of(part.ahead, now_ms, params),
        hours=hours_of(part.planned, part.fixed, own, part.ahead, now_ms, params),
        before=Before(nan, np.ones(count, dtype=np.float32), np.zeros(len(technicians), dtype=np.float32)),
        travel_s=travel_s_of(part.ahead, part.planned, part.number, travel, risk.eta.start),
        spread=travel.spread,
        first_spread=first_spread_of(part.ahead, travel, risk.eta),
        day_sigma=risk.day_sigma,
        pace=paces(travel, now_ms, offset_ms),
        work_s=work_s,
        slow=slow,
        own=own,
        weight=_weight(part, params),
        # To make another territory's work late is nothing that this one may decide.
        hard=np.array(
            [one.job.hard or one.job.appointment in elsewhere for one in part.planned], dtype=np.bool_
        ),
        doubt=np.array([doubt_of(one, params) for one in part.planned], dtype=np.float32),
        allowed=allowed,
        disturbed_max=0,
        stuck=wanted.stuck,
        out={},
        elsewhere=elsewhere,
    )


def _visit(planned: Planned, able: int) -> Visit:
    job = planned.job
    return Visit(job.appointment, job.title, job.skills, job.window_end_ms, Hold.FREE, able)


def _weight(part: _Slice, params: Params) -> Array:
    """What a late minute counts. Work that has begun is no later by any plan."""
    begun = {one.start.at_hand.job.appointment for one in part.ahead if one.start.at_hand is not None}
    weight = [
        0.0
        if planned.job.appointment in begun
        else params.priority_weights[planned.job.priority - 1]
        * (params.hard_weight if planned.job.hard else 1)
        for planned in part.planned
    ]
    return np.array(weight, dtype=np.float32)


def _held(problem: Problem, part: _Slice, wanted: Released, now_ms: int, params: Params) -> Problem:
    """The problem with what is expected of the current plan, and so with how firmly each appointment sits."""
    plan: Plan = problem.plan
    if not problem.visits:
        return problem
    here = rolled(
        problem,
        list(enumerate(plan)),
        chances(problem.seed, list(enumerate(plan)), params.search.fresh_samples),
    )
    before = before_of(problem, here)
    free = set(wanted.names)
    stops = {stop.job.appointment: stop for one in part.ahead for stop in one.stops}
    holds = []
    for at, (visit, planned, is_fixed) in enumerate(
        zip(problem.visits, part.planned, part.fixed, strict=True)
    ):
        if visit.name in free:
            holds.append(Hold.RELEASED)
            continue
        if visit.name in problem.elsewhere:
            # Its own territory says the order; here it only must not get another technician.
            holds.append(Hold.FIXED if is_fixed else Hold.TECHNICIAN)
            continue
        start_ms = now_ms + round(min(float(before.start_s[at]), FAR_S) * 1000)
        holds.append(hold_of(planned, stops[visit.name], is_fixed, start_ms, now_ms, params))
    visits = tuple(replace(visit, hold=hold) for visit, hold in zip(problem.visits, holds, strict=True))
    return replace(problem, before=before, visits=visits)
