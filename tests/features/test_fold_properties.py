"""What must hold for any day: cut it anywhere, shuffle it within the buffer, count it."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import cycle

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from features.events import Conclusion, Dropped, Inbound, Tick, Ticked
from features.fold import Record
from features.ids import conclusion_id
from tests.support.days import Run, assignment, at_ms, fence, ping, profile, route, run, status

FENCES = [
    fence("site-1", 0.0),
    fence("site-2", 900.0),
    fence("depot", 400.0, kind="depot"),
    fence("cafe", 1300.0, kind="break_place"),
    fence("forbidden", 2000.0, 150.0, kind="no_go"),
    fence("north", 300.0, 700.0, kind="territory"),
    replace(fence("yard", 600.0), groups=("vans",)),
]
WORDS = [
    *(("duty", one) for one in ("on_shift", "on_break", "off_shift")),
    *(
        ("life", one)
        for one in (
            "delivered",
            "acknowledged",
            "declined",
            "en_route",
            "on_site",
            "in_progress",
            "completed",
            "no_access",
        )
    ),
]
OTHER_WORDS = [
    *(("assign", one) for one in ("given", "taken")),
    *(("enroll", one) for one in ("vans", "cars")),
    *(("route", one) for one in ("1", "2")),
]


class Leg(msgspec.Struct, frozen=True):
    """A part of a technician's day: a word or an assignment, then fixes at one pace, some of them odd."""

    technician: str
    pause_s: float
    pace_mps: float
    every_s: float
    fixes: int
    ignition: bool | None
    accuracies: list[float | None]
    said: tuple[str, str] | None
    odd: dict[int, str]


legs = st.builds(
    Leg,
    st.sampled_from(["ada", "ben"]),
    st.sampled_from([0.0, 0.0, 10.0, 119.0, 201.0, 450.0, 700.0]),
    st.sampled_from([0.0, 0.0, 0.0, 0.4, 1.6, 8.0, -12.0]),
    st.sampled_from([1.0, 4.0, 10.0, 10.0, 30.0, 119.0]),
    st.integers(1, 25),
    st.sampled_from([None, True, False]),
    st.lists(st.sampled_from([None, 3.0, 5.0, 5.0, 12.0, 49.0, 70.0, 130.0]), min_size=1, max_size=4),
    st.none() | st.sampled_from([*WORDS, *OTHER_WORDS]),
    st.dictionaries(st.integers(0, 24), st.sampled_from(["jump", "twin", "copied"]), max_size=4),
)
days = st.lists(legs, min_size=1, max_size=8)


def events_of(day: list[Leg]) -> list[Inbound]:
    """What is sent on a day, repeated messages included."""
    clocks = {"ada": Clock(0.0, 0.0), "ben": Clock(3.0, 900.0)}
    return [event for leg in day for event in _leg(leg, clocks[leg.technician])]


class Clock(msgspec.Struct):
    time_s: float
    north_m: float
    seq: int = 0


def _leg(leg: Leg, clock: Clock) -> Iterator[Inbound]:
    clock.time_s += leg.pause_s
    if leg.said is not None:
        yield _word(leg.technician, clock.time_s, *leg.said)
    for n in range(leg.fixes):
        clock.time_s += leg.every_s
        clock.north_m += leg.every_s * leg.pace_mps
        clock.seq += 1
        accuracy_m, odd = leg.accuracies[n % len(leg.accuracies)], leg.odd.get(n)
        north_m = clock.north_m + (30_000.0 if odd == "jump" else 0.0)
        fix = partial(ping, clock.time_s, technician=leg.technician, ignition=leg.ignition)
        yield fix(north_m, seq=clock.seq, accuracy_m=accuracy_m)
        if odd == "copied":
            yield fix(north_m, seq=clock.seq, accuracy_m=accuracy_m)
        if odd == "twin":
            yield fix(north_m + 7.0, accuracy_m=11.0)


def _word(technician: str, time_s: float, group: str, said: str) -> Inbound:
    if group == "duty":
        return status(time_s, said, technician=technician)
    if group == "life":
        return status(time_s, said, "job-1", technician)
    if group == "route":
        return route(time_s, int(said), ["job-1"], technician)
    if group == "enroll":
        return profile(time_s, technician, groups=[said], territory="north")
    return assignment(
        time_s,
        "job-1",
        "site-1",
        depart_by_s=time_s + 60,
        withdrawn=said == "taken",
        technician=technician,
    )


def received(events: list[Inbound], delays_ms: list[int]) -> list[Record]:
    """The log: each event comes some milliseconds after its event time; ticks in between and at the end.

    With a delay below 0 it comes from a clock that is ahead.
    """
    delays = cycle(delays_ms)
    came = [(max(0, event.time_ms + next(delays)), event) for event in events]
    last_ms = max(time_ms for time_ms, _ in came)
    ticks = [Tick(time_ms=time_ms) for time_ms in range(at_ms(0), last_ms + 1_300_000, 20_000)]
    ordered = sorted([*came, *((one.time_ms, one) for one in ticks)], key=lambda one: one[0])
    return [Record(offset, time_ms, event) for offset, (time_ms, event) in enumerate(ordered)]


def undated(conclusion: Conclusion) -> bytes:
    """A conclusion without the time at which it was known."""
    known = msgspec.to_builtins(conclusion)
    known.pop("detected_ms", None)
    return msgspec.json.encode(known, order="deterministic")


def told(result: Run) -> Counter[bytes]:
    """Everything but the ticks: how many they are depends on when the last event came in."""
    return Counter(undated(one) for one in result.conclusions if not isinstance(one, Ticked))


def dropped(result: Run) -> int:
    return sum(count for name, count in result.counts.items() if name.startswith("dropped."))


delays_ms = st.lists(st.integers(0, 4_999), min_size=1, max_size=40)
clocks_ahead_ms = st.lists(st.integers(-130_000, 1_000), min_size=1, max_size=40)


@settings(max_examples=120, deadline=None)
@given(days, delays_ms | clocks_ahead_ms, st.lists(st.integers(0, 400), max_size=12), st.booleans())
def test_nothing_depends_on_where_a_batch_is_cut(
    day: list[Leg], delays: list[int], cuts: list[int], stored: bool
) -> None:
    records = received(events_of(day), delays)
    whole = run(records, FENCES)
    cut = run(records, FENCES, cuts=[place % len(records) for place in cuts], stored=stored)
    assert cut == whole


@settings(max_examples=200, deadline=None)
@given(days, delays_ms)
def test_a_day_shuffled_within_the_buffer_is_the_same_day(day: list[Leg], delays: list[int]) -> None:
    events = events_of(day)
    in_order, shuffled = run(received(events, [0]), FENCES), run(received(events, delays), FENCES)
    assert told(shuffled) == told(in_order)
    assert shuffled.technicians == in_order.technicians
    assert [why.detail for _, why in shuffled.rejections] == [why.detail for _, why in in_order.rejections]


@settings(max_examples=120, deadline=None)
@given(days, st.lists(st.integers(-200_000, 400_000), min_size=1, max_size=40))
def test_every_ping_is_kept_dropped_or_rejected(day: list[Leg], delays: list[int]) -> None:
    result = run(received(events_of(day), delays), FENCES)
    counts = result.counts
    pings = counts.get("pings", 0)
    assert pings == counts.get("kept", 0) + dropped(result) + counts.get("rejected_pings", 0)
    assert all(not state.intake.order.waiting for state in result.technicians.values())


@settings(max_examples=60, deadline=None)
@given(days, delays_ms)
def test_conclusions_have_ids_of_their_own_and_are_not_known_before_they_happen(
    day: list[Leg], delays: list[int]
) -> None:
    concluded = run(received(events_of(day), delays), FENCES).conclusions
    ids = Counter(conclusion_id(one) for one in concluded if not isinstance(one, Dropped))
    assert [one for one, count in ids.items() if count > 1] == []
    assert [one for one in concluded if one.time_ms > getattr(one, "detected_ms", one.time_ms)] == []
