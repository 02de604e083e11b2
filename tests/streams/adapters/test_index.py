"""Members of the index, what moves between them, and the ranges that find them."""

import h3
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.geofence import Phase, Visit
from features.technician import TechnicianState
from streams.adapters.index import (
    EVERY_CELL,
    cell_range,
    fence_range,
    members,
    moves,
    territory_range,
    within,
)
from streams.errors import BadCell
from tests.support.technicians import AUSTIN, technician

ADA = technician("ada", AUSTIN, territory="north", fences=["site-1", "depot"])
NAMES = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=8)
PLACES = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


def test_a_technician_stands_in_a_cell_a_territory_and_fences() -> None:
    assert members(ADA) == {
        f"cell\x1f{ADA.cell}\x1fada",
        "territory\x1fnorth\x1fada",
        "fence\x1fsite-1\x1fada",
        "fence\x1fdepot\x1fada",
    }


def test_a_technician_who_was_never_heard_stands_nowhere() -> None:
    assert members(technician("ada")) == set()


def test_a_visit_counts_from_the_proof_of_entry_to_the_proof_of_exit() -> None:
    visits = {phase.name: Visit(phase) for phase in Phase}
    state = msgspec.structs.replace(technician("ada"), visits=visits)
    assert members(state) == {"fence\x1fINSIDE\x1fada", "fence\x1fEXITING\x1fada"}


def test_nothing_moves_where_nothing_changed() -> None:
    assert moves({"ada": ADA}, {"ada": msgspec.structs.replace(ADA, due_ms=7)}) == ([], [])
    assert moves({"ada": ADA}, {}) == ([], [])


def test_only_what_differs_moves() -> None:
    after = msgspec.structs.replace(ADA, territory="south", visits={"site-1": ADA.visits["site-1"]})
    gone, come = moves({"ada": ADA}, {"ada": after})
    assert gone == ["fence\x1fdepot\x1fada", "territory\x1fnorth\x1fada"]
    assert come == ["territory\x1fsouth\x1fada"]


def test_a_visit_that_goes_on_moves_nothing() -> None:
    going = {
        fence: msgspec.structs.replace(visit, phase=Phase.EXITING) for fence, visit in ADA.visits.items()
    }
    assert moves({"ada": ADA}, {"ada": msgspec.structs.replace(ADA, visits=going)}) == ([], [])


states = st.builds(
    technician,
    NAMES,
    st.none() | PLACES,
    territory=st.none() | NAMES,
    fences=st.lists(NAMES, max_size=3),
)


@given(states, states)
def test_moves_lead_from_one_state_to_the_next(before: TechnicianState, after: TechnicianState) -> None:
    after = msgspec.structs.replace(after, technician=before.technician)
    gone, come = moves({before.technician: before}, {after.technician: after})
    assert (members(before) - set(gone)) | set(come) == members(after)


@given(NAMES, NAMES, NAMES)
def test_a_range_has_whoever_is_there_and_nobody_else(who: str, fence: str, asked: str) -> None:
    (member,) = members(technician(who, fences=[fence]))
    assert within(member, fence_range(asked)) == (fence == asked)
    assert not within(member, territory_range(fence))
    (member,) = members(technician(who, territory=fence))
    assert within(member, territory_range(asked)) == (fence == asked)


@given(NAMES, PLACES, PLACES, st.integers(0, 9))
def test_a_cells_range_has_its_descendants_only(
    who: str, at: tuple[float, float], asked: tuple[float, float], resolution: int
) -> None:
    state = technician(who, at)
    (member,) = members(state)
    assert within(member, EVERY_CELL)
    assert within(member, cell_range(h3.cell_to_parent(state.cell, resolution), 9))
    cell = h3.latlng_to_cell(*asked, resolution)
    assert within(member, cell_range(cell, 9)) == (h3.cell_to_parent(state.cell, resolution) == cell)


def test_a_cell_finer_than_the_index_is_refused() -> None:
    with pytest.raises(BadCell, match="resolution 8, finer than the 7"):
        cell_range(h3.latlng_to_cell(*AUSTIN, 8), 7)
