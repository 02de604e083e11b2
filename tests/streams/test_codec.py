"""Bytes to events: good ones come back as they went, bad ones say what is wrong with them."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.events import Assignment, Cause, Inbound, MotionChanged, Ping, Profile, Signal, Status, Tick
from features.fence_events import Circle, Fence
from features.rejection import Rejection
from streams import codec
from tests.support.bad_messages import BadMessage, bad_messages, ping, undecodable

GOOD = [
    Ping(technician="T1", time_ms=5, lat=30.27, lon=-97.74),
    Ping(technician="Łukasz Ω 7", time_ms=5, lat=-90.0, lon=180.0, seq=7, accuracy_m=3.5, speed_mps=0.0),
    Ping(
        technician='van:3 "the red one"', time_ms=5, lat=1e-5, lon=0.0, ignition=False, pto=True, source="csv"
    ),
    Status(technician="T1", time_ms=5, status="on_shift"),
    Status(technician="T1", time_ms=5, status="en_route", appointment="A:1", inferred=True),
    Assignment(technician="T1", time_ms=5, appointment="A1", fence="F1", lat=30.0, lon=-97.0, depart_by_ms=9),
    Profile(technician="T1", time_ms=5, name="Ada", territory="north", skills=("gas", "boiler")),
    Tick(time_ms=5),
]


@pytest.mark.parametrize("event", GOOD, ids=lambda event: f"{type(event).__name__} {event.time_ms}")
def test_what_was_encoded_comes_back(event: Inbound) -> None:
    assert codec.decode(codec.encode(event), codec.key_of(event)) == event


@pytest.mark.parametrize("bad", undecodable(), ids=lambda bad: bad.name)
def test_a_bad_message_is_rejected_with_its_reason_and_what_is_wrong(bad: BadMessage) -> None:
    rejection = codec.decode(bad.value, bad.key)

    assert isinstance(rejection, Rejection)
    assert rejection.reason == bad.reason
    assert bad.says in rejection.detail
    assert 0 < len(rejection.detail) <= codec.MAX_DETAIL


def test_what_only_the_fold_can_tell_decodes() -> None:
    told_by_fold = [bad for bad in bad_messages(1_700_000_000_000) if bad.by_fold]

    for bad in told_by_fold:
        for value in (*bad.before, bad.value):
            assert not isinstance(codec.decode(value, bad.key), Rejection), bad.name


def test_there_are_enough_bad_messages_and_each_has_a_name() -> None:
    names = [bad.name for bad in bad_messages(1_700_000_000_000)]

    assert len(names) >= 50
    assert len(set(names)) == len(names)


@given(st.binary(max_size=200), st.none() | st.binary(max_size=8))
def test_no_bytes_raise(value: bytes, key: bytes | None) -> None:
    assert isinstance(codec.decode(value, key), Rejection | Tick)


@given(st.data())
def test_a_damaged_ping_raises_nothing(data: st.DataObject) -> None:
    damaged = bytearray(ping(seq=1, accuracy_m=5.0, source="app"))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] = data.draw(st.integers(0, 255))

    event = codec.decode_body(bytes(damaged))

    assert isinstance(event, Rejection | Ping)


def test_fields_that_a_later_version_adds_are_passed_over() -> None:
    assert codec.decode_body(ping(satellites=9, note="a:b")) == codec.decode_body(ping())


def test_a_sender_may_say_the_version_and_say_null_for_what_it_does_not_know() -> None:
    assert codec.decode_body(ping(v=1, seq=None, ignition=None)) == codec.decode_body(ping())


def test_a_ping_from_a_file_needs_no_key() -> None:
    assert isinstance(codec.decode_body(ping()), Ping)
    assert isinstance(codec.decode(ping(), None), Rejection)


def test_a_tick_has_no_key() -> None:
    tick = Tick(time_ms=5)

    assert codec.key_of(tick) is None
    assert codec.decode(codec.encode(tick), None) == tick


def test_each_version_of_a_fence_has_a_key_of_its_own() -> None:
    first = Fence(fence="F1", kind="depot", geometry=Circle(lat=30.0, lon=-97.0, radius_m=50.0))
    second = msgspec.structs.replace(first, version=2)

    assert codec.key_of(first) != codec.key_of(second)
    assert codec.decode_fence(codec.encode(second)) == second


@pytest.mark.parametrize(
    ("value", "reason", "says"),
    [
        (None, "malformed", "no value"),
        (b"{", "malformed", "truncated"),
        (b'{"type":"fence","v":2}', "unsupported_version", "v is 2"),
        (b'{"type":"fence","fence":"F","fence":"G"}', "malformed", "`kind`"),
        (b'{"type":"fence","fence":"F","kind":"zoo","geometry":{}}', "malformed", "zoo"),
        (b" " * (codec.MAX_FENCE_BYTES + 1), "malformed", "at most"),
    ],
)
def test_a_bad_fence_is_rejected(value: bytes | None, reason: str, says: str) -> None:
    rejection = codec.decode_fence(value)

    assert isinstance(rejection, Rejection)
    assert rejection.reason == reason
    assert says in rejection.detail


def test_a_signal_comes_back() -> None:
    moved = MotionChanged(technician="T1", time_ms=5, detected_ms=6, motion="MOVING", lat=30.0, lon=-97.0)
    signal = Signal(id="0123456789abcdef", cause=Cause("headway.technicians", 3, 17, 0), event=moved)

    assert codec.decode_signal(codec.encode(signal)) == signal


def test_the_schema_in_docs_is_current() -> None:
    stored = Path(__file__).parents[2] / "docs" / "events.schema.json"

    assert stored.read_text() == codec.schema_text(), "run `make schema`"
