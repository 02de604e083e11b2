"""Whatever the day looks like: never an exception, and never a plan that breaks what must hold.

`broken` reads the rules anew from the territory itself, not from the frozen problem.
"""

from collections.abc import Iterator

import pytest

from features.appointment import ENDS
from features.plan_events import Proposal
from features.units import ms
from models.rebalancing.check import violations
from models.rebalancing.propose import NoBetter, propose
from models.rebalancing.solver import solve
from tests.support.absurd import absurd
from tests.support.noon import City, Noon, noon
from tests.support.rebalancing import QUICK, frozen, killed

SEEDS = 500
GROUPS = 10


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_snapshot_brings_forth_a_plan_that_breaks_a_rule(group: int) -> None:
    for seed in range(group, SEEDS, GROUPS):
        seen, trigger, about = absurd(seed)
        problem = frozen(seen, *about, trigger=trigger, params=QUICK)
        found = propose(problem, solve if seed % 4 else killed, QUICK)
        assert isinstance(found, Proposal | NoBetter)
        if isinstance(found, Proposal):
            # Of what is elsewhere a proposal says nothing, so only with it the routes are whole.
            assert problem.elsewhere or violations(problem, found.routes, QUICK) == [], seed
            assert list(broken(seen, found)) == [], seed
            assert found.saves_min >= found.price_min + QUICK.gain_min - 0.2, seed


@pytest.mark.parametrize("seed", range(8))
def test_no_ordinary_day_does_either(seed: int) -> None:
    seen = noon(seed, City(technicians=8, per_technician=6, late=2, lost=seed % 2, emergencies=seed % 3))
    problem = frozen(seen, params=QUICK)
    found = propose(problem, solve, QUICK)
    assert isinstance(found, Proposal)
    assert violations(problem, found.routes, QUICK) == []
    assert list(broken(seen, found)) == []


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_the_same_snapshot_brings_forth_the_same_answer(seed: int) -> None:
    seen, trigger, about = absurd(seed)
    first, second = (
        propose(frozen(seen, *about, trigger=trigger, params=QUICK), solve, QUICK) for _ in range(2)
    )
    assert first == second


def broken(seen: Noon, proposal: Proposal) -> Iterator[str]:
    """What a plan of any day must not do."""
    territory = seen.territory
    before = {}
    for who, route in sorted(territory.routes.items()):
        for name in route:
            before.setdefault(name, who)
    after = {who: proposal.routes.get(who, route) for who, route in territory.routes.items()}
    after |= {who: route for who, route in proposal.routes.items() if who not in after}
    served: list[str] = []
    for who, route in after.items():
        served += [name for name in route if _open(seen, name)]
        if who in proposal.routes:
            yield from _wrong_with(seen, proposal, who, route, before)
    if len(served) != len(set(served)) and _is_sane(seen):
        yield "somebody is served twice"
    for name, who in before.items():
        if _open(seen, name) and name not in served and who in after:
            yield f"{name} is no longer served"


def _wrong_with(
    seen: Noon, proposal: Proposal, who: str, route: tuple[str, ...], before: dict[str, str]
) -> Iterator[str]:
    territory, current = seen.territory, seen.territory.routes.get(who, ())
    rostered = territory.roster.get(who)
    for name in route:
        planned = territory.appointments[name]
        if name in current:
            continue
        if rostered is None or not _works(seen, who) or rostered.shift.end_ms <= seen.now_ms:
            yield f"{who} can't work and gets {name}"
        elif not set(planned.job.skills) <= set(rostered.skills):
            yield f"{who} lacks the skills for {name}"
        if who in planned.declined:
            yield f"{who} has declined {name}"
        if planned.cancelled_ms is not None or planned.life in ENDS:
            yield f"{name} has ended"
        if planned.pinned and _works(seen, before.get(name)):
            yield f"{name} is pinned"
        if not _released(seen, proposal, name, before) and _soon(seen, name, 7_200.0):
            yield f"{name} changes technician too late"
    firm = [name for name in current if _is_firm(seen, proposal, name, before)]
    if _works(seen, who) and _is_sane(seen) and [name for name in route if name in firm] != firm:
        yield f"the frozen order of {who} is changed"


def _is_firm(seen: Noon, proposal: Proposal, name: str, before: dict[str, str]) -> bool:
    """Keeps its place among others; what is under way comes before them all."""
    if not _open(seen, name) or _under_way(seen, name, before[name]):
        return False
    pinned = seen.territory.appointments[name].pinned
    return pinned or (not _released(seen, proposal, name, before) and _soon(seen, name, 3_600.0))


def _is_sane(seen: Noon) -> bool:
    """No appointment is in two routes."""
    names = [name for route in seen.territory.routes.values() for name in route]
    return len(names) == len(set(names))


def _under_way(seen: Noon, name: str, who: str) -> bool:
    """By the territory's word or by the technician's log, also where it is over."""
    stop = seen.risks[who].route.stops.get(name) if who in seen.risks else None
    lives = (seen.territory.appointments[name].life, None if stop is None else stop.life)
    return any(life in ("en_route", "on_site", "in_progress", *ENDS) for life in lives)


def _works(seen: Noon, who: str | None) -> bool:
    rostered, risk = seen.territory.roster.get(who or ""), seen.risks.get(who or "")
    if rostered is None or rostered.lost_ms is not None:
        return False
    if risk is None:
        return True
    route = risk.route
    home = route.duty == "off_shift" and route.duty_ms >= rostered.shift.start_ms
    return not (route.lost or home)


def _open(seen: Noon, name: str) -> bool:
    planned = seen.territory.appointments.get(name)
    return planned is not None and planned.cancelled_ms is None and planned.life not in ENDS


def _released(seen: Noon, proposal: Proposal, name: str, before: dict[str, str]) -> bool:
    risk = seen.territory.risks.get(name)
    at_risk = risk is not None and risk.level in ("AT_RISK", "CRITICAL", "LATE")
    untaken = seen.territory.appointments[name].stage in ("overdue", "unreachable")
    return at_risk or untaken or name in proposal.about or not _works(seen, before.get(name))


def _soon(seen: Noon, name: str, within_s: float) -> bool:
    start_ms = seen.territory.appointments[name].planned_start_ms
    return start_ms is not None and start_ms <= seen.now_ms + ms(within_s)
