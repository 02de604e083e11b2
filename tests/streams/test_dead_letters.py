"""Dead letters: what is kept of a message, and what is made of records that somebody else wrote."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.rejection import Rejection
from streams.dead_letters import (
    KEPT_BYTES,
    KEPT_KEY_BYTES,
    OUTSIDE,
    UNREADABLE,
    DeadLetter,
    Source,
    dead_letter,
    note,
    once,
    read,
    read_all,
    replayed,
)
from streams.errors import BadInput
from streams.ports import Message
from streams.topics import DEAD_LETTERS

LETTERS, TOPIC = "x.dead-letters", "x.technicians"
BAD = Rejection("malformed", "no such thing")


class Record(msgspec.Struct, frozen=True):
    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    partition: int = 0


def arrived(message: Message, offset: int) -> Record:
    """A sent message as it stands on the dead-letter topic."""
    return Record(offset, message.timestamp_ms or 0, message.key, message.value, message.headers)


def kept(original: Record, offset: int = 0, partition: int = 3) -> Record:
    """The letter of a record of `technicians`."""
    return arrived(dead_letter(LETTERS, TOPIC, partition, original, BAD), offset)


def turned_away(offset: int, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
    """The letter of an event that a door didn't let in."""
    came = Record(17, 17, b"ada", b"junk", (("door", b"http#0:abc"), *headers))
    return arrived(dead_letter(LETTERS, TOPIC, OUTSIDE, came, BAD), offset)


@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    place=st.tuples(st.integers(0, 1000), st.integers(0, 2**62)),
    timestamp_ms=st.integers(0, 2**62),
)
def test_a_letter_goes_back_as_the_message_that_it_was(
    key: bytes | None, value: bytes | None, place: tuple[int, int], timestamp_ms: int
) -> None:
    partition, offset = place
    letter = read(0, kept(Record(offset, timestamp_ms, key, value), 5, partition))
    assert letter.source == Source(TOPIC, partition, offset)
    assert (letter.reason, letter.detail, letter.id) == ("malformed", "no such thing", "0:5")
    back = replayed(letter)
    assert (back.topic, back.partition, back.key, back.value) == (TOPIC, partition, key, value)
    assert back.timestamp_ms == timestamp_ms
    assert back.headers == (("replayed", b"0:5"),)


@pytest.mark.parametrize(
    ("key", "value", "kept_key", "kept_value", "said"),
    [
        (
            b"k",
            b"v" * (KEPT_BYTES + 1),
            1,
            KEPT_BYTES,
            f"first {KEPT_BYTES} of {KEPT_BYTES + 1} bytes of the value",
        ),
        (
            b"k" * (KEPT_KEY_BYTES + 1),
            None,
            KEPT_KEY_BYTES,
            0,
            f"first {KEPT_KEY_BYTES} of {KEPT_KEY_BYTES + 1} bytes",
        ),
        (b"k" * 9_000_000, b"v" * 9_000_000, KEPT_KEY_BYTES, KEPT_BYTES, "of 9000000 bytes of the key"),
    ],
)
def test_of_what_is_too_large_the_beginning_is_kept_and_it_says_so(
    key: bytes, value: bytes | None, kept_key: int, kept_value: int, said: str
) -> None:
    rejection = Rejection("malformed", "x" * 5000)
    loud = tuple((name, b"h" * 9_000_000) for name in ("replayed", "door"))
    sent = dead_letter(LETTERS, TOPIC, 3, Record(17, 0, key, value, loud), rejection)
    letter = read(0, arrived(sent, 5))
    assert (len(letter.key or b""), len(letter.value or b"")) == (kept_key, kept_value)
    assert said in letter.detail
    assert letter.detail.endswith("the original is at x.technicians:3:17")
    large = key if len(key) > KEPT_KEY_BYTES else value or b""
    assert sha256(large).hexdigest() in letter.detail
    assert (
        sum(len(value or b"") for _, value in (*sent.headers, ("", sent.value)))
        < DEAD_LETTERS.max_message_bytes
    )
    assert letter.truncated
    with pytest.raises(BadInput, match="dead letter 0:5 can't be sent back: only its beginning is kept"):
        replayed(letter)


def test_what_just_fits_is_kept_whole() -> None:
    letter = read(0, kept(Record(17, 0, b"k" * KEPT_KEY_BYTES, b"v" * KEPT_BYTES)))
    assert (letter.truncated, letter.detail) == (False, "no such thing")
    assert replayed(letter).value == b"v" * KEPT_BYTES


def test_a_foreign_header_marks_no_letter_and_null_in_one_of_ours_spoils_none() -> None:
    letter = read(
        0, kept(Record(9, 0, b"k", b"v", (("truncated", b"1"), ("door", None), ("replayed", None))))
    )
    assert (letter.reason, letter.truncated, letter.replayed) == ("malformed", False, False)


def test_what_was_a_letter_before_says_so_and_forgets_other_headers() -> None:
    again = Record(9, 0, b"k", b"v", (("replayed", b"0:5"), ("trace", b"1")))
    assert read(0, kept(again)).replayed
    assert "trace" not in dict(kept(again).headers)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("reason", b"malformed"),),
        (("topic", b"\xff"), ("partition", b"0"), ("offset", b"1")),
        (("topic", b"a"), ("partition", b"x"), ("offset", b"1")),
        tuple((name, b"\xff\x00") for name in ("reason", "detail", "topic", "partition", "offset")),
        tuple((name, None) for name in ("reason", "detail", "topic", "partition", "offset", "null")),
    ],
)
def test_a_record_that_is_no_letter_of_ours_is_shown_and_not_hidden(
    headers: tuple[tuple[str, bytes], ...],
) -> None:
    letter = read(1, Record(4, 99, b"k", b"foreign", headers))
    assert (letter.reason, letter.id, letter.value, letter.key) == (UNREADABLE, "1:4", b"foreign", b"k")
    assert "header" in letter.detail
    assert letter.received_ms == 99


def test_a_letter_sent_twice_by_a_restarted_worker_is_one_under_its_first_id() -> None:
    records = [kept(Record(8, value=b"a"), 0), kept(Record(9, value=b"b"), 1), kept(Record(8, value=b"a"), 2)]
    assert [letter.id for letter in read_all(records)] == ["0:0", "0:1"]
    assert len(once([read(0, record) for record in records])) == 2


def test_letters_are_in_the_order_in_which_they_came() -> None:
    records = [kept(Record(30), 0, partition=3), kept(Record(10), 1, partition=1), kept(Record(20), 2)]
    assert [letter.source.offset for letter in read_all(records)] == [30, 10, 20]


def noted(letter: DeadLetter, offset: int) -> Record:
    return arrived(note(LETTERS, letter), offset)


def test_a_note_marks_its_letter_as_sent_back_and_is_no_letter_itself() -> None:
    records = [kept(Record(8), 0), kept(Record(9), 1)]
    marked = read_all([*records, noted(read(0, records[0]), 2)])
    assert [(letter.id, letter.sent_back) for letter in marked] == [("0:0", True), ("0:1", False)]


def test_a_letter_that_was_sent_back_stays_so_when_a_worker_repeats_it() -> None:
    first = kept(Record(8), 0)
    marked = read_all([first, noted(read(0, first), 1), kept(Record(8), 2)])
    assert [(letter.id, letter.sent_back) for letter in marked] == [("0:0", True)]


def test_an_event_turned_away_again_takes_its_letters_place_and_waits() -> None:
    first = turned_away(0)
    again = turned_away(1, (("replayed", b"0:0"),))
    (letter,) = read_all([first, again, noted(read(0, first), 2)])
    assert (letter.id, letter.sent_back, letter.replayed) == ("0:1", False, True)
    (letter,) = read_all([first, again, noted(read(0, first), 2), noted(read(0, again), 3)])
    assert letter.sent_back


@pytest.mark.parametrize("said", [b"", b"0", b"0:x", b"\xff", b"0:99999"])
def test_a_note_that_names_no_letter_is_left_alone(said: bytes) -> None:
    good = kept(Record(8), 0)
    odd = Record(1, 0, None, b"", (("sent_back", said),))
    assert [letter.sent_back for letter in read_all([good, odd])] == [False]


def test_a_source_says_where_it_is() -> None:
    assert str(Source(TOPIC, 3, 17)) == "x.technicians:3:17"
    assert str(Source(TOPIC, OUTSIDE, 17, "http#0:abc")) == "x.technicians, by http#0:abc"
