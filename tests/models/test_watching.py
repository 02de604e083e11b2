"""From signals to what is told of risks."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.events import Cause, Conclusion, Ticked
from features.territory_events import (
    ArrivalPredicted,
    LifeChanged,
    RiskChanged,
    TechnicianBack,
    TechnicianLost,
)
from models.forecast import RiskState
from models.risk_params import RiskParams
from models.watching import Folded, fold
from tests.support.day_plans import at
from tests.support.routes import ZONE, assigned, located, models, moved, routed, said, stood, ticked

PARAMS = RiskParams(samples=64)
MODELS = models()


def causes(events: Sequence[Conclusion], first: int = 0) -> list[tuple[Cause, Conclusion]]:
    return [(Cause("signals", 0, first + at, 0), event) for at, event in enumerate(events)]


def run(*events: Conclusion, states: Mapping[str, RiskState] | None = None) -> Folded:
    return fold(states or {}, causes(events), MODELS, ZONE, PARAMS)


def risks(made: Sequence[object]) -> list[tuple[str, str | None, str | None]]:
    return [(one.appointment, one.before, one.level) for one in made if isinstance(one, RiskChanged)]


def outs(made: Sequence[object]) -> list[tuple[str, str, int]]:
    """Who is lost or back, of whom."""
    words = {TechnicianLost: "lost", TechnicianBack: "back"}
    return [(words[type(one)], one.territory, one.time_ms) for one in made if type(one) in words]


MORNING: tuple[Conclusion, ...] = (
    assigned(7, "a", (8, 9.5), planned_start_ms=at(8.5), expected_s=3_600.0),
    assigned(7, "b", (9, 11), km=4, planned_start_ms=at(9.75), expected_s=3_600.0),
    assigned(7, "c", (11, 12.2), km=8, planned_start_ms=at(11.2), expected_s=3_600.0),
    routed(7, "a", "b", "c"),
    said(8, "on_shift"),
    located(8, 0),
    said(8.3, "in_progress", "a"),
)
OVERRUN = (*MORNING, ticked(8.5), ticked(10), ticked(10.5), ticked(10.55), ticked(10.6), ticked(10.7))


def test_an_overrun_raises_the_risk_of_what_comes_after_it() -> None:
    changed, made = run(*OVERRUN)
    raised = [one for one in made if isinstance(one, RiskChanged) and one.appointment == "c"]
    assert raised[0].before is None
    assert raised[-1].level in ("AT_RISK", "CRITICAL")
    assert raised[-1].probability >= 0.5
    assert raised[-1].reasons[0].kind == "overrun"
    assert (raised[-1].territory, raised[-1].technician) == ("north", "ana")
    assert changed["ana"].standings["c"].level == raised[-1].level


def test_lives_are_told_as_they_come_with_the_territory() -> None:
    made = run(*MORNING, said(9.5, "completed", "a")).made
    told = [(one.territory, one.appointment, one.life) for one in made if isinstance(one, LifeChanged)]
    assert told == [("north", "a", "in_progress"), ("north", "a", "completed")]


def test_nothing_is_looked_at_before_a_tick() -> None:
    changed, made = run(*MORNING)
    assert changed["ana"].expected == {}
    assert changed["ana"].stale
    assert risks(made) == []


def test_a_tick_looks_at_all_that_is_due_and_leaves_the_rest() -> None:
    first = run(*MORNING, ticked(8.5)).changed
    assert first["ana"].evaluated_ms == at(8.5)
    assert set(first["ana"].expected) == {"a", "b", "c"}
    assert run(ticked(8.5 + 50 / 3600), states=first).changed == {}
    assert run(ticked(8.5 + 180 / 3600), states=first).changed["ana"].evaluated_ms == at(8.55)


def test_a_position_alone_is_no_reason_to_look_again() -> None:
    states = run(*MORNING, ticked(8.5)).changed
    assert not run(located(8.51, 1.0), states=states).changed["ana"].stale
    assert run(moved(8.51, "MOVING"), states=states).changed["ana"].stale


@pytest.mark.parametrize(
    "end",
    [
        assigned(10.8, "c", withdrawn=True),
        assigned(10.8, "c", (15, 16), km=8),
        assigned(10.8, "c", (11, 12.2), km=8, planned_start_ms=at(11.4), expected_s=3_600.0),
        said(10.8, "cancelled", "c"),
        said(10.8, "on_site", "c"),
        stood(10.8, "c"),
        routed(10.8, "a", "b", version=2),
    ],
)
def test_what_has_begun_ended_or_moved_is_cleared_at_once(end: Conclusion) -> None:
    before = run(*OVERRUN).changed
    level = before["ana"].standings["c"].level
    changed, made = run(end, states=before)
    assert ("c", level, None) in risks(made)
    assert "c" not in changed["ana"].standings


def test_a_little_change_of_the_plan_clears_nothing() -> None:
    before = run(*OVERRUN).changed
    again = assigned(10.8, "c", (11, 12.2), km=8, planned_start_ms=at(11.3), expected_s=3_600.0)
    changed, made = run(again, states=before)
    assert (made, changed["ana"].standings) == ([], before["ana"].standings)


def test_what_was_left_for_another_is_cleared_by_the_next_tick() -> None:
    before = run(*OVERRUN, said(10.75, "en_route", "c")).changed
    skipped = run(said(10.8, "in_progress", "c"), states=before).changed
    assert "a" in skipped["ana"].route.order
    made = run(ticked(10.9), states={**before, **skipped}).made
    assert all(name != "a" for name, _, _ in risks(made))


def test_without_a_territory_there_is_nobody_to_tell() -> None:
    nameless = (
        assigned(7, "a", (8, 9), territory=None),
        said(8, "en_route", "a"),
        ticked(12),
        ticked(12.1),
    )
    changed, made = run(*nameless)
    assert made == []
    assert changed["ana"].expected["a"].probability == 1.0


def test_a_late_window_is_told_by_the_first_tick_after_it() -> None:
    events = (assigned(7, "a", (8, 9), km=3), said(8, "on_shift"), ticked(8.2), ticked(9.01))
    assert risks(run(*events).made)[-1][2] == "LATE"


def test_a_technician_who_goes_home_puts_all_that_is_ahead_at_risk() -> None:
    made = run(*MORNING, said(8.4, "completed", "a"), said(8.6, "off_shift"), ticked(8.7), ticked(8.72)).made
    found = {one.appointment: one for one in made if isinstance(one, RiskChanged)}
    assert set(found) == {"b", "c"}
    assert {one.reasons[0].kind for one in found.values()} == {"technician_out"}
    assert {one.level for one in found.values()} == {"CRITICAL"}


def test_who_goes_off_shift_with_work_ahead_is_lost_a_minute_later_and_back_when_they_are() -> None:
    home = run(*MORNING, said(9, "off_shift"), ticked(9 + 50 / 3600))
    assert outs(home.made) == []
    lost = run(ticked(9 + 61 / 3600), ticked(9.1), states=home.changed)
    assert outs(lost.made) == [("lost", "north", at(9))]
    assert lost.changed["ana"].told_lost
    back = run(said(9.5, "on_shift"), ticked(9.6), states=lost.changed)
    assert outs(back.made) == [("back", "north", at(9.5))]
    assert not back.changed["ana"].told_lost


def test_who_tapped_by_mistake_is_not_lost() -> None:
    made = run(*MORNING, said(9, "off_shift"), said(9.01, "on_shift"), ticked(9.1), ticked(9.2)).made
    assert outs(made) == []


def test_who_goes_home_with_nothing_ahead_is_not_lost() -> None:
    done = [said(9, "completed", name) for name in ("a", "b", "c")]
    assert outs(run(*MORNING, *done, said(10, "off_shift"), ticked(10.1)).made) == []


def test_who_is_given_work_after_they_have_gone_home_is_lost_by_the_next_tick() -> None:
    done = [said(9, "completed", name) for name in ("a", "b", "c")]
    home = run(*MORNING, *done, said(10, "off_shift"), ticked(10.1)).changed
    given = run(assigned(11, "d", (12, 13)), routed(11, "d", version=2), ticked(11.01), states=home)
    assert outs(given.made) == [("lost", "north", at(10))]


def test_who_is_given_work_for_tomorrow_in_the_evening_is_not_lost() -> None:
    done = [said(9, "completed", name) for name in ("a", "b", "c")]
    home = run(*MORNING, *done, said(16.9, "off_shift"), ticked(17)).changed
    made = run(assigned(17.5, "d", (33, 34)), ticked(17.6), states=home).made
    assert outs(made) == []


def test_each_territory_hears_of_its_own_appointments() -> None:
    both = (
        *MORNING,
        assigned(7, "s", (13, 14), territory="south"),
        routed(7, "s", territory="south", version=4),
    )
    made = run(*both, said(9, "completed", "a"), said(9.1, "en_route", "s"), said(9.2, "en_route", "b")).made
    told = [(one.territory, one.appointment, one.life) for one in made if isinstance(one, LifeChanged)]
    assert told[1:] == [("north", "a", "completed"), ("south", "s", "en_route"), ("north", "b", "en_route")]
    late = run(*both, ticked(14.1)).made
    assert {(one.territory, one.appointment) for one in late if isinstance(one, RiskChanged)} == {
        ("north", "b"),
        ("north", "c"),
        ("south", "s"),
    }
    lost = run(*both, said(9, "off_shift"), ticked(9.1)).made
    assert [where for what, where, _ in outs(lost) if what == "lost"] == ["north", "south"]


def test_a_risk_is_told_anew_when_its_figures_have_moved() -> None:
    changed, made = run(*OVERRUN, *(ticked(10.7 + n / 20) for n in range(1, 20)))
    told = [one for one in made if isinstance(one, RiskChanged) and one.appointment == "c" and one.level]
    again = [one for one in told if one.level == one.before]
    assert again
    for one, after in pairwise(told):
        if after.level == after.before:
            assert (
                abs(after.late_min - one.late_min) >= 2.9 or abs(after.probability - one.probability) >= 0.1
            )
    standing, expected = changed["ana"].standings["c"], changed["ana"].expected["c"]
    assert standing.said_min == pytest.approx(expected.late_min, abs=3.0)
    assert told[-1].late_min == pytest.approx(standing.said_min, abs=0.1)


def test_arrivals_are_published_when_they_have_moved() -> None:
    minutes = [ticked(10.7 + minute / 60) for minute in range(1, 4)]
    changed, made = run(*OVERRUN, *minutes)
    said = [one for one in made if isinstance(one, ArrivalPredicted) and one.appointment == "c"]
    assert [one.for_customer for one in said[:2]] == [True, True]
    assert {one.territory for one in said} == {"north"}
    levels = {one.time_ms for one in made if isinstance(one, RiskChanged) and one.appointment == "c"}
    for one, after in pairwise(said):
        moved_ms = max(
            abs(after.p50_ms - one.p50_ms),
            abs(after.p80_ms - one.p80_ms) / 2,
            abs(after.p90_ms - one.p90_ms) / 2,
        )
        assert moved_ms >= 180_000 or after.time_ms in levels
    assert len(said) <= sum(isinstance(one, Ticked) for one in OVERRUN) + 1
    expected = changed["ana"].expected["c"]
    assert (said[-1].p50_ms, said[-1].p90_ms) == pytest.approx(
        (expected.start_p50_ms, expected.start_p90_ms), abs=360_000
    )
    assert all(one.p50_ms <= one.p80_ms <= one.p90_ms for one in said)


def test_of_what_has_begun_no_arrival_is_published() -> None:
    changed, made = run(*MORNING, ticked(8.5))
    assert {one.appointment for one in made if isinstance(one, ArrivalPredicted)} == {"b", "c"}
    assert set(changed["ana"].published) == {"b", "c"}


def test_causes_count_up_within_one_input() -> None:
    made = run(*MORNING, said(8.6, "off_shift"), ticked(8.7), ticked(8.72)).made
    assert [one.cause.index for one in made if one.cause.offset == 9] == [0, 1]
    assert [one.cause for one in made] == sorted(one.cause for one in made)


def test_states_are_not_changed_in_place() -> None:
    states = run(*MORNING).changed
    before = msgspec.json.encode(states)
    run(ticked(8.5), said(9, "completed", "a"), states=states)
    assert msgspec.json.encode(states) == before


def test_a_state_is_the_same_after_it_was_stored() -> None:
    state = run(*OVERRUN).changed["ana"]
    assert msgspec.json.decode(msgspec.json.encode(state), type=RiskState) == state


NAMES = st.sampled_from(["ana", "bo", "cy"])
APPOINTMENTS = st.sampled_from(["a", "b", "c"])
LIVES = st.sampled_from(["acknowledged", "en_route", "on_site", "in_progress", "completed", "cancelled"])
MOMENT = st.one_of(
    st.tuples(st.just("assign"), NAMES, APPOINTMENTS, st.floats(0, 2)),
    st.tuples(st.just("route"), NAMES, st.permutations(["a", "b", "c"]), st.integers(0, 3)),
    st.tuples(st.just("live"), NAMES, APPOINTMENTS, LIVES),
    st.tuples(st.just("duty"), NAMES, st.sampled_from(["on_shift", "off_shift"]), st.none()),
    st.tuples(st.just("locate"), NAMES, st.floats(0, 9), st.none()),
    st.tuples(st.just("tick"), st.none(), st.none(), st.none()),
    st.tuples(st.just("tick"), st.none(), st.none(), st.none()),
)


def signals_of(day: list[tuple]) -> list[Conclusion]:
    """A day from eight o'clock on, a moment every two minutes."""
    made: list[Conclusion] = []
    for number, (kind, who, what, more) in enumerate(day):
        hour = 8 + number / 30
        if kind == "assign":
            name = f"{who}-{what}"
            made.append(
                assigned(hour, name, (hour, hour + more), technician=who, km=5, planned_start_ms=at(hour))
            )
        elif kind == "route":
            made.append(routed(hour, *[f"{who}-{one}" for one in what], version=more, technician=who))
        elif kind == "live":
            made.append(said(hour, more, f"{who}-{what}", who))
        elif kind == "duty":
            made.append(said(hour, what, None, who))
        elif kind == "locate":
            made.append(located(hour, what, who))
        else:
            made.append(ticked(hour))
    return made


@given(st.lists(MOMENT, min_size=1, max_size=40), st.sets(st.integers(1, 39), max_size=5))
@settings(max_examples=60, deadline=None)
def test_it_does_not_matter_where_the_log_is_cut(day: list[tuple], cuts: set[int]) -> None:
    events = causes(signals_of(day))
    whole = fold({}, events, MODELS, ZONE, PARAMS)
    states: dict[str, RiskState] = {}
    made: list[object] = []
    bounds = [0, *sorted(cut for cut in cuts if cut < len(events)), len(events)]
    for begin, end in pairwise(bounds):
        part = fold(states, events[begin:end], MODELS, ZONE, PARAMS)
        stored = msgspec.json.decode(msgspec.json.encode(part.changed), type=dict[str, RiskState])
        states = {**states, **stored}
        made += part.made
    assert made == whole.made
    assert states == whole.changed
    assert fold({}, events, MODELS, ZONE, PARAMS) == whole


@pytest.mark.parametrize("cut", range(1, len(OVERRUN)))
def test_an_overrun_is_told_alike_wherever_the_log_is_cut(cut: int) -> None:
    whole = run(*OVERRUN)
    first = fold({}, causes(OVERRUN[:cut]), MODELS, ZONE, PARAMS)
    second = fold(first.changed, causes(OVERRUN[cut:], cut), MODELS, ZONE, PARAMS)
    assert first.made + second.made == whole.made
    assert {**first.changed, **second.changed} == whole.changed


@given(st.lists(MOMENT, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_every_change_of_a_level_begins_where_the_last_one_ended(day: list[tuple]) -> None:
    folded = run(*signals_of(day))
    levels: dict[tuple[str, str], str | None] = {}
    for one in folded.made:
        if isinstance(one, RiskChanged):
            key = (one.technician, one.appointment)
            assert one.before == levels.get(key)
            assert one.level is not None or one.before is not None
            levels[key] = one.level
    for name, state in folded.changed.items():
        for appointment, standing in state.standings.items():
            assert levels.get((name, appointment)) == standing.level
