"""What technicians tap: late, sometimes not at all, but never what can't be."""

from collections import Counter
from itertools import pairwise

import pytest

from features.appointment import NEXT
from features.duty import NEXT as DUTIES
from features.events import Status
from streams.simulator.seeds import generator
from streams.simulator.taps import TapParams, Taps
from streams.simulator.truth import Act

MINUTE_MS = 60_000
NEVER_FORGETS = TapParams(
    forgotten_en_route_share=0.0,
    forgotten_on_site_share=0.0,
    forgotten_in_progress_share=0.0,
    forgotten_end_share=0.0,
    forgotten_break_share=0.0,
    forgotten_off_shift_share=0.0,
)


def acts(*said: str) -> list[Act]:
    """One a minute, as `status` or `status:appointment`."""
    parts = [one.split(":") for one in said]
    return [Act("tech-01", n * MINUTE_MS, part[0], (part[1:] or [None])[0]) for n, part in enumerate(parts)]


A_DAY = acts(
    *(
        "on_shift",
        "delivered:a",
        "acknowledged:a",
        "acknowledged:b",
        "acknowledged:c",
        "en_route:a",
        "on_site:a",
        "in_progress:a",
        "completed:a",
        "on_break",
        "on_shift",
    ),
    *("en_route:b", "on_site:b", "no_access:b", "en_route:c", "on_site:c", "in_progress:c"),
    *("incomplete:c", "off_shift"),
)


def told(params: TapParams, seed: int = 1) -> list[Status]:
    taps = Taps(generator(seed, "taps"), params)
    return [status for act in A_DAY for status in taps.tap(act)]


def refused(statuses: list[Status]) -> int:
    """How many telemetry's tables of what may follow would refuse."""
    before: dict[str | None, str | None] = {None: None, **dict.fromkeys("abc", "dispatched")}
    count = 0
    for one in statuses:
        table = DUTIES if one.appointment is None else NEXT
        if one.status in table[before[one.appointment]]:
            before[one.appointment] = one.status
        else:
            count += 1
    return count


def test_who_never_forgets_says_everything_in_order() -> None:
    said = [(one.status, one.appointment) for one in told(NEVER_FORGETS)]
    assert said == [(act.status, act.appointment) for act in A_DAY]


@pytest.mark.parametrize("seed", range(50))
def test_no_sequence_is_impossible(seed: int) -> None:
    forgetful = TapParams(
        forgotten_en_route_share=0.4,
        forgotten_on_site_share=0.4,
        forgotten_in_progress_share=0.4,
        forgotten_end_share=0.4,
        forgotten_break_share=0.4,
        forgotten_off_shift_share=0.4,
    )
    assert refused(told(forgetful, seed)) == 0


def test_impossible_ones_come_when_they_are_asked_for() -> None:
    assert refused(told(TapParams(impossible_share=1.0))) == 3


def test_taps_are_late_but_never_at_once() -> None:
    statuses = told(NEVER_FORGETS)
    assert all(after.time_ms - before.time_ms >= 1_000 for before, after in pairwise(statuses))
    due = {(act.status, act.appointment): act.time_ms for act in A_DAY}
    late = [one.time_ms - due[one.status, one.appointment] for one in statuses if one.status in ("en_route",)]
    assert min(late) > 0


def test_what_is_forgotten_is_forgotten_as_often_as_it_should_be() -> None:
    params = TapParams(forgotten_on_site_share=0.25, forgotten_en_route_share=0.0)
    counts = Counter(one.status for seed in range(400) for one in told(params, seed))
    assert counts["on_site"] / 1_200 == pytest.approx(0.75, abs=0.05)
    assert counts["no_access"] == counts["completed"] == counts["incomplete"] == 400
