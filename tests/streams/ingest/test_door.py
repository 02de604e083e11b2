"""What the door lets in, what it turns into dead letters, and how those come back."""

import msgspec
import pytest

from features.rejection import Rejection
from streams.codec import MAX_BYTES, decode
from streams.day_codec import decode_territory
from streams.dead_letters import DeadLetter, Source, once, read
from streams.errors import BadInput
from streams.ingest.door import MAX_LETTER_BYTES, Door
from streams.ports import Message
from tests.support.bad_messages import undecodable
from tests.support.ingest import (
    APPOINTMENT,
    ASSIGNMENT,
    BAD,
    DECISION,
    NOW_MS,
    OFFICE,
    PING,
    PROFILE,
    STATUS,
    TICK,
)


class Stored(msgspec.Struct):
    """A message as the dead-letter topic hands it out."""

    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def stored(message: Message, offset: int = 0) -> DeadLetter:
    return read(0, Stored(offset, message.timestamp_ms, message.key, message.value, message.headers))


@pytest.mark.parametrize("value", [PING, STATUS, ASSIGNMENT, PROFILE])
def test_an_event_goes_on_the_log_as_it_came_keyed_by_its_technician(door: Door, value: bytes) -> None:
    taken = door.take(value, 0, NOW_MS)
    technician = msgspec.json.decode(value)["technician"].encode()
    assert taken.message == Message("headway.technicians", technician, value, None, NOW_MS)
    assert taken.outcome == "accepted"
    assert not isinstance(decode(taken.message.value, taken.message.key), Rejection)


@pytest.mark.parametrize("value", OFFICE)
def test_what_an_office_says_goes_on_the_log_of_its_territory(door: Door, value: bytes) -> None:
    taken = door.take(value, 0, NOW_MS)
    assert taken.message == Message("headway.territories", b"north", value, None, NOW_MS)
    assert not isinstance(decode_territory(taken.message.value, taken.message.key), Rejection)


@pytest.mark.parametrize("value", [DECISION, APPOINTMENT.replace(b"30.3", b"93")])
def test_a_letter_of_a_territory_says_which_log_it_was_meant_for(door: Door, value: bytes) -> None:
    letter = stored(door.take(value, 0, NOW_MS).message)
    assert (letter.source.topic, letter.key, letter.value) == ("headway.territories", b"north", value)
    assert door.readmit(letter).topic == "headway.dead-letters"
    mended = msgspec.structs.replace(letter, value=APPOINTMENT)
    assert (door.readmit(mended).topic, door.readmit(mended).key) == ("headway.territories", b"north")


def test_a_letter_goes_to_the_log_on_which_its_event_belongs_by_now(door: Door) -> None:
    old = msgspec.structs.replace(stored(door.take(BAD, 0, NOW_MS).message), value=APPOINTMENT)
    assert old.source.topic == "headway.technicians"
    assert door.readmit(old).topic == "headway.territories"


def test_a_rejected_event_becomes_a_dead_letter_with_its_bytes_and_whom_it_names(door: Door) -> None:
    taken = door.take(BAD, 3, NOW_MS)
    letter = stored(taken.message)
    assert taken.outcome == "rejected.malformed"
    assert taken.message.topic == "headway.dead-letters"
    assert taken.message.key == b"headway.technicians"
    assert (letter.value, letter.key, letter.received_ms) == (BAD, b"t1", NOW_MS)
    assert "lat" in letter.detail
    assert letter.source.outside
    assert str(letter.source).startswith("headway.technicians, by http#3:")


@pytest.mark.parametrize(
    "bad", [case for case in undecodable() if case.value is not None], ids=lambda b: b.name
)
def test_whatever_cannot_be_decoded_is_kept_byte_for_byte(door: Door, bad: object) -> None:
    taken = door.take(bad.value, 0, NOW_MS)
    if taken.rejection is None:
        assert bad.key != taken.message.key, (
            "only what was bad by its key alone may pass: the door sets the key"
        )
        return
    assert taken.rejection.reason == bad.reason
    assert stored(taken.message).value == bad.value


def test_a_tick_is_refused_for_the_time_is_said_by_the_system_alone(door: Door) -> None:
    taken = door.take(TICK, 0, NOW_MS)
    assert taken.rejection is not None
    assert "tick" in taken.rejection.detail
    assert taken.message.topic == "headway.dead-letters"


def test_a_huge_event_leaves_its_beginning_and_says_so(door: Door) -> None:
    huge = b'{"type":"ping","technician":"t1","x":"' + b"x" * MAX_LETTER_BYTES + b'"}'
    letter = stored(door.take(huge, 0, NOW_MS).message)
    assert letter.value == huge[:MAX_LETTER_BYTES]
    assert f"first {MAX_LETTER_BYTES} bytes" in letter.detail
    with pytest.raises(BadInput, match="only its beginning is kept"):
        door.readmit(letter)


def test_an_event_that_is_merely_too_long_is_kept_whole(door: Door) -> None:
    long = b'{"type":"ping","technician":"t1","x":"' + b"x" * MAX_BYTES + b'"}'
    assert stored(door.take(long, 0, NOW_MS).message).value == long


def test_letters_from_outside_stay_apart_and_one_sent_twice_is_one(door: Door) -> None:
    at_once = [door.take(b"a", 0, NOW_MS), door.take(b"b", 0, NOW_MS), door.take(b"a", 1, NOW_MS)]
    later = door.take(b"a", 0, NOW_MS + 1)
    letters = [stored(taken.message) for taken in (*at_once, later, at_once[0])]
    assert len(once(letters)) == 4
    assert once(letters)[-1].received_ms == NOW_MS + 1, "they are told in the order of their receipt"


def test_letters_from_outside_and_from_the_log_are_told_together(door: Door) -> None:
    from_log = DeadLetter(0, 9, Source("headway.technicians", 2, 17), "future", "", NOW_MS, b"t1", PING)
    letters = once([from_log, stored(door.take(BAD, 0, NOW_MS).message)])
    assert [letter.source.outside for letter in letters] == [True, False]
    assert str(from_log.source) == "headway.technicians:2:17"


def test_a_letter_that_has_become_readable_goes_on_the_log_keyed_and_at_its_time(door: Door) -> None:
    letter = msgspec.structs.replace(stored(door.take(BAD, 0, NOW_MS).message, offset=5), value=PING)
    message = door.readmit(letter)
    assert (message.topic, message.key, message.value) == ("headway.technicians", b"t1", PING)
    assert (message.partition, message.timestamp_ms) == (None, NOW_MS)
    assert message.headers == (("replayed", b"0:5"),)


@pytest.mark.parametrize("value", [BAD, TICK, b"", b"\xff\xfe"])
def test_a_letter_that_is_still_bad_takes_the_place_of_the_first(door: Door, value: bytes) -> None:
    first = stored(door.take(value, 0, NOW_MS).message)
    again = stored(door.readmit(first), offset=1)
    assert once([first, again]) == [again]
    assert again.replayed
    assert (again.value, again.key, again.received_ms) == (first.value, first.key, first.received_ms)


def test_a_letter_from_the_log_goes_back_to_its_partition(door: Door) -> None:
    letter = DeadLetter(0, 9, Source("headway.technicians", 2, 17), "future", "", NOW_MS, b"t1", PING)
    assert door.readmit(letter).partition == 2
