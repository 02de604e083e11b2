"""What the map draws of a day."""

from msgspec.structs import replace

from streams.dashboard.scene import scene
from streams.dashboard.selection import Selection
from tests.support import board_day


def test_with_nothing_selected_only_what_changes_hands_is_marked_with_its_taker() -> None:
    drawn = scene(board_day.day(), Selection())
    assert [(stop.appointment, stop.label, stop.number) for stop in drawn.stops] == [("A-214", "→ Haddad", 0)]
    assert [(line.kind, line.technician, len(line.points)) for line in drawn.lines] == [
        ("given", "haddad", 2)
    ]
    assert drawn.title == "1 appointment to 1 technician"
    assert [mark.technician for mark in drawn.marks if mark.selected] == ["haddad"]


def test_many_handed_over_have_a_line_each_and_no_route() -> None:
    state = board_day.territory()
    takers = ["alvarez", "chen", "eze", "fischer", "garcia", "haddad", "ito", "jansen", "kaya", "lopez"]
    first = board_day.proposal().moves[0]
    names = [one for one, planned in state.appointments.items() if planned.technician == "becker"][-4:] * 3
    moves = tuple(
        replace(first, appointment=name, after_technician=taker)
        for name, taker in zip(names, takers, strict=False)
    )
    offered = board_day.proposal(moves=moves, routes=dict.fromkeys(takers, ()))
    drawn = scene(board_day.day(replace(state, proposal=offered)), Selection())
    assert {line.kind for line in drawn.lines} == {"given"}
    assert len(drawn.lines) == len(drawn.stops) == len(set(names))


def test_a_new_order_without_other_hands_shows_the_route_it_is_about() -> None:
    offered = board_day.proposal()
    offered = replace(offered, about=("A-231",), moves=offered.moves[1:2])
    drawn = scene(board_day.day(board_day.territory(proposal=offered)), Selection())
    assert {(line.kind, line.technician) for line in drawn.lines} == {
        ("today", "becker"),
        ("proposed", "becker"),
    }


def test_the_map_draws_the_selected_technicians_route_alone() -> None:
    drawn = scene(board_day.day(), Selection(None, "becker"))
    assert {(line.kind, line.technician) for line in drawn.lines} == {
        ("today", "becker"),
        ("proposed", "becker"),
    }
    assert all(len(line.points) == 2 for line in drawn.lines if line.kind == "proposed")
    assert [stop.number for stop in drawn.stops] == [2, 3, 4, 5, 6]
    assert [stop.label for stop in drawn.stops if stop.label] == ["→ Haddad"]


def test_of_a_selected_appointment_also_its_takers_way_there_and_on() -> None:
    drawn = scene(board_day.day(), Selection("A-214", "becker"))
    taken = [line for line in drawn.lines if line.technician == "haddad"]
    assert [line.kind for line in taken] == ["proposed", "proposed"]
    assert [stop.appointment for stop in drawn.stops if stop.selected] == ["A-214"]


def test_a_takers_map_says_from_whom() -> None:
    drawn = scene(board_day.day(), Selection(None, "haddad"))
    assert [(stop.appointment, stop.label) for stop in drawn.stops if stop.label] == [
        ("A-214", "from Becker")
    ]
    assert {line.technician for line in drawn.lines} == {"haddad"}


def test_of_one_that_nobody_serves_the_takers_way_there() -> None:
    state = board_day.territory()
    first = replace(board_day.proposal().moves[0], before_technician=None, before_start_ms=None)
    free = replace(state.appointments["A-214"], technician=None)
    state = replace(
        state, appointments={**state.appointments, "A-214": free}, proposal=board_day.proposal(moves=(first,))
    )
    drawn = scene(board_day.day(state), Selection("A-214", None))
    assert {line.technician for line in drawn.lines} == {"haddad"}
    assert [(stop.appointment, stop.selected) for stop in drawn.stops] == [("A-214", True)]


def test_another_technicians_map_has_nothing_of_the_proposal() -> None:
    drawn = scene(board_day.day(), Selection(None, "lopez"))
    assert [line.kind for line in drawn.lines] == ["today"]
    assert drawn.title == "Lopez, Rosa · remaining route"


def test_who_is_silent_is_stale_on_the_map() -> None:
    assert [mark.technician for mark in scene(board_day.day(), Selection()).marks if mark.stale] == ["dubois"]
