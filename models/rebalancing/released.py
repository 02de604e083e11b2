"""Whom a plan is to help, and how firmly everybody else sits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from features.route import Stop
from features.territory import Planned, TerritoryState
from features.units import ms
from features.wishes import STANDING_STAGES, at_risk
from models.forecast import RiskState
from models.rebalancing.day import Ahead, Day
from models.rebalancing.params import Params
from models.rebalancing.problem import Hold

_LEFT = "Others are more urgent: it is looked at again with the next plan."


@dataclass(frozen=True, eq=False)
class Released:
    """`names` are released, the most urgent first; `stuck` needs help and can't be moved, with the reason.
    `technicians` are those whose routes it is about."""

    names: tuple[str, ...]
    stuck: dict[str, str]
    technicians: tuple[str, ...]


def expected_starts_ms(ahead: Ahead, risk: RiskState | None) -> dict[str, int]:
    """When work is expected to start: by the last prediction, else as planned, else when the window opens."""
    known = {} if risk is None else risk.expected
    return {
        stop.job.appointment: (
            known[stop.job.appointment].start_p50_ms
            if stop.job.appointment in known
            else stop.job.window_start_ms
            if stop.planned_start_ms is None
            else stop.planned_start_ms
        )
        for stop in ahead.stops
    }


def released(territory: TerritoryState, day: Day, about: Iterable[str], params: Params) -> Released:
    """At risk, not taken up, asked about or nobody's, and neither pinned nor under way."""
    asked, stuck = set(about), dict[str, str]()
    wanted: list[tuple[Planned, str | None]] = [(planned, None) for planned in day.nobody.values()]
    for name, stop, ahead, at in _served(day):
        taken_up = territory.appointments[name].stage not in STANDING_STAGES
        if name not in asked and taken_up and not at_risk(territory, name):
            continue
        why = _why_not(territory.appointments[name], stop, at < ahead.fixed)
        if why:
            stuck[name] = why
        else:
            wanted.append((territory.appointments[name], ahead.technician))
    wanted.sort(key=lambda one: _urgency(one[0]))
    return _most_urgent(wanted, stuck, _named(territory, day, asked), params)


def hold_of(planned: Planned, stop: Stop, is_fixed: bool, start_ms: int, now_ms: int, params: Params) -> Hold:
    """How firmly an appointment sits that is not released, until a proposal made now has expired. Of the planned
    and the expected start the earlier counts."""
    if is_fixed:
        return Hold.FIXED
    if planned.pinned:
        return Hold.PINNED
    first_ms = start_ms if stop.planned_start_ms is None else min(start_ms, stop.planned_start_ms)
    until_ms = now_ms + ms(params.proposal_expires_s)
    if first_ms <= until_ms + ms(params.order_frozen_s):
        return Hold.ORDER
    return Hold.TECHNICIAN if first_ms <= until_ms + ms(params.technician_frozen_s) else Hold.FREE


def doubt_of(planned: Planned, params: Params) -> float:
    """How likely it is that whoever has it does not come."""
    if planned.technician is None or planned.under_way:
        return 0.0
    if planned.stage == "unreachable":
        return params.unreachable_doubt
    return params.overdue_doubt if planned.stage == "overdue" else 0.0


def free_count(
    territory: TerritoryState,
    day: Day,
    risks: Mapping[str, RiskState],
    names: Iterable[str],
    now_ms: int,
    params: Params,
) -> int:
    """How many appointments of the territory a plan may move at all."""
    free, starts = set(names), {}
    for ahead in day.ahead.values():
        starts.update(expected_starts_ms(ahead, risks.get(ahead.technician)))
    for name, stop, ahead, at in _served(day):
        held = hold_of(territory.appointments[name], stop, at < ahead.fixed, starts[name], now_ms, params)
        if held is Hold.FREE:
            free.add(name)
    return len(free)


def _served(day: Day) -> Iterable[tuple[str, Stop, Ahead, int]]:
    for ahead in day.ahead.values():
        for at, stop in enumerate(ahead.stops):
            yield stop.job.appointment, stop, ahead, at


def _why_not(planned: Planned, stop: Stop, is_fixed: bool) -> str:
    if is_fixed:
        return (
            "The technician is on the way to it." if stop.life == "en_route" else "The technician is there."
        )
    return "It is pinned." if planned.pinned else ""


def _urgency(planned: Planned) -> tuple[int, bool, int, str]:
    job = planned.job
    return job.priority, not job.hard, job.window_end_ms, job.appointment


def _named(territory: TerritoryState, day: Day, asked: set[str]) -> list[str]:
    """Technicians asked about, and those of appointments asked about, also of cancelled ones."""
    of = (territory.appointments[name].technician for name in sorted(asked) if name in territory.appointments)
    named = [*sorted(asked), *(one for one in of if one is not None)]
    return [name for name in dict.fromkeys(named) if name in day.ahead]


def _most_urgent(
    wanted: list[tuple[Planned, str | None]], stuck: dict[str, str], named: list[str], params: Params
) -> Released:
    """As many as one plan can help, leaving room for technicians that could take them."""
    room = max(1, params.technicians_max - params.neighbours)
    technicians, names = list(named[:room]), list[str]()
    for planned, technician in wanted:
        known = technician is None or technician in technicians
        if len(names) >= params.released_max or not (known or len(technicians) < room):
            stuck[planned.job.appointment] = _LEFT
            continue
        names.append(planned.job.appointment)
        if technician is not None and not known:
            technicians.append(technician)
    return Released(tuple(names), stuck, tuple(technicians))
