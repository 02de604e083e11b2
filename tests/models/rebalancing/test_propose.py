"""What comes out: who is helped and how, what a change costs, and why there is nothing better."""

import pytest
from msgspec.structs import replace

from features.plan_events import Proposal
from models.rebalancing.check import violations
from models.rebalancing.diff import decide_by_ms
from models.rebalancing.params import Params
from models.rebalancing.problem import Problem
from models.rebalancing.propose import NoBetter, propose
from models.rebalancing.solver import solve
from models.rebalancing.vroom_input import VroomInput, VroomRoutes
from tests.support.noon import City, Noon, at, noon
from tests.support.rebalancing import frozen, job, killed, morning

PARAMS = Params()


def proposed(problem: Problem, params: Params = PARAMS) -> Proposal:
    found = propose(problem, solve, params)
    assert isinstance(found, Proposal), found
    assert violations(problem, found.routes, params) == []
    return found


def none(problem: Problem, params: Params = PARAMS) -> NoBetter:
    found = propose(problem, solve, params)
    assert isinstance(found, NoBetter), found
    return found


def overrun(**more: object) -> Problem:
    """Ann is at work until about one; her next is due at eleven. Bob is free."""
    ann = [job("long", 9, minutes=180), job("next", 10.5), job("last", 15)]
    day = morning(
        {"ann": ann, "bob": [job("his", 14)]}, at_risk=["next"], lives={"long": "in_progress"}, **more
    )
    return frozen(day)


def test_an_appointment_that_would_be_late_goes_to_who_is_free() -> None:
    proposal = proposed(overrun())
    assert proposal.routes == {"ann": ("long", "last"), "bob": ("next", "his")}
    assert proposal.price_min == 10
    assert proposal.saves_min > 60
    assert proposal.better_share > 0.9
    assert proposal.samples == 400
    assert proposal.summary == "Give next to Bob instead of Ann, who is 5 minutes away and free now."


def test_a_move_tells_before_and_after() -> None:
    proposal = proposed(overrun())
    move = proposal.moves[0]
    assert (move.appointment, move.before_technician, move.after_technician) == ("next", "ann", "bob")
    assert move.before_probability > 0.9
    assert move.after_probability < 0.1
    assert at(12) < (move.before_start_ms or 0)
    assert at(10.5) <= (move.after_start_ms or 0) < at(11)
    assert move.window_end_ms == at(11.5)


def test_all_of_who_is_out_find_somebody_in_one_plan() -> None:
    mine = [job(f"a{n}", 11 + n, minutes=30) for n in range(6)]
    day = morning({"ann": mine, "bob": [], "cid": []}, lost=["ann"])
    problem = frozen(day, trigger="technician_lost")
    proposal = proposed(problem)
    served = [name for who in ("bob", "cid") for name in proposal.routes.get(who, ())]
    assert sorted(served) == [f"a{n}" for n in range(6)]
    assert proposal.routes["ann"] == ()
    assert all(move.before_technician is None for move in proposal.moves)
    assert proposal.price_min == 0


def test_what_is_new_goes_between_what_is_frozen_in_its_order() -> None:
    held = [job("a", 10.2, minutes=20), job("b", 10.9, minutes=20)]
    urgent = job("new", 10, window_h=0.75, minutes=5, priority=1, emergency=True)
    proposal = proposed(frozen(morning({"ann": held}, [urgent]), trigger="emergency"))
    order = proposal.routes["ann"]
    assert [name for name in order if name != "new"] == ["a", "b"]
    assert order[-1] != "new"


def test_nothing_comes_before_a_pin() -> None:
    held = [job("a", 12), job("b", 13.5)]
    urgent = job("new", 10, window_h=2, minutes=30)
    day = morning({"ann": held}, [urgent], pinned=["b"])
    proposal = proposed(frozen(day))
    assert proposal.routes["ann"] == ("a", "b", "new")


def test_nothing_comes_before_work_at_hand() -> None:
    held = [job("a", 9.5, minutes=120)]
    day = morning({"ann": held}, [job("new", 10, window_h=1)], lives={"a": "on_site"})
    assert proposed(frozen(day)).routes["ann"] == ("a", "new")


def test_a_gain_below_the_price_is_no_plan() -> None:
    """Twelve minutes late at most: a change of technician costs ten, and a plan has to gain ten beyond."""
    ann = [job("long", 9, minutes=55), job("next", 10, window_h=0.85)]
    day = morning({"ann": ann, "bob": []}, at_risk=["next"], lives={"long": "on_site"})
    found = none(frozen(day))
    assert "less than its price of 10" in found.reasons["next"]
    assert "Bob" in found.reasons["next"]


def test_a_cautious_office_asks_for_more() -> None:
    gain = proposed(overrun()).saves_min
    cautious = Params(technician_change_min=20, time_change_min=10, gain_min=10)
    assert proposed(overrun(), cautious).price_min == 20
    assert isinstance(propose(overrun(), solve, Params(technician_change_min=gain)), NoBetter)


def test_nobody_with_the_skill_is_said_by_name() -> None:
    day = morning({"ann": []}, [job("new", 13, skills=("gas",))])
    assert none(frozen(day)).reasons == {"new": "No technician on shift has the skill gas."}


def test_nobody_in_time_is_said_with_the_time() -> None:
    ann = [job("long", 9, minutes=180), job("next", 10.2, km=15)]
    day = morning({"ann": ann}, at_risk=["next"], lives={"long": "in_progress"})
    reason = none(frozen(day)).reasons["next"]
    assert reason.startswith("Nobody can be there before 1")
    assert reason.endswith("the window ends at 11:12.")


def test_a_pinned_one_is_said_to_be_pinned() -> None:
    assert none(overrun(pinned=["next"])).reasons == {"next": "It is pinned."}


def test_who_is_driven_to_is_left_to_arrive() -> None:
    day = morning({"ann": [job("a", 9, window_h=0.5)], "bob": []}, at_risk=["a"], lives={"a": "en_route"})
    assert none(frozen(day)).reasons == {"a": "The technician is on the way to it."}


def test_new_work_is_done_by_the_end_of_the_shift_and_little_overtime() -> None:
    late = job("new", 16, minutes=120, window_h=2)
    assert "long after the shift" in none(frozen(morning({"ann": []}, [late]))).reasons["new"]
    assert proposed(frozen(morning({"ann": []}, [late], shift=(8, 18)))).routes == {"ann": ("new",)}


def test_a_customer_is_told_another_time_once_a_day() -> None:
    """Ann's own, in another order, would help; but its customer was told another time already."""
    ann = [job("first", 13, minutes=100, window_h=4), job("next", 13.2, window_h=0.7)]
    again = [replace(one, priority=3) for one in ann]
    assert proposed(frozen(morning({"ann": again}, at_risk=["next"]))).routes == {"ann": ("next", "first")}
    assert isinstance(
        propose(frozen(morning({"ann": again}, at_risk=["next"], promises=1)), solve, PARAMS), NoBetter
    )


def test_no_more_technicians_change_than_a_plan_may_change() -> None:
    ann = [
        job("long", 9, minutes=420),
        *(job(f"a{n}", 11 + n / 2, minutes=20, window_h=0.5) for n in range(9)),
    ]
    helpers = {f"t{n}": [] for n in range(6)}
    day = morning(
        {"ann": ann, **helpers, "zoe": [job(f"z{n}", 14 + n / 9, minutes=5) for n in range(24)]},
        at_risk=[f"a{n}" for n in range(9)],
        lives={"long": "in_progress"},
    )
    proposal = proposed(frozen(day))
    changed = [move for move in proposal.moves if move.before_technician != move.after_technician]
    assert len(changed) == PARAMS.changes_max
    assert any("more than a plan may" in why for why in proposal.unhelped.values())


def test_a_killed_solver_leaves_insertion() -> None:
    found = propose(overrun(), killed, PARAMS)
    assert isinstance(found, Proposal)
    assert found.routes == proposed(overrun()).routes
    assert "vroom" not in found.source


def test_nonsense_of_the_solver_breaks_nothing() -> None:
    def scrambled(asked: VroomInput) -> VroomRoutes:
        jobs = tuple(one.id for one in reversed(asked.jobs))
        return VroomRoutes({vehicle.id: jobs for vehicle in asked.vehicles})

    problem = frozen(noon(2, City(technicians=10, per_technician=6, late=2, emergencies=1)))
    found = propose(problem, scrambled, PARAMS)
    assert isinstance(found, Proposal)
    assert violations(problem, found.routes) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_same_moment_has_the_same_proposal(seed: int) -> None:
    day = noon(seed, City(technicians=14, per_technician=6, late=1, lost=1))
    assert proposed(frozen(day)) == proposed(frozen(day))


def test_a_proposal_holds_until_somebody_sets_out_for_what_it_changes() -> None:
    problem = overrun()
    proposal = proposed(problem)
    assert at(10) < proposal.expires_ms <= at(10) + 900_000
    assert proposal.expires_ms <= decide_by_ms(problem, proposal)


def test_who_sets_out_now_leaves_little_time_to_decide() -> None:
    ann = [job("a", 10, window_h=0.2, km=20), job("b", 10, window_h=1.5, minutes=5)]
    problem = frozen(morning({"ann": ann, "bob": []}, at_risk=["a"]))
    proposal = proposed(problem)
    assert decide_by_ms(problem, proposal) == at(10)
    assert proposal.expires_ms == at(10) + 120_000


def test_the_losers_are_named_with_what_they_would_have_saved() -> None:
    day = noon(1, City(late=1, lost=1))
    proposal = proposed(frozen(day))
    assert proposal.alternatives
    assert all(one.why for one in proposal.alternatives)
    assert proposal.source not in {one.source for one in proposal.alternatives}


def test_where_nobody_works_nobody_is_helped() -> None:
    day = morning({"ann": [job("a", 12)]}, lost=["ann"])
    found = none(frozen(day, trigger="technician_lost"))
    assert found.reasons == {"a": "No technician on shift could take it."}


def test_a_day_without_appointments_has_no_better_plan() -> None:
    assert none(frozen(morning({"ann": [], "bob": []}), trigger="request")).reasons == {}


def test_who_is_in_time_is_said_to_be() -> None:
    day = morning({"ann": [job("a", 13)], "bob": []})
    found = none(frozen(day, "a", trigger="acknowledgement"))
    assert found.reasons == {"a": "It is expected in time where it is."}


def test_a_request_without_names_looks_at_the_routes_that_worry_most() -> None:
    day = noon(5, City(technicians=8, per_technician=6, late=2))
    day = unraised(day)
    problem = frozen(day, trigger="request")
    assert problem.released == ()
    assert {one.name for one in problem.technicians} >= {"T-000"}
    proposal = proposed(problem)
    assert all(move.before_technician is not None for move in proposal.moves)


def unraised(day: Noon) -> Noon:
    """Nobody has raised anything yet."""
    return Noon(replace(day.territory, risks={}), day.risks, day.now_ms)


def untaken(stage: str | None) -> Noon:
    """Ann, on whose way it is, has the emergency; Bob and Cy are free beside it."""
    routes = {"ann": [job("em", 10.5, emergency=True, priority=1)], "bob": [], "cy": []}
    return morning(routes, stage=stage)


def test_what_its_technician_cannot_be_reached_for_goes_to_somebody_else() -> None:
    proposal = proposed(frozen(untaken("unreachable"), "em", trigger="emergency"))
    assert proposal.routes == {"ann": (), "bob": ("em",)} or proposal.routes == {"ann": (), "cy": ("em",)}
    (move,) = proposal.moves
    assert move.before_probability == pytest.approx(0.6, abs=0.05)
    assert move.after_probability < 0.1


def test_what_was_taken_up_stays() -> None:
    none(frozen(untaken("acknowledged"), "em", trigger="emergency"))


def test_where_nobody_else_can_take_it_that_is_what_is_said() -> None:
    alone = morning({"ann": [job("em", 10.5, priority=5)]}, stage="overdue")
    said = none(frozen(alone, "em", trigger="acknowledgement")).reasons
    assert "has not taken it up: call them" in said["em"]


def test_who_gets_likelier_to_be_late_has_a_line_though_the_median_stays() -> None:
    """His next opens when he could just be back from the new one."""
    bob = [job("his", 11.4, window_h=0.2)]
    day = morning({"ann": [job("long", 9, minutes=300)], "bob": bob}, [job("new", 10.2, minutes=50)])
    found = propose(frozen(day), solve, PARAMS)
    assert isinstance(found, Proposal)
    lines = {move.appointment: move for move in found.moves}
    assert lines["his"].after_probability - lines["his"].before_probability >= 0.05
    assert abs(lines["his"].after_start_ms - lines["his"].before_start_ms) < 300_000


def test_of_work_that_has_begun_nothing_is_at_stake() -> None:
    """Ann is at work in a window that has closed; she began in time, and no plan changes that."""
    held = [job("begun", 8, minutes=300), job("next", 10.5)]
    day = morning({"ann": held, "bob": []}, at_risk=["next"], lives={"begun": "in_progress"})
    found = propose(frozen(day), solve, PARAMS)
    assert isinstance(found, Proposal)
    assert "begun" not in {move.appointment for move in found.moves}
