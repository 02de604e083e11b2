"""Malformed, hostile and absurd messages, each with the reason under which it must become a dead letter."""

import gzip
import json

import msgspec

from features.events import Ping, RejectReason, Status
from streams.codec import MAX_BYTES, encode

TECHNICIAN = "T-bad"
_KEY = TECHNICIAN.encode()
_DAY_MS = 86_400_000


class BadMessage(msgspec.Struct, frozen=True):
    """A message for `technicians` that nobody can process.

    `says` is a part of the detail that names what is wrong. `before` are good messages of the same
    technician that make it bad. `by_fold` marks those that only the fold can tell, `with_roster` those that
    are bad only where a roster is required.
    """

    name: str
    value: bytes | None
    reason: RejectReason = "malformed"
    says: str = ""
    key: bytes | None = _KEY
    before: tuple[bytes, ...] = ()
    by_fold: bool = False
    with_roster: bool = False


def ping(time_ms: int = 1_700_000_000_000, **changes: object) -> bytes:
    """A good ping with fields replaced; a field whose value is `...` is left out."""
    fields = {"type": "ping", "technician": TECHNICIAN, "time_ms": time_ms, "lat": 30.27, "lon": -97.74}
    said = {name: value for name, value in (fields | changes).items() if value is not ...}
    return json.dumps(said).encode()


def _raw(old: str, new: str) -> bytes:
    """A good ping with its text changed where JSON's own writer would not."""
    text = ping().decode()
    assert old in text
    return text.replace(old, new).encode()


def not_json() -> list[BadMessage]:
    return [
        BadMessage("null value", None, says="no value"),
        BadMessage("no bytes", b"", says="truncated"),
        BadMessage("spaces only", b"   \n", says="truncated"),
        BadMessage("a zero byte", b"\0", says="UTF-16"),
        BadMessage("random bytes", bytes(range(128, 256)), says="not UTF-8"),
        BadMessage("plain words", b"hello headway", says="JSON is malformed"),
        BadMessage(
            "a line of CSV", b"8907,2015-06-07T08:15:59-05:00,0.0,30.163252,-97.7912", says="got `int`"
        ),
        BadMessage("XML", b"<ping technician='T-bad'/>", says="JSON is malformed"),
        BadMessage("cut in the middle", ping()[:40], says="truncated"),
        BadMessage("bytes after the end", ping() + b"\0", says="trailing"),
        BadMessage("two objects", ping() + ping(), says="trailing"),
        BadMessage("single quotes", ping().replace(b'"', b"'"), says="JSON is malformed"),
        BadMessage("a trailing comma", ping()[:-1] + b",}", says="trailing comma"),
        BadMessage("a comment", ping()[:-1] + b"/* late */}", says="JSON is malformed"),
        BadMessage("a number with a leading zero", _raw("30.27", "030.27"), says="invalid number"),
        BadMessage("a hexadecimal number", _raw("30.27", "0x1E"), says="JSON is malformed"),
        BadMessage("NaN", _raw("30.27", "NaN"), says="JSON is malformed"),
        BadMessage("Infinity", _raw("30.27", "Infinity"), says="JSON is malformed"),
        BadMessage("minus Infinity", _raw("-97.74", "-Infinity"), says="JSON is malformed"),
        BadMessage("MessagePack", msgspec.msgpack.encode({"type": "ping"}), says="not UTF-8"),
    ]


def other_encodings() -> list[BadMessage]:
    text = ping(technician="T-bäd").decode()
    accented = json.dumps(json.loads(text), ensure_ascii=False)
    return [
        BadMessage("UTF-16 with a mark", text.encode("utf-16"), says="UTF-16"),
        BadMessage("UTF-16 without a mark", ping().decode().encode("utf-16-le"), says="UTF-16"),
        BadMessage("UTF-32", ping().decode().encode("utf-32"), says="UTF-16 or UTF-32"),
        BadMessage("UTF-8 with a mark", b"\xef\xbb\xbf" + ping(), says="byte order mark"),
        BadMessage("Latin-1", accented.encode("latin-1"), says="not UTF-8"),
        BadMessage("gzip", gzip.compress(ping(), mtime=0), says="gzip"),
        BadMessage("EBCDIC", ping().decode().encode("cp037"), says="not UTF-8"),
        BadMessage("no UTF-8 in a field nobody reads", ping()[:-1] + b',"note":"\xff"}', says="not UTF-8"),
        BadMessage(
            "an encoded surrogate", _raw(TECHNICIAN, "T-@").replace(b"@", b"\xed\xa0\x80"), says="UTF-8"
        ),
        BadMessage("a lone surrogate", _raw(TECHNICIAN, "T-\\ud800"), says="surrogate"),
        BadMessage("an overlong slash", _raw(TECHNICIAN, "T-@").replace(b"@", b"\xc0\xaf"), says="not UTF-8"),
    ]


def too_much() -> list[BadMessage]:
    deep = b"[" * 20_000 + b"]" * 20_000
    return [
        BadMessage("larger than is read", ping(note="x" * MAX_BYTES), says="at most"),
        BadMessage("spaces beyond what is read", ping() + b" " * MAX_BYTES, says="at most"),
        BadMessage("nested too deep", deep, says="got `array`"),
        BadMessage("nested too deep inside", ping()[:-1] + b',"note":' + deep + b"}", says="too deep"),
        BadMessage("a name of 10,000 characters", ping(technician="T" * 10_000), says="<= 128"),
        BadMessage("a number of 10,000 digits", _raw("30.27", "3" * 10_000), says="out of range"),
        BadMessage("a time of 30 digits", ping(time_ms=10**30), says="$.time_ms"),
        BadMessage("a number beyond floats", _raw("30.27", "1e999"), says="out of range"),
    ]


def large_when_unpacked() -> list[BadMessage]:
    """Compressed, the broker takes them; as they are, no letter holds them. To be published with compression."""
    return [
        BadMessage("3 MB of spaces", ping() + b" " * 3_000_000, says="at most"),
        BadMessage("12 MB of spaces", ping() + b" " * 12_000_000, says="at most"),
        BadMessage("a key of 3 MB", ping(), key=b"k" * 3_000_000, says="keyed by"),
    ]


def wrong_shape() -> list[BadMessage]:
    return [
        BadMessage("null", b"null", says="got `null`"),
        BadMessage("a number", b"42", says="got `int`"),
        BadMessage("a string with JSON in it", json.dumps(ping().decode()).encode(), says="got `str`"),
        BadMessage("a list of pings", b"[" + ping() + b"]", says="got `array`"),
        BadMessage("an empty object", b"{}", says="`type`"),
        BadMessage("no type", ping(type=...), says="`type`"),
        BadMessage("an unknown type", ping(type="pong"), says="'pong'"),
        BadMessage("a type that goes out, not in", b'{"type":"signal"}', says="'signal'"),
        BadMessage("a type that is a number", ping(type=1), says="$.type"),
        BadMessage("no technician", ping(technician=...), says="`technician`"),
        BadMessage("no time", ping(time_ms=...), says="`time_ms`"),
        BadMessage("no latitude", ping(lat=...), says="`lat`"),
        BadMessage("latitude null", ping(lat=None), says="$.lat"),
        BadMessage("latitude in words", ping(lat="30.27"), says="$.lat"),
        BadMessage("latitude true", ping(lat=True), says="$.lat"),
        BadMessage("latitude in a list", ping(lat=[30.27]), says="$.lat"),
        BadMessage("technician a number", ping(technician=7), says="$.technician"),
        BadMessage("time with a fraction", ping(time_ms=1.5), says="$.time_ms"),
        BadMessage("time in words", ping(time_ms="2015-06-07T08:15:59Z"), says="$.time_ms"),
        BadMessage("ignition a number", ping(ignition=1), says="$.ignition"),
        BadMessage("a key twice", ping()[:-1] + b',"lat":31.0}', says="'lat' stands more than once"),
        BadMessage("a key twice, once escaped", ping()[:-1] + b',"l\\u0061t":31.0}', says="'lat'"),
        BadMessage("a technician twice", ping()[:-1] + b',"technician":"T-bad"}', says="'technician'"),
        BadMessage("a status twice", _status("on_shift")[:-1] + b',"status":"off_shift"}', says="'status'"),
        BadMessage("an unknown status", _status("teleported"), says="teleported"),
    ]


def out_of_range() -> list[BadMessage]:
    return [
        BadMessage("latitude over 90", ping(lat=90.001), says="$.lat"),
        BadMessage("longitude under -180", ping(lon=-180.5), says="$.lon"),
        BadMessage("coordinates in microdegrees", ping(lat=30_270_000, lon=-97_740_000), says="$.lat"),
        BadMessage("a receiver without a fix", ping(lat=0, lon=0), says="without a fix"),
        BadMessage("nearly 0, 0", ping(lat=9e-7, lon=-9e-7), says="without a fix"),
        BadMessage("time before 1970", ping(time_ms=-1), says="$.time_ms"),
        BadMessage("time in nanoseconds", ping(time_ms=1_700_000_000_000_000_000), says="$.time_ms"),
        BadMessage("negative speed", ping(speed_mps=-1.0), says="$.speed_mps"),
        BadMessage("faster than a meteor", ping(speed_mps=1e6), says="$.speed_mps"),
        BadMessage("negative accuracy", ping(accuracy_m=-5), says="$.accuracy_m"),
        BadMessage("heading over 360", ping(heading_deg=361), says="$.heading_deg"),
        BadMessage("negative sequence number", ping(seq=-1), says="$.seq"),
        BadMessage("a technician without a name", ping(technician=""), key=b"", says="$.technician"),
        BadMessage("a line break in the name", ping(technician="T\n1"), key=b"T\n1", says="$.technician"),
        BadMessage("a zero byte in the name", ping(technician="T\x001"), key=b"T\x001", says="$.technician"),
    ]


def wrong_key() -> list[BadMessage]:
    return [
        BadMessage("no key", ping(), key=None, says="keyed by nothing"),
        BadMessage("an empty key", ping(), key=b"", says="keyed by ''"),
        BadMessage("somebody else's key", ping(), key=b"T-other", says="'T-other'"),
        BadMessage("a key that is no text", ping(), key=b"\xff\xfe", says="keyed by"),
        BadMessage("a key in JSON quotes", ping(), key=b'"T-bad"', says="keyed by"),
    ]


def other_versions() -> list[BadMessage]:
    return [
        BadMessage("the next version", ping(v=2), "unsupported_version", "v is 2"),
        BadMessage("version 0", ping(v=0), "unsupported_version", "v is 0"),
        BadMessage("a type of the next version", b'{"type":"sight","v":2}', "unsupported_version", "v is 2"),
        BadMessage("a version in words", ping(v="1"), says="$.v"),
        BadMessage("a version with a fraction", ping(v=1.5), says="$.v"),
        BadMessage("a version that is true", ping(v=True), says="$.v"),
    ]


def only_the_fold_can_tell(now_ms: int) -> list[BadMessage]:
    """For records that are received at `now_ms`. Each has a technician of its own."""

    def of(
        name: str, value: Ping | Status, reason: RejectReason, *before: Status, roster: bool = False
    ) -> BadMessage:
        sent = tuple(encode(event) for event in before)
        key = value.technician.encode()
        return BadMessage(name, encode(value), reason, "", key, sent, by_fold=True, with_roster=roster)

    def at(technician: str, time_ms: int) -> Ping:
        return Ping(technician=technician, time_ms=time_ms, lat=30.27, lon=-97.74)

    def life(technician: str, status: str, age_s: int) -> Status:
        time_ms = now_ms - 1000 * age_s
        return Status(technician=technician, time_ms=time_ms, status=status, appointment="A-bad")

    return [
        of("121 s in the future", at("T-bad-121s", now_ms + 121_000), "future"),
        of("a day in the future", at("T-bad-day", now_ms + _DAY_MS), "future"),
        of("the year 2999", at("T-bad-2999", 32_472_144_000_000), "future"),
        of(
            "en route after it was completed",
            life("T-bad-completed", "en_route", 60),
            "impossible_transition",
            *(life("T-bad-completed", said, 600 - i) for i, said in enumerate(("in_progress", "completed"))),
        ),
        of(
            "in progress after it was cancelled",
            life("T-bad-cancelled", "in_progress", 60),
            "impossible_transition",
            life("T-bad-cancelled", "cancelled", 600),
        ),
        of("nobody on the roster", at("T-bad-stranger", now_ms), "unknown_technician", roster=True),
    ]


def undecodable() -> list[BadMessage]:
    """Those that the codec refuses."""
    groups = (not_json, other_encodings, too_much, wrong_shape, out_of_range, wrong_key, other_versions)
    return [message for group in groups for message in group()]


def bad_messages(now_ms: int) -> list[BadMessage]:
    """All of them, for records that are received at `now_ms`."""
    return undecodable() + only_the_fold_can_tell(now_ms)


def _status(said: str) -> bytes:
    return json.dumps({"type": "status", "technician": TECHNICIAN, "time_ms": 5, "status": said}).encode()
