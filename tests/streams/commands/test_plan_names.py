"""What the board shows of a long name, `headway plan` takes."""

import pytest
from msgspec.structs import replace

from features.territory import TerritoryState
from streams.commands.plan_text import appointment_named, matching, open_proposal
from streams.dashboard.proposals import ProposalView, proposal_view
from streams.dashboard.selection import Selection
from streams.dashboard.words import short_id
from streams.errors import BadInput
from tests.support import board_day

WHOLE = "f0f8ef691842d2d2"
NAMES = ("job-20260317-0105", "job-20260317-e0142", "job-20260318-0105", "A-1", "A-12")


def state() -> TerritoryState:
    found = board_day.territory(proposal=board_day.proposal(proposal=WHOLE))
    planned = found.appointments["A-118"]
    return replace(found, appointments=dict.fromkeys(NAMES, planned))


def test_a_proposal_is_taken_by_what_the_board_shows_of_it() -> None:
    view = proposal_view(
        board_day.day(board_day.territory(proposal=board_day.proposal(proposal=WHOLE))), Selection(), {}
    )
    assert isinstance(view, ProposalView)
    assert (
        open_proposal(state(), view.short)
        == open_proposal(state(), WHOLE)
        == open_proposal(state(), "")
        == WHOLE
    )


def test_another_proposal_than_the_open_one_is_refused() -> None:
    with pytest.raises(BadInput, match=f"is {WHOLE}, not 'b0b2'"):
        open_proposal(state(), "b0b2")


def test_an_appointment_is_taken_by_its_short_name_where_that_names_one() -> None:
    assert appointment_named(state(), short_id("job-20260317-e0142")) == "job-20260317-e0142"
    assert appointment_named(state(), "A-1") == "A-1"
    with pytest.raises(BadInput, match="may be job-20260317-0105, job-20260318-0105"):
        appointment_named(state(), "0105")
    with pytest.raises(BadInput, match="is not one of"):
        appointment_named(state(), "zz")


def test_nothing_matches_no_name() -> None:
    assert matching("", NAMES) == []
