"""A partition's signals: whoever waits hears the time, and nothing depends on where a batch is cut."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from features.acknowledgement import AcknowledgementState
from features.acknowledgement_fold import Out, fold
from features.events import Cause, Conclusion, Reminder, StatusChanged
from features.territory_events import AcknowledgementChanged
from tests.support.asking import PARAMS, at, duty, said, sent, shift, ticks

Heard = list[tuple[Cause, Conclusion]]
WHO, JOBS = st.sampled_from(["ana", "bo", "cy"]), st.sampled_from(["a", "b"])
LIVES = ["delivered", "acknowledged", "declined", "en_route", "on_site", "completed"]


def heard(*events: Conclusion) -> Heard:
    return [(Cause("x.signals", 3, 100 + n, 0), event) for n, event in enumerate(events)]


def event(step: tuple[str, float, str, str, int]) -> Conclusion:
    kind, minute, who, job, n = step
    match kind:
        case "sent":
            return sent(minute, job, start=minute + 40 * n, who=who, emergency=n == 5)
        case "withdrawn":
            return sent(minute, job, who=who, withdrawn=True)
        case "shift":
            return shift(minute, minute + 10 * n, who=who)
        case "duty":
            return duty(minute, ["on_shift", "off_shift", "on_break"][n % 3], who=who)
        case "tick":
            return ticks(minute)[0]
    return said(minute, LIVES[n], job, who=who, inferred=minute % 5 == 0)


KINDS = st.sampled_from(["sent", "sent", "life", "life", "tick", "tick", "withdrawn", "shift", "duty"])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 15), WHO, JOBS, st.integers(0, 5)), max_size=60)


def log(steps: list[tuple[str, int, str, str, int]]) -> Heard:
    """Each so many minutes after the one before."""
    minutes = itertools.accumulate(step[1] for step in steps)
    return heard(*(event((step[0], minute, *step[2:])) for step, minute in zip(steps, minutes, strict=True)))


def test_time_passes_for_all_who_wait_and_causes_count_up() -> None:
    states, out = fold({}, heard(sent(0, "a", who="bo"), sent(0, "a", who="ana"), *ticks(9, 10)), PARAMS)
    assert [(cause, one.technician) for cause, one in out] == [
        (Cause("x.signals", 3, 103, 0), "ana"),
        (Cause("x.signals", 3, 103, 1), "bo"),
    ]
    assert states["ana"].due_ms is None


def test_what_the_territory_hears_names_its_cause() -> None:
    _, out = fold({}, heard(sent(0), said(1, "delivered"), *ticks(9)), PARAMS)
    assert out[0][1] == AcknowledgementChanged(
        territory="north",
        time_ms=at(1),
        cause=Cause("x.signals", 3, 101, 0),
        technician="ana",
        appointment="job",
        stage="delivered",
    )
    assert out[1][1] == Reminder(
        technician="ana", time_ms=at(9), appointment="job", cause=Cause("x.signals", 3, 102, 0)
    )
    assert out[2][0] == Cause("x.signals", 3, 102, 1)


def test_nobody_is_remembered_for_what_is_no_matter_here() -> None:
    assert fold({}, heard(said(0, "delivered"), *ticks(5)), PARAMS) == ({}, [])


@given(STEPS, st.lists(st.integers(0, 60), max_size=8))
def test_nothing_depends_on_where_a_batch_is_cut(
    steps: list[tuple[str, int, str, str, int]], places: list[int]
) -> None:
    whole = log(steps)
    states, out = fold({}, whole, PARAMS)
    bounds = [0, *sorted(min(place, len(whole)) for place in places), len(whole)]
    cut: dict[str, AcknowledgementState] = {}
    made: list[tuple[Cause, Out]] = []
    for begin, end in itertools.pairwise(bounds):
        # A store hands its states out in any order.
        changed, more = fold(dict(reversed(cut.items())), whole[begin:end], PARAMS)
        cut, made = cut | changed, made + more
    assert (cut, made) == (states, out)


@given(STEPS)
def test_whoever_acknowledges_has_said_or_done_it_at_that_time(
    steps: list[tuple[str, int, str, str, int]],
) -> None:
    whole = log(steps)
    _, out = fold({}, whole, PARAMS)
    done = {
        (event.technician, event.appointment, event.time_ms)
        for _, event in whole
        if isinstance(event, StatusChanged) and not event.inferred
    }
    acknowledged = [
        one for _, one in out if isinstance(one, AcknowledgementChanged) and one.stage == "acknowledged"
    ]
    assert {(one.technician, one.appointment, one.time_ms) for one in acknowledged} <= done


@given(STEPS)
def test_nothing_is_due_that_is_past(steps: list[tuple[str, int, str, str, int]]) -> None:
    end = ticks(10_000)
    states, _ = fold({}, [*log(steps), *heard(*end)], PARAMS)
    assert all(state.due_ms is None or state.due_ms > end[0].time_ms for state in states.values())
