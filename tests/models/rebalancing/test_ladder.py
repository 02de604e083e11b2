"""Whom to ask first, and whom where they can't help."""

from msgspec.structs import replace

from features.plan_events import Proposal
from features.territory import Planned
from models.rebalancing.ladder import looked
from models.rebalancing.params import Params
from models.rebalancing.problem import Problem
from models.rebalancing.propose import NoBetter, propose
from models.rebalancing.solver import solve
from models.rebalancing.vroom_input import VroomInput, VroomRoutes
from tests.support.noon import Noon, at
from tests.support.rebalancing import frozen, job, morning, spot

NEAR = ("ann", "bob", "cy", "dee")
NARROW = Params(neighbours=2, technicians_max=3, wider_neighbours=5, wider_technicians_max=6)


def going_home() -> Noon:
    """Four go home at half past twelve; Eve stays, and is far away. Nobody has the new one, which takes hours."""
    day = morning({"eve": [], **{who: [] for who in NEAR}}, [job("new", 11, minutes=200, km=-0.5)])
    roster = day.territory.roster
    short = {who: replace(roster[who], shift=replace(roster[who].shift, end_ms=at(12.5))) for who in NEAR}
    far = replace(roster["eve"].shift, start=spot(12))
    stays = {"eve": replace(roster["eve"], shift=far)}
    return Noon(replace(day.territory, roster=short | stays), day.risks, day.now_ms)


def asked(noon: Noon, params: Params) -> tuple[Proposal | NoBetter, list[int]]:
    """The answer, and among how many technicians each look was."""
    sizes: list[int] = []

    def of(params: Params) -> Problem:
        problem = frozen(noon, params=params)
        sizes.append(len(problem.technicians))
        return problem

    return looked(of, solve, params), sizes


def test_where_the_nearest_cannot_help_more_are_asked() -> None:
    found, sizes = asked(going_home(), NARROW)
    assert isinstance(found, Proposal)
    assert found.routes == {"eve": ("new",)}
    assert sizes == [2, 5]


def test_also_where_they_can_help_with_something_else() -> None:
    day = going_home()
    small = Planned(job("small", 10.5, minutes=20, km=0.2))
    both = replace(day.territory, appointments={**day.territory.appointments, "small": small})
    found, sizes = asked(Noon(both, day.risks, day.now_ms), NARROW)
    assert isinstance(found, Proposal)
    assert {name for route in found.routes.values() for name in route} == {"new", "small"}
    assert len(sizes) == 2


def test_nobody_else_is_asked_where_the_nearest_can_help() -> None:
    day = morning({who: [] for who in NEAR}, [job("new", 11)])
    found, sizes = asked(day, NARROW)
    assert isinstance(found, Proposal)
    assert sizes == [2]


def test_where_all_were_asked_they_are_not_asked_again() -> None:
    day = morning({"ann": []}, [job("new", 16, minutes=200)])
    asks = []

    def counted(asked: VroomInput) -> VroomRoutes | None:
        asks.append(asked)
        return solve(asked)

    found = looked(lambda params: frozen(day, params=params), counted, NARROW)
    assert isinstance(found, NoBetter)
    assert "new" in found.reasons
    alone = len(asks)
    propose(frozen(day, params=NARROW), counted, NARROW)
    assert len(asks) == 2 * alone
