"""Records through the whole fold: what is kept, dropped, rejected, flagged and concluded."""

import msgspec
from msgspec.structs import replace

from features.events import (
    Assignment,
    AssignmentPassed,
    Cause,
    Dropped,
    FenceEvent,
    Flagged,
    Located,
    MotionChanged,
    Profile,
    Reminder,
    RoutePassed,
    StatusChanged,
    StopChanged,
    Ticked,
)
from features.fold import Record, fold
from features.geo import cell_of
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
    route,
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
    assert result.counts == {"pings": 1, "kept": 1, "ticks": 13}


def test_nobody_is_made_of_what_is_rejected() -> None:
    assert run(log([ping(0)]), params=ROSTER).technicians == {}
    assert run([Record(0, at_ms(0), ping(500))]).technicians == {}


def test_a_repeated_message_is_a_duplicate_and_not_worth_a_message() -> None:
    fixes = [ping(10 * n, seq=n) for n in range(16)]
    result = replay([*fixes[:2], fixes[1], *fixes[2:], fixes[0]])
    assert result.counts["dropped.duplicate"] == 2
    assert reasons(result) == []


def test_a_late_fix_is_dropped_and_told() -> None:
    assert reasons(replay([ping(0), ping(20), ping(40), ping(5)])) == [("late", 5)]


def test_what_could_not_be_decoded_is_counted_and_passed_on() -> None:
    broken = Rejection("malformed", "no value")
    result = run(log([broken, ping(0)]))
    assert result.rejections == [(0, broken)]
    assert (result.counts["rejected.malformed"], result.counts["pings"]) == (1, 1)


def test_a_jump_is_dropped_with_its_reason() -> None:
    assert reasons(replay([ping(0), ping(10, 20_000), ping(20), ping(30)])) == [("jump", 10)]


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


def test_a_route_is_passed_on_in_its_turn_and_leaves_no_trace() -> None:
    given, second = route(0, 3, ["job", "other"]), route(1, 4, ["other"])
    result = run(log([second, given, assignment(0, "job"), tick(10)]))
    assert result.told(AssignmentPassed, RoutePassed) == [
        AssignmentPassed("ada", at_ms(0), assignment(0, "job")),
        RoutePassed("ada", at_ms(0), given),
        RoutePassed("ada", at_ms(1), second),
    ]
    assert list(result.technicians["ada"].agenda) == ["job"]
    assert result.counts["routes"] == 2


def test_a_reminder_is_counted_and_changes_nothing() -> None:
    result = run(log([Reminder(technician="ada", time_ms=at_ms(0), appointment="job"), tick(10)]))
    assert (result.technicians, result.rejections) == ({}, [])
    assert result.counts == {"reminders": 1, "ticks": 1}


def test_a_position_is_told_with_the_first_fix_after_a_minute() -> None:
    fixes = driving(0, 170, mps=10.0, every_s=7)
    located = replay(fixes).told(Located)
    assert [(one.time_ms - at_ms(0)) / 1000 for one in located] == [0, 63, 126]
    assert [(one.lat, one.motion) for one in located] == [
        (fixes[0].lat, None),
        (fixes[9].lat, "MOVING"),
        (fixes[18].lat, "MOVING"),
    ]


def test_the_time_between_positions_is_that_of_the_fixes_however_late_they_come() -> None:
    two = [ping(0), ping(61), ping(90), ping(0, technician="ben")]
    assert [(one.technician, one.time_ms) for one in run(log([*two, tick(100)])).told(Located)] == [
        ("ada", at_ms(0)),
        ("ada", at_ms(61)),
        ("ben", at_ms(0)),
    ]


def test_ticks_that_advance_the_clock_are_passed_on_after_all_that_they_released() -> None:
    result = run(log([ping(0), tick(10), tick(10), tick(9), tick(110), tick(2_000), tick(220)]))
    assert [(offset, type(one)) for offset, one in result.made] == [
        (1, Located),
        (1, Ticked),
        (4, Ticked),
        (6, MotionChanged),
        (6, Ticked),
    ]
    assert [one.time_ms for one in result.told(Ticked)] == [at_ms(10), at_ms(110), at_ms(220)]


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


def test_a_source_in_another_unit_is_flagged() -> None:
    flags = replay(driving(0, 300, speed_mps=12 * 2.237, source="buses")).told(Flagged)
    assert [(one.flag, one.source) for one in flags] == [("speed_unit_suspect", "buses")]
    assert "miles an hour" in flags[0].detail


def test_what_follows_is_told_of_the_record_that_released_it() -> None:
    records = log([*standing(0, 120), ping(125, accuracy_m=500.0), ping(130)])
    cut = run([*records, Record(99, at_ms(140), tick(140))])
    made = [(offset, type(one)) for offset, one in cut.made if type(one) is not Located]
    assert made == [(13, MotionChanged), (14, Dropped), (99, Ticked)]


def test_arrival_is_told_before_the_steps() -> None:
    ahead = Record(99, at_ms(185), ping(300))
    made = run([*log(standing(0, 120)), ahead]).made
    assert [type(one) for offset, one in made if offset == 99] == [Flagged, MotionChanged, Located]


def test_of_those_due_at_one_tick_the_names_give_the_order() -> None:
    result = run(log([ping(0, technician="zoe"), ping(0), ping(0, technician="mia"), tick(900)]))
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


def test_what_our_agents_sent_again_after_a_crash_counts_once() -> None:
    def given(seconds: float, name: str, offset: int) -> Assignment:
        return replace(assignment(seconds, name), cause=Cause("x.plans", 3, offset, 0))

    first, second = given(0, "j1", 7), given(1, "j2", 8)
    events = [first, second, first, second, assignment(2, "j3"), given(3, "j4", 9)]
    records = [Record(n, at_ms(10 + n), event) for n, event in enumerate(events)]
    sent_back = Record(6, at_ms(16), given(4, "j5", 1), sent_back=True)
    for cuts in ([], [3], range(1, 7)):
        result = run([*records, sent_back, Record(7, at_ms(120), tick(120))], cuts=cuts, stored=True)
        told = [one.assignment.appointment for one in result.told(AssignmentPassed)]
        assert told == ["j1", "j2", "j3", "j4", "j5"]
        assert result.counts["repeated"] == 2
        assert result.counts["assignments"] == 5
