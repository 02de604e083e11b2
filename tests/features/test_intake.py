"""What arrives for a technician, through the whole fold: the roster, clocks, silence, suspects."""

import msgspec
import pytest

from features.events import (
    Dropped,
    FenceEvent,
    Flagged,
    MotionChanged,
)
from features.fold import Record
from features.ids import conclusion_id
from features.params import TelemetryParams
from features.rejection import Rejection
from tests.support.days import (
    Run,
    assignment,
    at_ms,
    fence,
    log,
    ping,
    profile,
    replay,
    run,
    standing,
    status,
    tick,
    ticks,
)

ROSTER = TelemetryParams(require_roster=True)


def reasons(result: Run) -> list[tuple[str, float]]:
    return [(one.reason, (one.time_ms - at_ms(0)) / 1000) for one in result.told(Dropped)]


def test_where_a_roster_is_required_others_are_unknown() -> None:
    events = [
        ping(0),
        status(1, "on_shift"),
        assignment(1, "job"),
        profile(2),
        ping(3),
        status(3, "on_shift"),
    ]
    result = run(log([*events, tick(60)]), params=ROSTER)
    assert [offset for offset, _ in result.rejections] == [0, 1, 2]
    assert result.rejections[0][1] == Rejection("unknown_technician", "'ada' is not on the roster")
    assert result.counts["rejected.unknown_technician"] == 3
    assert (result.counts["rejected_pings"], result.counts["kept"]) == (1, 1)


def test_a_profile_tells_who_somebody_is_and_the_newest_counts() -> None:
    entries = [
        profile(5, name="Ada", territory="north", skills=["gas"], groups=["vans"]),
        profile(4, name="Adah"),
        profile(6, name="Ada L."),
        profile(7, "ben", name="Ben"),
    ]
    result = run(log([*entries, tick(20)]))
    ada = result.technicians["ada"]
    assert (ada.name, ada.territory, ada.skills) == ("Ada L.", None, ())
    assert (result.technicians["ben"].name, result.counts["profiles"]) == ("Ben", 4)


def test_two_minutes_ahead_is_clamped_and_flagged_once() -> None:
    ahead = [Record(n, at_ms(10 * n), ping(10 * n + 60, source="box")) for n in range(3)]
    right = [Record(3, at_ms(30), ping(30)), Record(4, at_ms(40), ping(100)), Record(5, at_ms(99), tick(99))]
    result = run([*ahead, *right])
    flags = result.told(Flagged)
    assert [(offset, one.flag) for offset, one in result.made if isinstance(one, Flagged)] == [
        (0, "clock_ahead"),
        (4, "clock_ahead"),
    ]
    assert (flags[0].time_ms, flags[0].source) == (at_ms(0), "box")
    assert flags[0].detail.startswith("the clock is 60.0 s ahead")
    assert result.technicians["ada"].fix.time_ms == at_ms(40)


@pytest.mark.parametrize(
    "event", [ping(500), status(500, "on_shift"), assignment(500, "job"), profile(500), tick(500)], ids=str
)
def test_further_in_the_future_is_rejected_and_poisons_nothing(event: object) -> None:
    result = run([Record(7, at_ms(0), event), Record(8, at_ms(1), ping(1)), Record(9, at_ms(20), tick(20))])
    expected = Rejection("future", f"time_ms {at_ms(500)} is 500.0 s after its receipt")
    assert result.rejections == [(7, expected)]
    assert result.technicians["ada"].fix.time_ms == at_ms(1)
    assert result.partition.clock_ms == at_ms(20)


def test_a_suspect_that_nothing_follows_is_dropped_by_the_silence() -> None:
    assert reasons(replay([ping(0), ping(10, 20_000)])) == [("jump", 10)]


@pytest.mark.parametrize("later", [[], [ping(700)]], ids=["by tick", "by gap"])
def test_a_suspect_before_a_silence_is_never_believed(later: list[object]) -> None:
    said = [tick(260)] if not later else []
    result = replay([ping(0), ping(10, 3_000), *said, *later])
    assert reasons(result) == [("jump", 10)]


def test_suspects_kept_alive_by_inaccurate_pings_are_given_up_after_ten_minutes() -> None:
    alive = [ping(10 + 100 * n, accuracy_m=500.0) for n in range(1, 8)]
    result = run(log([ping(0), ping(10, 90_000), *alive[:6], tick(606), alive[6], tick(725)]))
    assert ("jump", 10) in reasons(result)
    assert result.told(MotionChanged) == []


def test_an_inaccurate_ping_proves_that_the_device_lives() -> None:
    alive = [ping(150 * n, accuracy_m=500.0) for n in range(1, 4)]
    result = run(log([ping(0), *alive, tick(600)]))
    assert result.told(MotionChanged) == []
    assert [reason for reason, _ in reasons(result)] == ["inaccurate"] * 3


def test_who_was_only_heard_inaccurately_has_no_place_to_be_silent_at() -> None:
    assert replay([ping(0, accuracy_m=500.0)]).told(MotionChanged) == []


def test_silence_by_ticks_and_by_the_gap_gives_the_same_events() -> None:
    by_gap = replay([*standing(0, 150), *standing(900, 1_050)])
    by_ticks = replay([*standing(0, 150), *ticks(357, 800), *standing(900, 1_050)])
    assert [one.motion for one in by_gap.told(MotionChanged)] == [
        "STOPPED", "NO_DATA", "OFFLINE", "STOPPED", "NO_DATA", "OFFLINE",
    ]  # fmt: skip
    assert [conclusion_id(one) for one in by_ticks.told(MotionChanged)] == [
        conclusion_id(one) for one in by_gap.told(MotionChanged)
    ]
    detected = [(one.time_ms - at_ms(0)) / 1000 for one in by_ticks.told(MotionChanged)]
    assert detected == [0, 350, 750, 900, 1250, 1650]


def test_when_all_silence_is_said_no_tick_is_due() -> None:
    assert replay([ping(0)]).technicians["ada"].due_ms is None


def test_a_way_through_silence_crosses_nothing() -> None:
    result = replay([ping(0), ping(300, 2_000), ping(310, 2_000)], [fence("site", 1_000.0)])
    assert result.told(FenceEvent) == []


def test_a_slow_clock_is_no_silence() -> None:
    slow = [Record(2 * n, at_ms(10 * n + 600), ping(10 * n, seq=n)) for n in range(90)]
    said = [Record(2 * n + 1, at_ms(10 * n + 605), tick(10 * n + 605)) for n in range(90)]
    result = run(sorted([*slow, *said], key=lambda one: one.offset), [fence("site")])
    assert [one.motion for one in result.told(MotionChanged)] == ["STOPPED"]
    assert [one.event for one in result.told(FenceEvent)] == ["entered", "dwelt"]
    later = run(
        [
            *slow,
            *[Record(200 + n, at_ms(1_500 + 10 * n), tick(1_500 + 10 * n)) for n in range(80)],
        ]
    )
    silences = [one for one in later.told(MotionChanged) if one.motion != "STOPPED"]
    assert [(one.motion, one.time_ms, one.detected_ms) for one in silences] == [
        ("NO_DATA", at_ms(1_090), at_ms(1_700)),
        ("OFFLINE", at_ms(1_490), at_ms(2_100)),
    ]


def test_batches_of_four_minutes_are_one_stay() -> None:
    sent = [(240 * (n // 24 + 1), ping(10 * n, seq=n)) for n in range(96)]
    said = [(seconds, tick(seconds)) for seconds in range(5, 1_200, 10)]
    records = [
        Record(offset, at_ms(seconds), event)
        for offset, (seconds, event) in enumerate(sorted([*sent, *said], key=lambda one: one[0]))
    ]
    result = run(records, [fence("site")])
    assert [one.event for one in result.told(FenceEvent)] == ["entered", "dwelt"]
    assert result.technicians["ada"].visits["site"].silent_ms == 0


def test_a_roster_entry_waits_for_its_turn_like_words() -> None:
    site = msgspec.structs.replace(fence("site"), groups=("vans",))

    def told(received_s: float) -> list[tuple[str, int]]:
        came = [(2 * n + 0.1, ping(2 * n)) for n in range(8)] + [(received_s, profile(7, groups=["vans"]))]
        came = [*sorted(came, key=lambda one: one[0]), (60, tick(60))]
        records = [Record(n, at_ms(seconds), event) for n, (seconds, event) in enumerate(came)]
        return [(one.event, one.time_ms) for one in run(records, [site]).told(FenceEvent)]

    assert told(8) == told(11.9) == [("entered", at_ms(8))]


def test_of_two_roster_entries_of_one_time_arrival_decides_nothing() -> None:
    one, other = profile(10, groups=["a"]), profile(10, groups=["b"])
    first, second = (run(log([*both, tick(20)])) for both in ((one, other), (other, one)))
    assert first.technicians["ada"].groups == second.technicians["ada"].groups


def test_an_older_status_changes_nothing_and_is_counted() -> None:
    said = [status(0, "in_progress", "job"), tick(10), status(-5, "on_site", "job"), tick(20)]
    assert run(log(said)).counts["outdated_statuses"] == 1


@pytest.mark.parametrize("known", [10, None], ids=["one wrong tick", "the first tick of all"])
def test_a_wrong_clock_makes_nobody_silent_for_long(known: float | None) -> None:
    sent = [(10 * n + 0.5, ping(10 * n, seq=n)) for n in range(100)]
    said = [(5 * n, tick(5 * n)) for n in range(62, 200)] + [(300.6, tick(3_900))]
    said += [] if known is None else [(known, tick(known))]
    came = sorted([*sent, *said], key=lambda one: one[0])
    records = [
        Record(n, max(event.time_ms, at_ms(seconds)), event) for n, (seconds, event) in enumerate(came)
    ]
    result = run(records)
    state = result.technicians["ada"]
    assert (state.motion.kind, result.partition.clock_ms) == ("STOPPED", at_ms(995))
    assert [one.motion for one in result.told(MotionChanged)] == (
        ["STOPPED"] if known else ["STOPPED", "NO_DATA", "OFFLINE", "STOPPED"]
    )
