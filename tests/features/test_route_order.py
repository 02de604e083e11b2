"""Which stop is at hand and what is ahead."""

from features.route_order import course, last_done
from tests.support.routes import route, stop


def names(stops: tuple) -> list[str]:
    return [one.job.appointment for one in stops]


def test_all_is_ahead_before_anything_has_begun() -> None:
    way = course(route(stop("a"), stop("b")))
    assert (way.at_hand, way.bound_for, names(way.ahead)) == (None, None, ["a", "b"])


def test_the_stop_at_work_is_at_hand_and_not_ahead() -> None:
    way = course(route(stop("a", life="in_progress"), stop("b")))
    assert way.at_hand is not None
    assert (way.at_hand.job.appointment, names(way.ahead)) == ("a", ["b"])


def test_the_one_driven_to_comes_first_whatever_the_order() -> None:
    way = course(route(stop("a"), stop("b", life="en_route"), stop("c")))
    assert way.bound_for is not None
    assert (way.bound_for.job.appointment, names(way.ahead)) == ("b", ["b", "a", "c"])


def test_what_was_left_without_a_word_is_over() -> None:
    way = course(
        route(stop("a", life="in_progress", since=9), stop("b", life="on_site", since=11), stop("c"))
    )
    assert way.at_hand is not None
    assert (way.at_hand.job.appointment, names(way.ahead)) == ("b", ["c"])


def test_what_was_driven_to_and_not_reached_is_ahead_again() -> None:
    way = course(route(stop("a", life="in_progress", since=11), stop("b", life="en_route", since=9)))
    assert way.bound_for is None
    assert names(way.ahead) == ["b"]


def test_a_route_may_name_what_is_not_assigned_yet() -> None:
    state = route(stop("a"), order=("ghost", "a"))
    assert names(course(state).ahead) == ["a"]


def test_the_last_one_done_is_where_they_were() -> None:
    state = route(stop("a", life="completed", since=10), stop("b", life="completed", since=9), stop("c"))
    done = last_done(state)
    assert done is not None
    assert done.job.appointment == "a"
    assert last_done(route(stop("a"))) is None
