"""What stands in which column."""

import pyarrow as pa
import pytest

from features.events import Cause, Located, Ping, Signal, Status
from features.plan import Job
from features.territory_events import AppointmentRequested
from features.wire import Place
from streams.archive.kinds import DECODERS, UNDECODABLE, decoder, schema
from streams.archive.rows import row
from tests.support.chunks import record

AT_MS = 1_773_756_000_000


def test_numbers_texts_and_flags_have_their_types_and_what_is_nested_is_json() -> None:
    ping, asked = schema("ping"), schema("appointment_requested")

    assert ping.field("lat").type == pa.float64()
    assert ping.field("seq").type == pa.int64()
    assert ping.field("ignition").type == pa.bool_()
    assert ping.field("source").type == pa.string()
    assert asked.field("job").type == pa.string()


def test_an_event_goes_by_its_own_time_and_not_by_the_log() -> None:
    ping = Ping(technician="ana", time_ms=AT_MS, lat=1.0, lon=2.0)

    place, made, cause = row(
        "technicians", 3, record(5, ping, timestamp=AT_MS + 90_000_000), decoder("technicians")
    )

    assert place == ("2026-03-17", "ping")
    assert (made["partition"], made["offset"], made["technician"], made["lat"]) == (3, 5, "ana", 1.0)
    assert cause is None


def test_a_signal_is_of_the_kind_of_what_it_concludes_with_its_id_and_cause() -> None:
    cause = Cause("t", 1, 7, 2)
    signal = Signal(id="abc", cause=cause, event=Located("ana", AT_MS, 1.0, 2.0), supersedes="old")

    place, made, said = row("signals", 0, record(1, signal), decoder("signals"))

    assert place[1] == "located"
    assert (made["id"], made["cause_offset"], made["cause_index"], made["supersedes"]) == ("abc", 7, 2, "old")
    assert said == cause


def test_what_is_nested_can_be_read_again() -> None:
    job = Job(appointment="a", place=Place(1.0, 2.0), window_start_ms=0, window_end_ms=1)
    asked = AppointmentRequested(territory="north", time_ms=AT_MS, job=job)

    _, made, _ = row("territories", 0, record(1, asked), decoder("territories"))

    assert '"appointment":"a"' in made["job"]


@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b'{"type":"nothing"}', b"[1]"])
@pytest.mark.parametrize("topic", sorted(DECODERS))
def test_what_cannot_be_decoded_is_kept_byte_for_byte(topic: str, value: bytes) -> None:
    place, made, _ = row(topic, 0, record(1, value, timestamp=AT_MS), decoder(topic))

    assert place == ("2026-03-17", UNDECODABLE)
    assert made["value"] == value
    assert made["error"]


def test_every_kind_of_every_topic_has_columns() -> None:
    status = Status(technician="ana", time_ms=AT_MS, status="on_shift")

    place, made, _ = row("technicians", 0, record(1, status), decoder("technicians"))

    assert set(made) <= set(schema(place[1]).names)
