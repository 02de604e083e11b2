"""Records through the whole fold: what is kept, dropped, rejected, flagged and concluded."""

import msgspec
import pytest

from features.events import (
    AssignmentPassed,
    Dropped,
    FenceEvent,
    Flagged,
    MotionChanged,
    Profile,
    StatusChanged,
    StopChanged,
)
from features.fold import Record, fold
from features.geo import cell_of
from features.ids import conclusion_id
from features.params import TelemetryParams
from features.rejection import Refused, Rejection
from features.technician import PartitionState, TechnicianState
from tests.support.days import (
    HOME,
    Run,
    assignment,
    at_ms,
    driving,
    fence,
    index_of,
    log,
    ping,
    profile,
    replay,
    run,
    standing,
    status,
    tick,
)

ROSTER = TelemetryParams(require_roster=True)


def reasons(result: Run) -> list[tuple[str, float]]:
    return [(one.reason, (one.time_ms - at_ms(0)) / 1000) for one in result.told(Dropped)]


def test_a_first_ping_registers_its_technician() -> None:
    result = replay([ping(0)])
    state = result.technicians["ada"]
    assert state.fix.time_ms == at_ms(0)
    assert state.cell == cell_of(*HOME, 9)
    assert result.counts == {"pings": 1, "kept": 1, "ticks": 2}


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


def test_nobody_is_made_of_what_is_rejected() -> None:
    assert run(log([ping(0)]), params=ROSTER).technicians == {}
    assert run([Record(0, at_ms(0), ping(500))]).technicians == {}


def test_a_profile_tells_who_somebody_is_and_the_newest_counts() -> None:
    entries = [
        profile(5, name="Ada", territory="north", skills=["gas"], groups=["vans"]),
        profile(4, name="Adah"),
        profile(6, name="Ada L."),
        profile(7, "ben", name="Ben"),
    ]
    result = run(log(entries))
    ada = result.technicians["ada"]
    assert (ada.name, ada.territory, ada.skills) == ("Ada L.", None, ())
    assert (result.technicians["ben"].name, result.counts["profiles"]) == ("Ben", 4)


def test_a_repeated_message_is_a_duplicate_however_late_it_comes() -> None:
    fixes = [ping(10 * n, seq=n) for n in range(4)]
    result = replay([*fixes[:2], fixes[1], *fixes[2:], fixes[0]])
    assert reasons(result) == [("duplicate", 10), ("duplicate", 0)]
    assert result.told(Dropped)[0].ping == fixes[1]


def test_a_late_fix_is_dropped_and_told() -> None:
    assert reasons(replay([ping(0), ping(20), ping(40), ping(5)])) == [("late", 5)]


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


def test_what_could_not_be_decoded_is_counted_and_passed_on() -> None:
    broken = Rejection("malformed", "no value")
    result = run(log([broken, ping(0)]))
    assert result.rejections == [(0, broken)]
    assert (result.counts["rejected.malformed"], result.counts["pings"]) == (1, 1)


def test_a_jump_is_dropped_with_its_reason() -> None:
    assert reasons(replay([ping(0), ping(10, 20_000), ping(20), ping(30)])) == [("jump", 10)]


def test_a_suspect_that_nothing_follows_is_dropped_by_the_silence() -> None:
    assert reasons(replay([ping(0), ping(10, 20_000)])) == [("jump", 10)]


@pytest.mark.parametrize("later", [[], [ping(700)]], ids=["by tick", "by gap"])
def test_a_suspect_before_a_silence_is_never_believed(later: list[object]) -> None:
    ticks = [tick(260)] if not later else []
    result = replay([ping(0), ping(10, 3_000), *ticks, *later])
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
    ticks = [tick(seconds) for seconds in (357, 400, 760, 800)]
    by_ticks = replay([*standing(0, 150), *ticks, *standing(900, 1_050)])
    assert [one.motion for one in by_gap.told(MotionChanged)] == [
        "STOPPED", "NO_DATA", "OFFLINE", "STOPPED", "NO_DATA", "OFFLINE",
    ]  # fmt: skip
    assert [conclusion_id(one) for one in by_ticks.told(MotionChanged)] == [
        conclusion_id(one) for one in by_gap.told(MotionChanged)
    ]
    detected = [(one.time_ms - at_ms(0)) / 1000 for one in by_ticks.told(MotionChanged)]
    assert detected == [0, 350, 750, 900, 1250, 1650]


def test_a_tick_changes_only_who_is_due() -> None:
    first = run(log([ping(0), ping(100, technician="ben"), tick(106)]))
    due_ms = {name: state.due_ms for name, state in first.technicians.items()}
    assert due_ms == {"ada": at_ms(205) + 1, "ben": at_ms(305) + 1}
    folded = fold(
        first.technicians,
        first.partition,
        [Record(3, at_ms(206), tick(206))],
        index_of([]),
        TelemetryParams(),
    )
    assert list(folded.technicians) == ["ada"]
    assert folded.partition_state.clock_ms == at_ms(206)


def test_when_all_silence_is_said_no_tick_is_due() -> None:
    assert replay([ping(0)]).technicians["ada"].due_ms is None


def test_a_tick_that_comes_again_changes_nothing() -> None:
    first = run(log([ping(0), tick(10)]))
    folded = fold(
        first.technicians, first.partition, [Record(2, at_ms(10), tick(9))], index_of([]), TelemetryParams()
    )
    assert folded.technicians == {}
    assert folded.partition_state.counts["ticks"] == 2


def test_an_impossible_transition_is_rejected_at_its_own_offset_with_the_status() -> None:
    completed = status(10, "completed", "job")
    result = run(log([status(0, "en_route", "job"), completed, tick(4), tick(20)]), cuts=[2, 3])
    offset, rejection = result.rejections[0]
    assert (offset, rejection.reason) == (1, "impossible_transition")
    assert rejection.refused == Refused(at_ms(10.5), completed)
    assert [one.after for one in result.told(StatusChanged)] == ["en_route"]
    assert result.counts["rejected.impossible_transition"] == 1


def test_an_assignment_is_passed_on() -> None:
    given = assignment(0, "job", "site")
    assert replay([given]).told(AssignmentPassed) == [AssignmentPassed("ada", at_ms(0), given)]


def test_fences_are_entered_and_left_and_who_is_on_shift_breaches_a_territory() -> None:
    fences = [fence("site", 600.0), fence("zone", 0.0, 900.0, "territory")]
    result = replay([status(0, "on_shift"), *driving(1, 250, mps=8.0)], fences)
    assert [(one.fence, one.event, one.rule) for one in result.told(FenceEvent)] == [
        ("zone", "entered", None),
        ("site", "entered", None),
        ("site", "exited", None),
        ("zone", "exited", None),
        ("zone", "breached", "left_territory"),
    ]


def test_a_way_through_silence_crosses_nothing() -> None:
    result = replay([ping(0), ping(300, 2_000), ping(310, 2_000)], [fence("site", 1_000.0)])
    assert result.told(FenceEvent) == []


def test_a_source_in_another_unit_is_flagged() -> None:
    flags = replay(driving(0, 300, speed_mps=12 * 2.237, source="buses")).told(Flagged)
    assert [(one.flag, one.source) for one in flags] == [("speed_unit_suspect", "buses")]
    assert "miles an hour" in flags[0].detail


def test_what_follows_is_told_of_the_record_that_released_it() -> None:
    records = log([*standing(0, 120), ping(125, accuracy_m=500.0), ping(130)])
    cut = run([*records, Record(99, at_ms(140), tick(140))])
    assert [(offset, type(one)) for offset, one in cut.made] == [(13, MotionChanged), (14, Dropped)]


def test_arrival_is_told_before_the_steps() -> None:
    ahead = Record(99, at_ms(185), ping(300))
    made = run([*log(standing(0, 120)), ahead]).made
    assert [(offset, type(one)) for offset, one in made] == [(99, Flagged), (99, MotionChanged)]


def test_of_those_due_at_one_tick_the_names_give_the_order() -> None:
    result = run(log([ping(0, technician="zoe"), ping(0), ping(0, technician="mia"), tick(6), tick(900)]))
    assert [one.technician for one in result.told(MotionChanged)] == [
        "ada", "ada", "mia", "mia", "zoe", "zoe",
    ]  # fmt: skip


def test_who_is_not_touched_is_not_among_the_changed() -> None:
    first = run(log([ping(0), ping(0, technician="ben")]))
    folded = fold(first.technicians, first.partition, log([ping(10)]), index_of([]), TelemetryParams())
    assert list(folded.technicians) == ["ada"]


def test_a_state_survives_its_json_and_is_small() -> None:
    day = [profile(0, name="Ada Lovelace", territory="north"), status(1, "on_shift")]
    day += [assignment(2, f"job-{n}", "site", depart_by_s=9_000) for n in range(3)]
    fixes = standing(10, 400, ignition=False, seq=1)
    numbered = [msgspec.structs.replace(one, seq=n) for n, one in enumerate(fixes)]
    state = run(log([*day, *numbered]), [fence("site")]).technicians["ada"]
    text = msgspec.json.encode(state)
    assert msgspec.json.decode(text, type=TechnicianState) == state
    assert len(text) < 1_400


def test_nothing_comes_of_nothing() -> None:
    folded = fold({}, PartitionState(), [], index_of([]), TelemetryParams())
    assert (folded.technicians, folded.conclusions, folded.rejections) == ({}, [], [])
    assert folded.partition_state == PartitionState()


def test_a_day_on_site_reads_as_it_happened() -> None:
    site = fence("site", 1_200.0)
    day = [
        profile(0),
        status(1, "on_shift"),
        assignment(2, "job", "site", depart_by_s=900),
        status(5, "en_route", "job"),
        *driving(10, 110, ignition=True),
        *standing(120, 600, 1_200, ignition=False),
        status(150, "in_progress", "job"),
        status(590, "completed", "job"),
        *driving(610, 700, 1_250, ignition=True),
    ]
    result = replay(sorted(day, key=lambda one: (one.time_ms, not isinstance(one, Profile))), [site])
    told = [
        getattr(one, "motion", None) or getattr(one, "after", None) or (one.change, one.kind)
        for one in result.told(MotionChanged, StatusChanged, StopChanged)
    ]
    assert told == [
        "on_shift",
        "en_route",
        "MOVING",
        "in_progress",
        "STOPPED",
        ("began", "ON_SITE"),
        "completed",
        "MOVING",
        ("ended", "ON_SITE"),
        "NO_DATA",
        "OFFLINE",
    ]
