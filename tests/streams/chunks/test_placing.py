"""Where reading begins."""

import pytest

from streams.chunks.placing import Bounds, Place, place
from streams.errors import PositionBeyondLog

BOUNDS = Bounds(start=100, end=200)


def begin(stored: int | None, committed: int | None, bounds: Bounds = BOUNDS) -> Place:
    return place("technicians", 3, stored, committed, bounds)


def test_at_the_stored_position_whatever_was_committed() -> None:
    assert begin(stored=150, committed=180) == Place(150)


def test_where_the_group_was_if_nothing_is_stored() -> None:
    assert begin(stored=None, committed=180) == Place(180)


def test_at_the_beginning_if_nothing_is_known() -> None:
    assert begin(stored=None, committed=None) == Place(100)


@pytest.mark.parametrize("offset", [100, 200])
def test_the_log_includes_its_beginning_and_its_end(offset: int) -> None:
    assert begin(stored=offset, committed=None) == Place(offset)


def test_records_that_are_gone_are_counted() -> None:
    assert begin(stored=70, committed=None) == Place(100, gone=30)


def test_a_commit_before_the_log_counts_what_is_gone_too() -> None:
    assert begin(stored=None, committed=99) == Place(100, gone=1)


def test_a_commit_from_a_topic_of_old_is_nothing() -> None:
    assert begin(stored=None, committed=500) == Place(100)


def test_a_stored_position_beyond_the_log_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        PositionBeyondLog, match=r"partition 3 of technicians .* 201 .* ends at 200.*drop the state"
    ):
        begin(stored=201, committed=None)


def test_an_empty_log_begins_where_it_ends() -> None:
    assert begin(stored=0, committed=None, bounds=Bounds(0, 0)) == Place(0)
