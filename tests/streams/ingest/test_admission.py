"""What is let in from outside, and how what is not is told."""

from typing import get_args

import pytest

from features.events import Inbound
from features.rejection import Rejection
from features.territory_events import Command, TerritoryInbound
from streams.ingest.admission import Admitted, Office, admit
from tests.support.ingest import APPOINTMENT, ASSIGNMENT, BAD, LOST, OFFICE, PING, SHIFT

ROSTER = b'{"type":"roster","territory":"north","time_ms":1}'


def refused(value: bytes) -> str:
    found = admit(value)
    assert isinstance(found, Rejection)
    assert found.reason == "malformed"
    return found.detail


def tag(struct: type) -> str:
    return str(struct.__struct_config__.tag)


@pytest.mark.parametrize("value", OFFICE)
def test_an_office_is_keyed_by_its_territory(value: bytes) -> None:
    assert admit(value) == Admitted("territories", b"north")


def test_every_kind_of_an_office_is_among_the_examples() -> None:
    assert {tag(struct).encode() for struct in get_args(Office)} == {value.split(b'"')[3] for value in OFFICE}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (
            b'{"type":"accept_proposal","territory":"north","time_ms":1,"proposal":"p"}',
            "type is 'accept_proposal', which a person decides: do it on the board or with `headway plan`",
        ),
        (
            b'{"type":"life_changed","territory":"n","time_ms":1,"cause":["t",0,1,0],"technician":"t",'
            b'"appointment":"a","life":"en_route"}',
            "type is 'life_changed', which Headway concludes itself: send what it follows from",
        ),
    ],
)
def test_decisions_and_conclusions_are_refused_with_where_they_come_from(value: bytes, says: str) -> None:
    assert refused(value) == says


@pytest.mark.parametrize("value", [ASSIGNMENT, LOST])
def test_a_cause_is_refused_for_a_made_up_one_would_hide_real_events(value: bytes) -> None:
    assert isinstance(admit(value), Admitted)
    assert "leave `cause` out" in refused(value[:-1] + b',"cause":["headway.plans",0,9000000000,0]}')


def test_what_is_neither_an_offices_nor_a_technicians_is_never_admitted() -> None:
    inside = {*get_args(TerritoryInbound)} - {*get_args(Office)} - {*get_args(Inbound)}
    assert {tag(one) for one in inside if not issubclass(one, Command)} == {
        "risk_changed",
        "life_changed",
        "acknowledgement_changed",
        "arrival_predicted",
        "technician_back",
    }, "somebody has to say whether a new kind comes in from outside"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (
            BAD,
            "lat is 91: Expected `float` <= 90.0 - at `$.lat`; docs/events.schema.json says what a ping has",
        ),
        (APPOINTMENT.replace(b"30.3", b'"30.3"'), 'job.place.lat is "30.3": Expected `float`, got `str`'),
        (APPOINTMENT.replace(b'"a1"', b'"a\\u0007"'), "Expected text without control characters - at"),
        (APPOINTMENT.replace(b'"place":', b'"plaec":'), "missing required field `place` - at `$.job`"),
        (SHIFT.replace(b'["gas"]', b'["gas",7]'), "skills[1] is 7: Expected `str`, got `int`"),
        (SHIFT.replace(b'"north"', b'""'), 'territory is "": Expected `str` of length >= 1'),
        (SHIFT.replace(b'"north"', b'"' + b"x" * 900 + b'"'), 'territory is "xxx'),
        (ROSTER, "type is 'roster'; there is ping, status, "),
        (ROSTER, "shift_planned"),
        (
            b'{"technician":"ana"}',
            "missing required field `type`; docs/events.schema.json says what events are",
        ),
        (b"{", "docs/events.schema.json says what events are"),
    ],
)
def test_what_is_malformed_is_told_with_its_field_its_value_and_what_to_do(value: bytes, says: str) -> None:
    assert says in refused(value)
    assert len(refused(value)) < 500


def test_another_version_is_told_as_such_whatever_its_type() -> None:
    for value in (PING, SHIFT, ROSTER):
        found = admit(value[:-1] + b',"v":2}')
        assert isinstance(found, Rejection)
        assert found.reason == "unsupported_version"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (PING.replace(b"1749999999000", b"1749999999"), "time_ms is 1749999999, which is in 1970: times are"),
        (PING.replace(b"1749999999000", b"1"), "times are Unix milliseconds, not seconds"),
        (APPOINTMENT.replace(b"1749990000000", b"1749970000000"), "before window_start_ms 1749980000000"),
        (SHIFT.replace(b"1750000000000", b"1749970000000"), "end_ms is 1749970000000, not after start_ms"),
    ],
)
def test_what_an_event_says_wrong_by_itself_is_said_at_once(value: bytes, says: str) -> None:
    assert says in refused(value)
