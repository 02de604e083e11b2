"""Replay: the log of a recorded day, and what is reported of it."""

import json
from pathlib import Path

import msgspec
import pytest

from features.events import (
    Cause,
    Dropped,
    FenceEvent,
    Ping,
    Signal,
    StopChanged,
    Tick,
    Ticked,
)
from streams.codec import decode, encode
from streams.dead_letters import DeadLetter
from streams.driving import Heard
from streams.replay import (
    FLUSH_MS,
    TICK_EVERY_MS,
    Position,
    dropped,
    messages,
    position,
    report,
    write_events,
)
from streams.settings import Kafka, Settings

BEGAN_MS = 1_430_000_000_000
SETTINGS = Settings(namespace="x", kafka=Kafka(partitions=3))


def ping(second: float, technician: str = "bus-1", speed_mps: float | None = None) -> Ping:
    time_ms = BEGAN_MS + round(second * 1000)
    return Ping(technician=technician, time_ms=time_ms, lat=30.2, lon=-97.7, speed_mps=speed_mps)


def test_positions_are_published_at_their_time_with_ticks_between() -> None:
    pings = [ping(0), ping(10), ping(40, "bus-2"), ping(100)]
    sent = list(messages(SETTINGS, [position(one) for one in pings]))
    told = [decode(message.value, message.key) for message in sent if message.key is not None]
    assert told == pings
    assert {message.topic for message in sent} == {"x.technicians"}
    assert all(message.timestamp_ms == decode(message.value, message.key).time_ms for message in sent)
    times = [message.timestamp_ms or 0 for message in sent]
    assert times == sorted(times)
    ticks = [message for message in sent if message.key is None]
    assert [message.partition for message in ticks] == [0, 1, 2] * (len(ticks) // 3)
    told_ms = [(message.timestamp_ms or 0) - BEGAN_MS for message in ticks[::3]]
    assert told_ms[:3] == [0, 40_000, 100_000]
    # Silence after the last position is told like any other.
    assert told_ms[3:] == list(range(100_000 + TICK_EVERY_MS, 100_000 + FLUSH_MS + 1, TICK_EVERY_MS))


def test_a_row_that_gives_no_ping_is_published_as_its_original_line() -> None:
    row = Position(BEGAN_MS, "bus-1", b"bus-1,yesterday,x,y", None)
    (sent,) = [one for one in messages(SETTINGS, [row]) if one.key is not None]
    assert (sent.key, sent.value, sent.timestamp_ms) == (b"bus-1", b"bus-1,yesterday,x,y", BEGAN_MS)


def test_an_empty_day_is_an_empty_log() -> None:
    assert list(messages(SETTINGS, [])) == []


def signal(offset: int, event: FenceEvent | StopChanged | Dropped) -> Signal:
    return Signal(id=f"id-{offset}", cause=Cause("x.technicians", 0, offset, 0), event=event)


def fence_event(kind: str, technician: str = "bus-1", second: int = 0) -> FenceEvent:
    at_ms = BEGAN_MS + second * 1000
    return FenceEvent(technician, at_ms, at_ms, "f", 1, "territory", kind, 30.2, -97.7)


def stop(change: str) -> StopChanged:
    return StopChanged("bus-1", BEGAN_MS, BEGAN_MS, change, "PARKED", BEGAN_MS, 30.2, -97.7)


def heard(*events: FenceEvent | StopChanged | Dropped) -> Heard:
    signals = [signal(offset, event) for offset, event in enumerate(events)]
    letters: list[DeadLetter] = []
    return Heard({one.cause: one for one in signals}, letters)


def test_the_report_counts_what_was_kept_dropped_and_concluded() -> None:
    positions = [position(ping(n, speed_mps=speed)) for n, speed in enumerate((0.0, 4.0, 8.0, None))]
    counts = {"pings": 4, "kept": 2, "dropped.jump": 1, "rejected.malformed": 1, "ticks": 9}
    events = [
        fence_event("entered"),
        fence_event("entered"),
        fence_event("exited"),
        stop("began"),
        stop("ended"),
    ]
    said = report("buses", positions, counts, heard(*events), wall_s=0.5)
    assert (said.positions_in, said.kept, said.dropped) == (4, 2, {"jump": 1, "malformed": 1})
    assert said.positions_in == said.kept + sum(said.dropped.values())
    assert said.fence_events == {"entered": 2, "exited": 1}
    assert said.stops == {"PARKED": 1}
    assert said.median_speed_mps == 4.0
    assert said.positions_per_s == 8.0


def test_the_report_of_nothing_is_a_report() -> None:
    said = report("buses", [], {}, heard(), wall_s=0.1)
    assert (said.positions_in, said.kept, said.median_speed_mps) == (0, 0, None)
    assert json.loads(msgspec.json.encode(said))["stops"] == {}


def test_drops_and_rejections_are_one_list_of_reasons() -> None:
    assert dropped({"kept": 5, "dropped.late": 2, "rejected.future": 1, "ticks": 3}) == {
        "late": 2,
        "future": 1,
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_events_are_written_in_one_order_whatever_the_log_was_like(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    events = [fence_event("entered", "b", 5), fence_event("exited", "a", 9), fence_event("entered", "a", 5)]
    path = tmp_path / "events.jsonl"
    made = [Signal(id=f"i{n}", cause=Cause("t", order[n], 7, 0), event=events[n]) for n in order]
    write_events(path, [*made, Signal(id="x", cause=Cause("t", 1, 9, 0), event=Ticked(6))])
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [(line["event"]["technician"], line["event"]["event"]) for line in lines] == [
        ("a", "entered"),
        ("a", "exited"),
        ("b", "entered"),
    ]
    assert all(line.keys() == {"id", "event"} for line in lines)


def test_a_position_is_its_ping_on_the_wire() -> None:
    row = position(ping(3, speed_mps=2.5))
    assert (row.value, row.speed_mps, row.technician) == (encode(ping(3, speed_mps=2.5)), 2.5, "bus-1")
    assert not isinstance(decode(row.value, b"bus-1"), Tick)
