"""Technicians who work for two territories: what they have elsewhere takes their time, and stays."""

from msgspec.structs import replace

from features.route import RouteState, Stop, Told
from features.territory import Planned, TerritoryState
from models.forecast import RiskState
from models.rebalancing.elsewhere import with_elsewhere
from models.rebalancing.params import Params
from models.rebalancing.propose import propose
from models.rebalancing.solver import solve
from tests.support.noon import Noon, at
from tests.support.rebalancing import frozen, job, morning


def lent(noon: Noon, who: str, *elsewhere: Stop) -> Noon:
    """The same noon, with that work of the south on the route of `who`."""
    own = {
        name: Stop(noon.territory.appointments[name].job, territory="north")
        for name in noon.territory.routes[who]
    }
    stops = own | {stop.job.appointment: stop for stop in elsewhere}
    order = sorted(stops, key=lambda name: stops[name].job.window_start_ms)
    state = RouteState(who, "south", order=tuple(order), stops=stops)
    return Noon(noon.territory, {**noon.risks, who: RiskState(state)}, noon.now_ms)


def south(name: str, hour: float, **more: object) -> Stop:
    return Stop(job(name, hour, **more), at(hour), life="acknowledged", territory="south")


def overrun() -> Noon:
    """Ann is at work until about one; her next is due at eleven. Bob, who is near, is free; so is Cy, far away."""
    ann = [job("long", 9, minutes=180), job("next", 10.5), job("last", 15)]
    return morning(
        {"ann": ann, "bob": [job("his", 14)], "cy": []}, at_risk=["next"], lives={"long": "in_progress"}
    )


def test_what_somebody_has_elsewhere_stands_on_their_route_and_stays() -> None:
    day = lent(overrun(), "bob", south("s1", 10.5), south("s2", 16))
    problem = frozen(day)
    (bob,) = [one for one in problem.technicians if one.name == "bob"]
    assert [problem.visits[at].name for at in bob.route] == ["s1", "his", "s2"]
    assert {one.name: one.hold.name for one in problem.visits}["s1"] == "TECHNICIAN"
    assert problem.elsewhere == {"s1", "s2"}


def test_whoever_is_busy_elsewhere_does_not_get_the_work() -> None:
    free = propose(frozen(overrun()), solve, Params())
    assert "next" in free.routes["bob"]
    busy = propose(frozen(lent(overrun(), "bob", south("s1", 10.2, minutes=180))), solve, Params())
    assert "next" in busy.routes["cy"]
    assert "bob" not in busy.routes


def test_what_is_proposed_says_nothing_of_it() -> None:
    day = lent(overrun(), "bob", south("s1", 16))
    proposal = propose(frozen(day), solve, Params())
    assert proposal.routes["bob"] == ("next", "his")
    assert "s1" not in {move.appointment for move in proposal.moves}


def test_what_has_ended_or_is_ours_by_now_is_none_of_it() -> None:
    north = TerritoryState("north", roster=overrun().territory.roster)
    over = Stop(job("s1", 10), life="completed", territory="south")
    ours = Stop(job("s2", 11), territory="north")
    known = Stop(job("s3", 12), territory="south")
    state = RouteState("bob", order=("s1", "s2", "s3"), stops={"s1": over, "s2": ours, "s3": known})
    here = TerritoryState("north", roster=north.roster, appointments={"s3": Planned(known.job)})
    assert with_elsewhere(here, {"bob": RiskState(state)}) == (here, frozenset())
    assert with_elsewhere(here, {"zoe": RiskState(state)})[0] is here


def test_what_somebody_who_is_out_has_elsewhere_is_for_the_others_to_replace() -> None:
    day = lent(overrun(), "bob", south("s1", 11))
    roster = day.territory.roster
    out = replace(roster["bob"], lost_ms=at(9.9))
    gone = Noon(replace(day.territory, roster={**roster, "bob": out}), day.risks, day.now_ms)
    problem = frozen(gone)
    assert problem.elsewhere == frozenset()
    assert "s1" not in {one.name for one in problem.visits}


def test_whoever_is_on_shift_for_another_territory_begins_here_when_their_shift_here_does() -> None:
    day = morning({"ann": [job("long", 9, minutes=300)], "bob": []}, [job("x", 10.5)], shift=(13, 17))
    told = {"south": Told(1, day.territory.roster["bob"].shift)}
    state = RouteState("bob", "south", duty="on_shift", plans=told)
    shared = Noon(day.territory, {**day.risks, "bob": RiskState(state)}, day.now_ms)
    found = frozen(shared)
    (bob,) = [at for at, one in enumerate(found.technicians) if one.name == "bob"]
    assert found.shifts.free_s[bob] == 3 * 3_600
