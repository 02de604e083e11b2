"""A simulated day through codec and fold: what telemetry concludes is what happened."""

from collections import Counter

import pytest

from features.events import Flagged, Ping
from streams.simulator.day import Day
from streams.simulator.score import Score, score
from streams.simulator.world import World
from tests.support.simulated_days import Outcome, folded


@pytest.fixture(scope="module")
def outcome(day: Day) -> Outcome:
    return folded(day)


@pytest.fixture(scope="module")
def result(day: Day, outcome: Outcome) -> Score:
    return score(day.truth, outcome.conclusions)


def test_visits_are_found(result: Score) -> None:
    assert result.visits.true > 100
    assert result.visits.precision >= 0.97
    assert result.visits.recall >= 0.95
    assert result.arrival_error_p90_s < 60


@pytest.mark.parametrize("kind", ["ON_SITE", "BREAK", "DEPOT", "IDLE", "PARKED"])
def test_stops_are_told_apart(result: Score, kind: str) -> None:
    assert result.stops[kind].true > 0
    assert result.stops[kind].precision >= 0.75
    assert result.stops[kind].recall >= 0.75


def test_without_noise_everything_is_found_but_who_parks_round_the_corner(
    quiet_world: World, day: Day
) -> None:
    quiet = Day(quiet_world, day.day)
    found = score(quiet.truth, folded(quiet).conclusions).visits
    assert found.precision >= 0.98
    assert found.recall >= 0.98


def test_every_ping_is_kept_or_dropped_or_rejected_for_a_reason(day: Day, outcome: Outcome) -> None:
    counts, sent = outcome.counts, day.truth.pings
    malformed = sum(one.reason == "malformed" for one in outcome.rejections)
    dropped = sum(count for name, count in counts.items() if name.startswith("dropped."))
    assert counts["pings"] + malformed == sent["sent"] + sent["repeats"]
    assert counts["pings"] == counts["kept"] + dropped + counts.get("rejected_pings", 0)
    assert counts["dropped.duplicate"] == pytest.approx(sent["repeats"], rel=0.1)


def test_what_is_absurd_is_rejected_and_nothing_else(day: Day, outcome: Outcome) -> None:
    values = [one.value for one in day.messages(1)]
    pings = [value for value in values if isinstance(value, Ping)]
    nowhere = sum((one.lat, one.lon) == (0.0, 0.0) for one in pings)
    years_ahead = sum(one.time_ms > day.begin_ms + 1e10 for one in pings)
    assert nowhere >= day.truth.pings["null_island"] > 0
    reasons = Counter(one.reason for one in outcome.rejections)
    assert reasons == Counter(malformed=nowhere, future=years_ahead)


def test_clocks_that_run_ahead_are_reported(day: Day, outcome: Outcome) -> None:
    flagged = {
        one.technician
        for one in outcome.conclusions
        if isinstance(one, Flagged) and one.flag == "clock_ahead"
    }
    ahead = {one.who.technician for one in day.lived if one.truth.pings["clock_ahead"]}
    assert flagged == ahead != set()
