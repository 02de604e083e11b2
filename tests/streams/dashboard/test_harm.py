"""Whom a proposal makes worse off, on the board and on the command line."""

from msgspec.structs import replace

from features.plan_events import Move, Proposal
from models.rebalancing.harm import Harm, harm, harms
from streams.commands.plan_text import hours, moves, told
from streams.dashboard.harm import counted, says, warning
from tests.support import board_day
from tests.support.board_day import at

P = "\u00a0%"


def move(name: str = "ACME", **more: object) -> Move:
    said: dict[str, object] = {
        "before_technician": "becker", "after_technician": "becker",
        "before_start_ms": at(11), "after_start_ms": at(11), "before_probability": 0.1, "after_probability": 0.1,
        "window_end_ms": at(12),
    }  # fmt: skip
    return Move(appointment=name, **(said | more))  # type: ignore[arg-type]


def proposal(*changes: Move) -> Proposal:
    return board_day.proposal(moves=changes, summary="Give A-214 to Haddad.")


LATER = move(after_start_ms=at(12 + 25 / 60), after_probability=1.0)
MUCH_LATER = move(
    "FAR", before_start_ms=at(13), after_start_ms=at(16), before_probability=1.0, after_probability=1.0
)
RISKIER = move("RISKY", before_probability=0.02, after_probability=0.3)


def test_who_starts_after_the_window_by_more_than_before_is_later() -> None:
    assert harm(LATER) == Harm("ACME", 25, 0.1, 1.0)


def test_who_is_late_for_certain_can_still_be_made_hours_later() -> None:
    found = harm(MUCH_LATER)
    assert found is not None
    assert says(found) == "3 h later"


def test_a_later_start_within_the_window_hurts_nobody() -> None:
    assert harm(move(after_start_ms=at(11.9), after_probability=0.11)) is None


def test_who_had_nobody_can_only_gain() -> None:
    assert (
        harm(move(before_technician=None, before_start_ms=None, after_start_ms=at(15), after_probability=1.0))
        is None
    )


def test_who_is_to_have_nobody_is_late_for_certain() -> None:
    found = harm(move(after_technician=None, after_start_ms=None))
    assert found is not None
    assert says(found) == f"100{P} late"


def test_the_worst_are_named_and_the_others_counted() -> None:
    found = harms(proposal(LATER, RISKIER, MUCH_LATER, replace(LATER, appointment="THIRD")))
    assert warning(found) == (
        "Makes 3 later: FAR by 3 h, ACME by 25 min and 1 more. "
        f"Makes 1 likelier to be late: RISKY 2{P} → 30{P}."
    )
    assert counted(found) == "3 get later, 1 likelier late"


def test_where_nobody_is_worse_off_nothing_is_said() -> None:
    assert (warning([]), counted([])) == ("", "")


def test_the_command_line_says_it_with_whole_names() -> None:
    offered = proposal(replace(LATER, appointment="job-20260317-0105"))
    assert told(offered) == "Give A-214 to Haddad. Makes 1 later: job-20260317-0105 by 25 min."
    (row,) = moves(board_day.territory(), offered, hours(board_day.ZONE))
    assert row[-1] == "100%, 25 min later"
