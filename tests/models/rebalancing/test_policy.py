"""When a better plan is looked for, and who decides about it."""

import msgspec
import pytest

from features.plan_events import PlanChanged
from models.planning.params import Params as PlanningParams
from models.rebalancing.policy import Look, ModeRule, Params, Rules, applies, mode
from tests.support.territories import (
    Day,
    accept,
    cancelled,
    lost,
    morning,
    planned,
    proposal,
    request,
    requested,
    risk,
    shift,
    tick,
)


def test_a_risk_waits_a_minute_for_more_of_them() -> None:
    day = morning()
    day.told(risk("a2", "ana", "AT_RISK", 10), risk("b2", "ben", "CRITICAL", 10.5))
    assert day.look() is None
    day.told(tick(11))
    assert day.look() == Look("risk", ("a2", "b2"))


def test_after_a_look_the_next_comes_a_quarter_of_an_hour_later() -> None:
    day = morning()
    day.told(risk("a2", "ana", "AT_RISK", 10), tick(11))
    day.answered({"a2": "nobody is near"})
    assert day.state.last_answer == {"a2": "nobody is near"}
    day.told(risk("b2", "ben", "AT_RISK", 12), tick(25.9))
    assert day.look() is None
    day.told(tick(26))
    assert day.look() == Look("risk", ("a2", "b2"))


def test_a_risk_that_was_cleared_is_not_asked_about() -> None:
    day = morning()
    day.told(risk("a2", "ana", "AT_RISK", 10), tick(11))
    day.answered({"a2": "nobody is near"})
    day.told(risk("a2", "ana", None, 12), tick(60))
    assert day.look() is None


@pytest.mark.parametrize("said", [lost("ben", 12), requested("e1", 2, minutes=12, emergency=True)])
def test_a_lost_technician_and_an_emergency_wait_for_nothing(said: object) -> None:
    day = morning()
    day.told(risk("a2", "ana", "AT_RISK", 10), tick(11))
    day.answered({"a2": "nobody is near"})
    day.told(said)
    look = day.look()
    assert look is not None
    assert look.trigger in ("technician_lost", "emergency")
    assert "a2" in look.about


def test_an_urgent_one_without_an_answer_waits_like_others_until_something_changes() -> None:
    day = morning()
    day.told(requested("e1", 2, minutes=10, emergency=True))
    day.answered({"e1": "nobody can come"})
    day.told(tick(20))
    assert day.look() is None
    day.told(shift("dan", minutes=21))
    assert day.look() == Look("emergency", ("e1",))
    day.answered({"e1": "nobody can come"})
    day.told(tick(36))
    assert day.look() == Look("emergency", ("e1",))


def test_a_person_who_asks_is_answered_at_once() -> None:
    day = morning()
    day.told(request("a3", minutes=10))
    assert day.look() == Look("request", ("a3",))
    day.answered({})
    assert (day.look(), day.triggers()) == (None, [])
    day.told(request(minutes=11))
    assert day.look() == Look("request", ())


def test_nothing_is_looked_for_before_there_is_a_plan() -> None:
    day = Day()
    day.told(shift("ana"), requested("a1"), requested("e1", emergency=True), tick(30))
    assert day.look() is None
    day.told(planned(30, ana=["a1"]))
    assert day.look() == Look("emergency", ("e1",))


def test_a_gap_is_used_after_a_minute() -> None:
    day = morning()
    day.told(cancelled("a2", 10))
    assert day.look() is None
    day.told(tick(11))
    assert day.look() == Look("gap", ("ana",))
    day.answered({})
    assert day.triggers() == []


def test_while_a_proposal_is_open_nothing_but_an_emergency_is_looked_for() -> None:
    day = morning()
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    day.answered(proposal(day.state, {"ana": ["a1", "a2"], "cy": ["a3"]}, about=["a3"]))
    day.told(risk("b2", "ben", "AT_RISK", 12), request(minutes=13), tick(20))
    assert day.look() is None
    day.told(requested("e1", 2, minutes=21, emergency=True))
    assert day.look() == Look("emergency", ("e1", "a3", "b2"))
    # Where it can't be helped, what is open stays.
    day.answered({"e1": "nobody can come"})
    assert day.state.proposal is not None
    assert day.look() is None


def test_an_emergency_that_can_be_helped_outdates_what_is_open() -> None:
    day = morning()
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    day.answered(proposal(day.state, {"ana": ["a1", "a2"], "cy": ["a3"]}, about=["a3"]))
    day.told(requested("e1", 2, minutes=12, emergency=True))
    closed, proposed = day.answered(proposal(day.state, {"cy": ["e1", "a3"], "ana": ["a1", "a2"]}, "p2"))
    assert (closed.proposal, closed.outcome) == ("p1", "outdated")
    assert proposed.proposal.proposal == "p2"


def test_the_first_mode_that_fits_counts() -> None:
    params = Params(
        mode="manual",
        modes=(
            ModeRule(mode="auto", territory="north", trigger="emergency"),
            ModeRule(mode="rules", territory="north"),
            ModeRule(mode="auto", trigger="technician_lost"),
        ),
    )
    assert mode("north", "emergency", params) == "auto"
    assert mode("north", "technician_lost", params) == "rules"
    assert mode("south", "technician_lost", params) == "auto"
    assert mode("south", "risk", params) == "manual"


def test_modes_decide_what_is_applied_by_itself() -> None:
    day = morning()
    found = proposal(day.state, {"ana": ["a1", "a2"], "cy": ["a3"]}, saves_min=40, better_share=0.85)
    assert not applies(found, Params())
    assert applies(found, Params(mode="rules"))
    assert not applies(found, Params(mode="rules", rules=Rules(saves_min=41)))
    assert not applies(found, Params(mode="rules", rules=Rules(better_share=0.86)))
    assert not applies(found, Params(mode="rules", rules=Rules(technician_changes=0)))
    assert not applies(found, Params(mode="auto"))
    assert applies(found, Params(mode="auto", auto_better_share=0.85))


def test_what_nobody_served_is_no_change_of_technician() -> None:
    day = morning()
    day.told(requested("n1", 3))
    found = proposal(day.state, {"cy": ["n1"]})
    assert applies(found, Params(mode="rules", rules=Rules(technician_changes=0)))


def test_what_is_applied_by_itself_says_so() -> None:
    day = morning(PlanningParams(policy=Params(mode="rules")))
    day.told(risk("a3", "ana", "AT_RISK", 10), tick(11))
    proposed, closed, changed = day.answered(proposal(day.state, {"ana": ["a1", "a2"], "cy": ["a3"]}))
    assert (closed.outcome, closed.by) == ("accepted", "rules")
    assert isinstance(changed, PlanChanged)
    assert day.technician("a3") == "cy"
    assert len({one.id for one in (proposed, closed, changed)}) == 3
    (refused,) = day.told(accept("p1", 12))
    assert "proposal 'p1' is accepted already" in refused.detail


def test_the_settings_say_it_in_words() -> None:
    text = b"""
    mode = "rules"
    modes = [{territory = "north", trigger = "emergency", mode = "auto"}]
    rules = {saves_min = 30.0}
    """
    params = msgspec.toml.decode(text, type=Params)
    assert (mode("north", "emergency", params), params.rules.saves_min) == ("auto", 30.0)
