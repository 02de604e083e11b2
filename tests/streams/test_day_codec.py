"""What goes over `territories` and `plans`, and what is refused there."""

import pytest

from features.events import Cause, Located, Signal, Tick
from features.plan_events import NoBetterPlan, PlanOutbound
from features.rejection import Rejection
from features.territory_events import (
    AppointmentCancelled,
    Reason,
    RiskChanged,
    RoutesPlanned,
    TerritoryInbound,
)
from streams.codec import encode
from streams.day_codec import MAX_TERRITORY_BYTES, decode_plan, decode_territory, hear_signal, key_of

CAUSE = Cause("headway.signals", 1, 20, 3)
RISK = RiskChanged(
    territory="north",
    time_ms=5,
    cause=CAUSE,
    technician="ana",
    appointment="a-1",
    level="AT_RISK",
    probability=0.625,
    reasons=(Reason("overrun", 12.5, "a-0"),),
)
ROUTES = RoutesPlanned(territory="north", time_ms=5, routes={"ana": ("a-1", "a-2"), "bo": ()})
NOTHING_BETTER = NoBetterPlan(
    id="x", territory="north", time_ms=5, cause=CAUSE, trigger="risk", base_version=3, reasons={"a-1": "full"}
)


def refused(value: bytes | None, key: bytes | None = b"north") -> str:
    found = decode_territory(value, key)
    assert isinstance(found, Rejection)
    return f"{found.reason}: {found.detail}"


@pytest.mark.parametrize("event", [RISK, ROUTES, Tick(time_ms=5)])
def test_an_event_of_a_territory_comes_back_as_it_was_sent(event: TerritoryInbound) -> None:
    assert decode_territory(encode(event), key_of(event)) == event


@pytest.mark.parametrize("event", [NOTHING_BETTER])
def test_an_event_of_a_plan_comes_back_as_it_was_sent(event: PlanOutbound) -> None:
    assert key_of(event) == b"north"
    assert decode_plan(encode(event)) == event


def test_a_signal_is_heard_as_it_was_sent() -> None:
    signal = Signal(id="x", cause=CAUSE, event=Located("ana", 5, 33.4, -112.0))
    assert hear_signal(encode(signal)) == signal
    assert isinstance(hear_signal(b"junk"), Rejection)


def test_the_key_has_to_be_the_territory() -> None:
    value = encode(AppointmentCancelled(territory="south", time_ms=5, appointment="a-1"))
    assert refused(value) == "malformed: keyed by 'north', but its territory is 'south'"
    assert refused(value, None) == "malformed: keyed by nothing, but its territory is 'south'"


@pytest.mark.parametrize("value", [None, b"", b"junk", b"[]", b'{"type":"ping"}', b"\xff\xfe"])
def test_what_is_no_event_is_malformed(value: bytes | None) -> None:
    assert refused(value).startswith("malformed: ")
    assert isinstance(decode_plan(value), Rejection)


def test_an_event_that_is_too_long_is_malformed() -> None:
    long = encode(RoutesPlanned(territory="north", time_ms=5, routes={"ana": ("a" * 128,) * 5_000}))
    assert refused(long) == f"malformed: {len(long)} bytes, at most {MAX_TERRITORY_BYTES} are read"


def test_a_repeated_key_is_malformed() -> None:
    value = encode(AppointmentCancelled(territory="north", time_ms=5, appointment="a-1"))
    doubled = value.replace(b'"appointment":', b'"appointment":"a-2","appointment":')
    assert refused(doubled) == "malformed: the key 'appointment' stands more than once in an object"


def test_another_version_of_the_schema_is_named() -> None:
    value = encode(AppointmentCancelled(territory="north", time_ms=5, appointment="a-1"))
    assert refused(value[:-1] + b',"v":2}') == "unsupported_version: v is 2, this reads 1"
