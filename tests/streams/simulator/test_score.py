"""What counts as found, and what as right."""

from collections.abc import Iterable
from typing import Literal

import pytest

from features.events import (
    Cause,
    Conclusion,
    FenceEvent,
    FenceEventType,
    Signal,
    StopChanged,
    StopKind,
)
from features.ids import conclusion_id
from streams.simulator.score import Found, Score, score
from streams.simulator.truth import TrueJob, TrueStop, TrueStopKind, TrueVisit, Truth

WHO, HERE, THERE = "tech-01", "site-1", "site-2"


def truth(*visits: tuple[int, int], stops: Iterable[tuple[TrueStopKind, int, int]] = ()) -> Truth:
    """Visits here, and stops, by their first and last second."""
    return Truth(
        visits=tuple(TrueVisit(WHO, "job-1", HERE, begin * 1000, end * 1000) for begin, end in visits),
        stops=tuple(TrueStop(WHO, kind, begin * 1000, end * 1000, 0, 0) for kind, begin, end in stops),
        jobs=(TrueJob(WHO, "job-1", HERE, "repair", "completed", 600),),
    )


def fence(event: FenceEventType, second: int, at: str = HERE) -> FenceEvent:
    ms = second * 1000
    return FenceEvent(WHO, ms, ms, at, 1, "customer_site", event, 0, 0)


def stay(begin: int, end: int, at: str = HERE) -> list[Conclusion]:
    """A stay of two minutes or more."""
    return [fence("entered", begin, at), fence("dwelt", begin + 120, at), fence("exited", end, at)]


def stop(change: Literal["began", "became", "alerted", "ended"], kind: StopKind, second: int) -> StopChanged:
    return StopChanged(WHO, second * 1000, second * 1000, change, kind, 0, 0, 0)


def visits(true: Truth, events: Iterable[Conclusion]) -> Found:
    return score(true, events).visits


def test_a_stay_during_a_visit_is_right() -> None:
    result = score(truth((1_000, 3_000)), stay(985, 3_010))
    assert result.visits == Found(true=1, found=1, right=1)
    assert result.arrival_error_median_s == result.arrival_error_p90_s == 15.0


def test_a_visit_that_nobody_saw_counts_against_recall() -> None:
    found = visits(truth((1_000, 3_000), (5_000, 6_000)), stay(985, 3_010))
    assert found == Found(true=2, found=1, right=1)
    assert (found.precision, found.recall) == (1.0, 0.5)


def test_a_visit_found_in_two_pieces_is_right_once() -> None:
    found = visits(truth((1_000, 3_000)), [*stay(985, 2_000), *stay(2_100, 3_010)])
    assert found == Found(true=1, found=2, right=1)


def test_one_stay_over_two_visits_is_right_once() -> None:
    assert visits(truth((1_000, 2_000), (2_600, 3_000)), stay(985, 3_010)) == Found(2, 1, 1)


def test_a_stay_at_another_time_is_wrong() -> None:
    assert visits(truth((1_000, 3_000)), stay(4_000, 5_000)) == Found(1, 1, 0)


def test_driving_through_is_a_pass_and_no_visit() -> None:
    result = score(truth((1_000, 3_000)), [fence("entered", 500), fence("exited", 512), *stay(985, 3_010)])
    assert (result.visits, result.passes) == (Found(1, 1, 1), 1)


def test_a_stay_at_a_neighbours_is_told_and_no_visit() -> None:
    result = score(truth((1_000, 3_000)), [*stay(985, 3_010), *stay(990, 3_005, at=THERE)])
    assert (result.visits, result.stays_elsewhere) == (Found(1, 1, 1), 1)


def test_a_stay_that_has_not_ended_counts() -> None:
    assert visits(truth((1_000, 3_000)), stay(985, 3_010)[:2]) == Found(1, 1, 1)


def test_a_stop_is_right_when_its_kind_is() -> None:
    true = truth(stops=[("IDLE", 100, 500), ("PARKED", 900, 2_000), ("DEPOT", 3_000, 4_000)])
    events = [
        *(stop("began", "IDLE", 110), stop("ended", "IDLE", 510)),
        *(stop("began", "IDLE", 910), stop("ended", "IDLE", 1_990)),
    ]
    stops = score(true, events).stops
    assert stops["IDLE"] == Found(1, 2, 1)
    assert stops["PARKED"] == stops["DEPOT"] == Found(1, 0, 0)
    assert stops["BREAK"] == Found(0, 0, 0)


def test_a_stop_that_became_another_is_two() -> None:
    true = truth(stops=[("IDLE", 100, 500), ("PARKED", 500, 2_000)])
    events = [stop("began", "IDLE", 110), stop("became", "PARKED", 520), stop("ended", "PARKED", 2_010)]
    stops = score(true, events).stops
    assert stops["IDLE"] == stops["PARKED"] == Found(1, 1, 1)


def test_an_alarm_does_not_change_what_a_stop_is() -> None:
    true = truth(stops=[("PARKED", 100, 5_000)])
    events = [
        *(stop("began", "PARKED", 110), stop("became", "UNEXPLAINED", 800)),
        *(stop("alerted", "UNEXPLAINED", 800), stop("ended", "UNEXPLAINED", 5_000)),
    ]
    assert score(true, events).stops["PARKED"] == Found(1, 1, 1)


def signalled(events: Iterable[Conclusion], **fields: str) -> list[Signal]:
    return [
        Signal(id=conclusion_id(one), cause=Cause("technicians", 0, n, 0), event=one, **fields)
        for n, one in enumerate(events)
    ]


def test_signals_that_came_twice_count_once() -> None:
    signals = signalled(stay(985, 3_010))
    assert score(truth((1_000, 3_000)), [*signals, *signals]).visits == Found(1, 1, 1)


def test_what_was_retracted_does_not_count() -> None:
    wrong = signalled(stay(4_000, 5_000))
    back = [
        Signal(id=f"r{n}", cause=one.cause, event=one.event, retracts=one.id) for n, one in enumerate(wrong)
    ]
    assert score(truth((1_000, 3_000)), [*signalled(stay(985, 3_010)), *wrong, *back]).visits == Found(
        1, 1, 1
    )


def test_the_order_of_technicians_does_not_matter() -> None:
    events = [*stay(985, 3_010), stop("began", "ON_SITE", 990), stop("ended", "ON_SITE", 3_000)]
    true = truth((1_000, 3_000), stops=[("ON_SITE", 1_000, 3_000)])
    assert score(true, events) == score(true, events[::-1])


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    empty: Score = score(Truth(), [])
    assert (empty.visits.precision, empty.visits.recall) == (1.0, 1.0)


def test_the_report_has_plain_names() -> None:
    report = score(truth((1_000, 3_000)), stay(985, 3_010)).report()
    assert report["visits_true"] == report["visits_found"] == report["visits_right"] == 1
    stops = report["stops"]
    assert isinstance(stops, dict)
    assert set(stops) == {"ON_SITE", "BREAK", "DEPOT", "IDLE", "PARKED"}
    assert stops["IDLE"] == pytest.approx({"true": 0, "found": 0, "right": 0, "precision": 1, "recall": 1})
