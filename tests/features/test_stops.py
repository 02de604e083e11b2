"""What a stop is: days of one technician through the whole fold, read as (second, change, kind)."""

import pytest

from features import stops
from features.events import Inbound, StopChanged
from features.params import TelemetryParams
from features.stops import Params, Scene, Stop
from features.switches import Switches
from tests.support.days import (
    Run,
    assignment,
    at_ms,
    driving,
    fence,
    log,
    ping,
    replay,
    run,
    standing,
    status,
)

SITE = fence("site")
DEPOT = fence("depot", kind="depot")
CAFE = fence("cafe", kind="break_place")
OFF, ON = {"ignition": False}, {"ignition": True}


def told(result: Run) -> list[tuple[float, str, str]]:
    return [
        ((one.time_ms - at_ms(0)) / 1000, one.change, one.kind)
        for one in result.conclusions
        if isinstance(one, StopChanged)
    ]


def day(*parts: list[Inbound] | Inbound) -> list[Inbound]:
    """Parts of a day, by event time."""
    events = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    return sorted(events, key=lambda one: one.time_ms)


def test_ignition_off_is_parked_since_the_stop_began() -> None:
    result = replay(day(driving(0, 100, **ON), standing(110, 400, 1_200, **OFF)))
    assert told(result) == [(110, "began", "PARKED")]


def test_a_parked_vehicle_that_drives_off_ends_its_stop_with_the_first_fast_fix() -> None:
    result = replay(day(standing(0, 300, **OFF), driving(310, 400, 50, **ON)))
    assert told(result) == [(0, "began", "PARKED"), (310, "ended", "PARKED")]


def test_ignition_off_for_less_than_30_s_is_not_parked() -> None:
    result = replay(day(standing(0, 180, **ON), standing(190, 210, **OFF), standing(220, 260, **ON)))
    assert told(result) == []


@pytest.mark.parametrize(("until_s", "kinds"), [(190, []), (200, [(0, "began", "IDLE")])])
def test_ignition_on_for_200_s_is_idle(until_s: int, kinds: list[object]) -> None:
    assert told(replay(standing(0, until_s, **ON))) == kinds


def test_an_idle_vehicle_alerts_once_at_five_minutes() -> None:
    assert told(replay(standing(0, 900, **ON))) == [(0, "began", "IDLE"), (300, "alerted", "IDLE")]


def test_idle_ends_when_the_ignition_is_off_and_parked_begins_there() -> None:
    result = replay(day(standing(0, 250, **ON), standing(260, 400, **OFF)))
    assert told(result) == [(0, "began", "IDLE"), (260, "ended", "IDLE"), (260, "began", "PARKED")]


def test_idle_ends_above_5_kmh_though_nothing_moves_off_yet() -> None:
    creep = [ping(260, 16, **ON), *standing(270, 460, 16, **ON)]
    result = replay(day(standing(0, 250, **ON), creep))
    assert told(result) == [(0, "began", "IDLE"), (260, "ended", "IDLE"), (260, "began", "IDLE")]


def test_without_an_ignition_signal_nothing_is_idle_and_parked_takes_ten_minutes() -> None:
    assert told(replay(standing(0, 590))) == []
    assert told(replay(standing(0, 600))) == [(0, "began", "PARKED")]


def test_at_a_known_place_parked_takes_two_minutes() -> None:
    assert told(replay(standing(0, 130), [SITE])) == [(0, "began", "PARKED")]
    assert told(replay(standing(0, 130), [fence("zone", kind="territory")])) == []


def test_in_the_fence_of_an_open_appointment_a_stop_is_on_site_whatever_the_ignition() -> None:
    result = replay(day(assignment(0, "job", "site"), standing(10, 400, **ON)), [SITE])
    assert told(result) == [(10, "began", "ON_SITE")]
    began = result.told(StopChanged)[0]
    assert (began.fence, began.appointment) == ("site", "job")


@pytest.mark.parametrize(
    "words",
    [
        [],
        [assignment(0, "job", "elsewhere")],
        [assignment(0, "job", "site"), assignment(1, "job", "site", withdrawn=True)],
        [status(0, "on_site", "job"), status(1, "completed", "job"), assignment(0, "job", "site")],
    ],
    ids=["none", "another place", "withdrawn", "completed"],
)
def test_another_sites_fence_is_only_a_place(words: list[Inbound]) -> None:
    result = replay(day(words, standing(10, 400, **OFF)), [SITE])
    assert told(result) == [(10, "began", "PARKED")]


def test_on_site_lasts_until_the_fence_is_left_even_when_the_work_is_completed() -> None:
    work = [assignment(0, "job", "site"), status(200, "in_progress", "job"), status(400, "completed", "job")]
    result = replay(day(work, standing(10, 800, **OFF), driving(810, 900, 120, **ON)), [SITE])
    assert told(result) == [(10, "began", "ON_SITE"), (810, "ended", "ON_SITE")]


def test_moving_about_on_a_site_goes_on_being_on_site() -> None:
    big = fence("site", radius_m=800.0)
    about = [*driving(310, 350, 30, mps=5.0), *standing(360, 600, 240)]
    result = replay(day(assignment(0, "job", "site"), standing(10, 300), about), [big])
    assert told(result) == [(10, "began", "ON_SITE")]


def test_on_site_by_status_needs_no_fence_and_ends_with_moving() -> None:
    result = replay(day(standing(0, 300, **OFF), status(205, "in_progress"), driving(310, 400, 50)))
    assert told(result) == [(0, "began", "PARKED"), (205, "became", "ON_SITE"), (310, "ended", "ON_SITE")]


def test_on_site_by_status_ends_with_the_status_and_parked_counts_anew() -> None:
    work = [status(0, "in_progress", "job"), status(205, "completed", "job")]
    result = replay(day(work, standing(10, 400, **OFF)))
    assert told(result) == [(10, "began", "ON_SITE"), (205, "ended", "ON_SITE"), (205, "began", "PARKED")]


def test_on_site_by_status_learns_its_fence() -> None:
    work = [status(0, "in_progress", "job"), assignment(150, "job", "site")]
    result = replay(day(work, standing(10, 300)), [SITE])
    assert told(result) == [(10, "began", "ON_SITE")]
    assert result.technicians["ada"].stop.fence == "site"


def test_power_take_off_is_on_site() -> None:
    result = replay(day(standing(0, 200, **OFF), standing(210, 300, ignition=True, pto=True)))
    assert told(result) == [(0, "began", "PARKED"), (210, "became", "ON_SITE")]


def test_a_break_place_is_a_break_and_a_depot_a_depot() -> None:
    assert told(replay(standing(0, 300, **ON), [CAFE])) == [(0, "began", "BREAK")]
    assert told(replay(standing(0, 300, **ON), [DEPOT])) == [(0, "began", "DEPOT")]
    assert told(replay(standing(0, 300, **ON), [DEPOT, CAFE])) == [(0, "began", "BREAK")]


def test_on_a_break_by_duty_until_back_on_shift() -> None:
    duties = [status(0, "on_shift"), status(205, "on_break"), status(405, "on_shift")]
    result = replay(day(duties, standing(10, 600, **OFF)))
    assert told(result) == [
        (10, "began", "PARKED"),
        (205, "became", "BREAK"),
        (405, "ended", "BREAK"),
        (405, "began", "PARKED"),
    ]


def test_a_break_that_ends_in_the_depot_becomes_depot_when_it_ends() -> None:
    duties = [status(0, "on_break"), status(205, "on_shift")]
    result = replay(day(duties, standing(10, 400)), [DEPOT])
    assert told(result) == [(10, "began", "BREAK"), (205, "became", "DEPOT")]


def test_standing_past_the_latest_departure_is_unexplained_and_alerted_at_once() -> None:
    words = [status(0, "on_shift"), assignment(1, "job", "far", depart_by_s=900)]
    result = replay(day(words, standing(10, 1_000, **OFF)))
    assert told(result) == [
        (10, "began", "PARKED"),
        (900, "became", "UNEXPLAINED"),
        (900, "alerted", "UNEXPLAINED"),
    ]


def test_unexplained_takes_ten_minutes_though_the_departure_has_passed_before() -> None:
    words = [status(0, "on_shift"), assignment(1, "job", "far", depart_by_s=5)]
    result = replay(day(words, standing(10, 700, **OFF)))
    assert told(result)[1:] == [(610, "became", "UNEXPLAINED"), (610, "alerted", "UNEXPLAINED")]


def test_off_shift_nothing_is_unexplained() -> None:
    result = replay(day(assignment(1, "job", "far", depart_by_s=5), standing(10, 900, **OFF)))
    assert told(result) == [(10, "began", "PARKED")]


def test_unexplained_ends_when_somebody_else_goes() -> None:
    words = [
        status(0, "on_shift"),
        assignment(1, "job", "far", depart_by_s=5),
        assignment(715, "job", "far", withdrawn=True),
    ]
    result = replay(day(words, standing(10, 800, **OFF)))
    assert told(result)[-1] == (715, "became", "PARKED")


def test_silence_freezes_a_stop_and_proves_nothing() -> None:
    result = replay(day(standing(0, 250, **ON), standing(600, 700, **ON)))
    assert told(result) == [(0, "began", "IDLE")]
    result = replay(day(standing(0, 250, **ON), standing(600, 900, **ON)))
    assert told(result) == [(0, "began", "IDLE"), (900, "alerted", "IDLE")]


def test_a_vehicle_found_elsewhere_after_silence_has_ended_its_stop() -> None:
    result = replay(day(standing(0, 250, **OFF), standing(900, 960, 5_000, **ON)))
    assert told(result) == [(0, "began", "PARKED"), (900, "ended", "PARKED")]


def test_a_stop_without_a_reason_ends_unsaid() -> None:
    result = replay(day(standing(0, 150, **ON), driving(160, 300, 50, **ON)))
    assert told(result) == []
    assert result.technicians["ada"].stop is None


def test_a_word_during_silence_waits_for_the_next_fix() -> None:
    words = [status(600, "in_progress")]
    result = replay(day(standing(0, 250, **OFF), words, standing(900, 960, **OFF)))
    assert told(result) == [(0, "began", "PARKED"), (600, "became", "ON_SITE")]


def test_an_inexact_fix_tells_nothing_about_a_stop() -> None:
    inexact = standing(130, 200, accuracy_m=80.0, **OFF)
    result = run(log(day(standing(0, 120, **ON), inexact, [ping(206)])))
    assert told(result) == []


def test_the_same_stop_comes_back_when_nothing_is_new() -> None:
    stop = Stop("PARKED", 0, 0, 0, 0.0, 0.0)
    scene = Scene(600_000, "STOPPED", 0, 0.0, 0.0, 0.0, False, Switches(False, 0), (), {}, "on_shift", 0)
    assert stops.advance(stop, scene, Params()) == (stop, ())
    assert stops.advance(stop, scene, Params())[0] is stop


def test_every_limit_is_a_parameter() -> None:
    params = TelemetryParams(stops=Params(idle_after_s=120.0, idle_alert_s=150.0))
    assert told(replay(standing(0, 160, **ON), params=params)) == [
        (0, "began", "IDLE"),
        (150, "alerted", "IDLE"),
    ]


NEXT_DOOR = fence("next-door", 30.0)


def sites(result: Run) -> list[tuple[float, str, str | None, str | None]]:
    return [
        ((one.time_ms - at_ms(0)) / 1000, one.change, one.fence, one.appointment)
        for one in result.conclusions
        if isinstance(one, StopChanged)
    ]


def two_jobs(site: str, *said: Inbound) -> Run:
    """Fifty minutes at a place where both have their site, by what the app says."""
    given = [assignment(0, "first", "site"), assignment(1, "second", site)]
    return replay(day(given, standing(10, 3_000), *said), [SITE, NEXT_DOOR])


@pytest.mark.parametrize("site", ["site", "next-door"])
def test_where_the_next_appointment_begins_in_the_same_place_the_stop_becomes_its(site: str) -> None:
    result = two_jobs(
        site,
        status(200, "in_progress", "first"),
        status(1_000, "completed", "first"),
        status(1_205, "on_site", "second"),
        status(1_300, "in_progress", "second"),
    )
    assert sites(result) == [(10, "began", "site", "first"), (1_205, "became", site, "second")]


def test_a_stop_stays_with_its_appointment_while_none_there_has_come_further() -> None:
    result = two_jobs("next-door", status(200, "in_progress", "first"), status(900, "in_progress", "second"))
    assert sites(result) == [(10, "began", "site", "first")]
    result = two_jobs("next-door", status(200, "in_progress", "first"), status(900, "completed", "first"))
    assert sites(result) == [(10, "began", "site", "first")]


def test_of_two_sites_the_one_where_work_has_begun_explains_the_stop() -> None:
    result = two_jobs("next-door", status(5, "on_site", "second"))
    assert sites(result) == [(10, "began", "next-door", "second")]
