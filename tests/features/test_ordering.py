"""Pings and words of one technician, seconds of event time as they arrive."""

import pytest

from features import ordering
from features.events import Ping
from features.ordering import Order, Params, Turned
from features.waiting import Waiting, heard, ping_of
from tests.support.days import assignment, at_ms, ping, status

PARAMS = Params()


def arrive(*events: object, params: Params = PARAMS) -> tuple[Order, list[Waiting], list[Turned]]:
    """The order after all events, what was released, what was turned away."""
    order, released, turned = Order(), [], []
    for offset, event in enumerate(events):
        item = waiting(event, event.time_ms + 500, offset)
        order, more, away = ordering.advance(order, item, params)
        released += more
        turned += [away] if away else []
    return order, released, turned


def waiting(event: object, received_ms: int, offset: int = 0) -> Waiting:
    if isinstance(event, Ping):
        return Waiting(event.time_ms, received_ms, offset, heard(event))
    return Waiting(event.time_ms, received_ms, offset, None, event)


def seconds(items: list[Waiting]) -> list[float]:
    return [(item.time_ms - at_ms(0)) / 1000 for item in items]


def test_a_fix_waits_until_another_is_five_seconds_on() -> None:
    assert seconds(arrive(ping(0), ping(4.999))[1]) == []
    assert seconds(arrive(ping(0), ping(4.999), ping(5))[1]) == [0]


def test_fixes_leave_in_order_of_event_time() -> None:
    assert seconds(arrive(ping(3), ping(1), ping(2), ping(20))[1]) == [1, 2, 3]


def test_a_fix_at_or_below_the_frontier_is_late() -> None:
    _, released, turned = arrive(ping(10), ping(15), ping(9.9), ping(10.1), ping(40))
    assert seconds(released) == [10, 10.1, 15]
    assert [(one.reason, seconds([one.item])) for one in turned] == [("late", [9.9])]


def test_the_same_time_at_another_place_keeps_the_better_accuracy() -> None:
    for fixes in ([8.0, 20.0], [20.0, 8.0]):
        order, _, turned = arrive(*[ping(1, accuracy_m=one, north_m=one) for one in fixes])
        assert [one.reason for one in turned] == ["duplicate"]
        assert [item.heard.accuracy_m for item in order.waiting] == [8.0]


@pytest.mark.parametrize(("said_m", "kept_m"), [(29.0, 29.0), (31.0, None)])
def test_a_missing_accuracy_counts_as_30_m(said_m: float, kept_m: float | None) -> None:
    order, _, _ = arrive(ping(1, accuracy_m=None), ping(1, north_m=9, accuracy_m=said_m))
    assert [item.heard.accuracy_m for item in order.waiting] == [kept_m]


def test_among_equally_good_fixes_of_one_time_arrival_decides_nothing() -> None:
    one, other = ping(1, north_m=0), ping(1, north_m=9)
    assert arrive(one, other)[0].waiting[0].heard == arrive(other, one)[0].waiting[0].heard


def test_two_fixes_that_the_device_gives_one_time_are_rivals_though_clamped_apart() -> None:
    order, _, _ = ordering.advance(Order(), Waiting(at_ms(1), at_ms(1), 0, heard(ping(60))), PARAMS)
    order, _, turned = ordering.advance(order, Waiting(at_ms(2), at_ms(2), 1, heard(ping(60))), PARAMS)
    assert turned is not None
    assert turned.reason == "duplicate"
    assert len(order.waiting) == 1


@pytest.mark.parametrize("again", [ping(3, seq=7), ping(2, seq=7), ping(90, seq=7)], ids=str)
def test_a_sequence_number_seen_while_waiting_or_released_is_a_repetition(again: Ping) -> None:
    waiting, _, _ = arrive(ping(2, seq=7))
    released, _, _ = arrive(ping(2, seq=7), status(3, "on_shift"), ping(60, seq=8))
    assert ordering.repeats(waiting, again)
    assert ordering.repeats(released, again)


def test_a_time_released_already_is_a_repetition() -> None:
    order, _, _ = arrive(ping(2), status(3, "on_shift"), ping(60))
    assert ordering.repeats(order, ping(2))
    assert not ordering.repeats(order, ping(2.5))
    assert not ordering.repeats(order, ping(60, seq=5))


@pytest.mark.parametrize("remembered", [1, 3])
def test_only_so_much_is_remembered(remembered: int) -> None:
    order, _, _ = arrive(*[ping(10 * n, seq=n) for n in range(12)], params=Params(remembered=remembered))
    assert order.recent == (8, 9, 10)[-remembered:]
    assert not ordering.repeats(order, ping(200, seq=7))


def test_a_ping_comes_back_whole_from_what_waits() -> None:
    whole = ping(1, 5, seq=7, speed_mps=3.0, heading_deg=90.0, ignition=True, pto=False, source="fleet")
    assert ping_of("ada", heard(whole)) == whole


def test_words_of_one_time_leave_as_assignment_then_duty_and_life_then_fix() -> None:
    said = [
        ping(1),
        status(1, "completed", "a"),
        status(1, "in_progress", "a"),
        status(1, "on_site", "a"),
        assignment(1, "a"),
    ]
    _, released, _ = arrive(*said, ping(9))
    assert [item.word or item.heard for item in released] == said[::-1][:1] + said[3:0:-1] + [heard(said[0])]


def test_words_push_nobody_out() -> None:
    order, released, _ = arrive(ping(1), status(60, "on_shift"), ping(3))
    assert released == []
    assert seconds(list(order.waiting)) == [1, 3, 60]


def test_a_late_word_goes_on_at_once() -> None:
    _, released, turned = arrive(ping(1), ping(60), status(2, "on_shift"))
    assert seconds(released) == [1, 2]
    assert turned == []


def test_a_tick_releases_what_was_received_five_seconds_ago_and_all_before_it() -> None:
    order = Order((waiting(ping(1), at_ms(9)), waiting(ping(2), at_ms(3))))
    assert ordering.due_ms(order, PARAMS) == at_ms(8)
    assert ordering.tick(order, at_ms(8) - 1, PARAMS) == (order, ())
    after, released = ordering.tick(order, at_ms(8), PARAMS)
    assert seconds(list(released)) == [1, 2]
    assert after.waiting == ()
    assert ordering.due_ms(after, PARAMS) is None


def test_of_too_many_the_oldest_leave_early() -> None:
    fixes = [ping(n / 100) for n in range(5)]
    order, released, _ = arrive(*fixes, params=Params(max_waiting=3))
    assert seconds(released) == [0, 0.01]
    assert len(order.waiting) == 3
