"""The proposal in words and figures."""

from msgspec.structs import replace

from features.territory import Closed
from streams.dashboard.proposals import Answer, NoProposal, ProposalView, proposal_view
from streams.dashboard.selection import Selection
from tests.support import board_day
from tests.support.board_day import NOW_MS


def shown(**more: object) -> ProposalView:
    state = board_day.territory(proposal=board_day.proposal(**more))
    found = proposal_view(board_day.day(state), Selection(), {})
    assert isinstance(found, ProposalView)
    return found


def test_four_figures_say_what_it_gains_and_costs() -> None:
    assert [(one.value, one.says, one.but) for one in shown().figures] == [
        ("−38 min", "expected late minutes", ""),  # noqa: RUF001
        ("86\u00a0% → 7\u00a0%", "A-214 late", ""),
        ("1 customer", "gets another technician", "1 likelier late"),
        ("+6 min", "driving in all", ""),
    ]


def test_every_change_has_its_before_and_after() -> None:
    found = [
        (one.short, one.before.who, one.before.hour, one.after.who, one.after.hour) for one in shown().changes
    ]
    assert found[0] == ("A-214", "Becker, Tom", "13:31", "Haddad, Sami", "12:04")
    assert [one.better for one in shown().changes] == [True, True, False]
    assert [one.worse for one in shown().changes] == ["", "", "9\u00a0% late"]


def test_it_says_how_long_it_holds_and_when_it_is_over() -> None:
    assert (shown().expires, shown().expired) == ("4:10", False)
    assert shown(expires_ms=NOW_MS).expired


def test_what_somebody_answered_is_said_until_the_plan_takes_it_up() -> None:
    answers = {"p-1": Answer("accepted", "Kim", NOW_MS)}
    found = proposal_view(board_day.day(), Selection(), answers)
    assert isinstance(found, ProposalView)
    assert found.answered == "accepted at 10:08"


def test_long_names_are_short_in_its_sentence() -> None:
    assert "A-214" in shown().summary
    long = board_day.proposal(summary="Give A-214 to Haddad, A-342 later")
    assert shown(summary=long.summary).summary == long.summary


def test_it_is_about_something_that_it_changes() -> None:
    assert shown(about=("A-305", "A-231")).about == "A-231 and 1 more"


def test_without_one_it_says_what_became_of_the_last() -> None:
    found = proposal_view(board_day.day(board_day.calm()), Selection(appointment="A-118"), {})
    assert isinstance(found, NoProposal)
    assert found.looked == "A better plan was last looked for at 10:06."
    assert found.headline == "No proposal is open."
    assert found.last == "The last proposal was rejected at 09:24."
    assert found.about == "A-118"


def test_whom_it_makes_worse_stands_beside_its_sentence() -> None:
    assert shown().warning == "Makes 1 likelier to be late: A-342 2\u00a0% → 9\u00a0%."


def test_that_the_last_one_expired_is_not_overlooked() -> None:
    over = Closed("p-1", "expired", NOW_MS - 60_000)
    found = proposal_view(board_day.day(board_day.territory(proposal=None, closed=(over,))), Selection(), {})
    assert isinstance(found, NoProposal)
    assert found.headline == "The proposal expired unanswered at 10:07."
    old = Closed("p-1", "expired", NOW_MS - 2 * 3_600_000)
    later = proposal_view(board_day.day(board_day.territory(proposal=None, closed=(old,))), Selection(), {})
    assert isinstance(later, NoProposal)
    assert later.headline == "No proposal is open."


def test_a_pin_is_let_go_also_where_no_proposal_is_open() -> None:
    state = board_day.calm()
    pinned = replace(state.appointments["A-118"], pinned=True)
    state = replace(state, appointments={**state.appointments, "A-118": pinned})
    found = proposal_view(board_day.day(state), Selection(appointment="A-118"), {})
    assert isinstance(found, NoProposal)
    assert (found.pin, found.pinned) == ("A-118", True)
