"""Replay recorded positions through Kafka, Faust and Redis, and report what the pipeline made of them."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from features.events import FenceEvent, Ping, Signal, StopChanged, Tick, Ticked
from streams.codec import encode
from streams.driving import Driver, Heard
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics

TICK_EVERY_MS = 30_000
FLUSH_MS = 20 * 60_000
"""Silence told after the last position, so that every machine has said what silence proves."""


class Position(msgspec.Struct, frozen=True):
    """One recorded row: the ping that it gives, or its original line where it gives none."""

    time_ms: int
    technician: str
    value: bytes
    speed_mps: float | None


class Report(msgspec.Struct, frozen=True):
    """What came in, what was kept, what was concluded. `positions_in` is `kept` plus all `dropped`."""

    source: str
    positions_in: int
    kept: int
    dropped: dict[str, int]
    fence_events: dict[str, int]
    stops: dict[str, int]
    """Stops of each kind that began; one that becomes another kind counts for both."""
    median_speed_mps: float | None
    """Median of all reported speeds, standing ones too, after their unit was converted."""
    positions_per_s: float
    wall_s: float


def messages(settings: Settings, positions: Sequence[Position]) -> Iterator[Message]:
    """The log of a recorded day: positions in order of time, the time itself said every 30 s."""
    topic, partitions = Topics.of(settings).technicians, range(settings.kafka.partitions)
    tick_ms = 0
    for position in positions:
        if position.time_ms >= tick_ms:
            yield from _ticks(topic, partitions, position.time_ms)
            tick_ms = position.time_ms + TICK_EVERY_MS
        key = position.technician.encode()
        yield Message(topic, key, position.value, None, position.time_ms)
    if positions:
        last_ms = positions[-1].time_ms
        for after_ms in range(TICK_EVERY_MS, FLUSH_MS + 1, TICK_EVERY_MS):
            yield from _ticks(topic, partitions, last_ms + after_ms)


def replay(
    driver: Driver, source: str, positions: Sequence[Position], progress: Callable[[int], None]
) -> tuple[Report, Heard]:
    """Publish, wait until all is folded, and sum up. `progress` is told how many positions are out."""
    started = time.perf_counter()
    out = 0

    def counted() -> Iterator[Message]:
        nonlocal out
        for message in messages(driver.system.settings, positions):
            # Ticks have no key.
            out += message.key is not None
            yield message

    driver.publish(counted(), lambda _: progress(out))
    heard = driver.drain()
    wall_s = time.perf_counter() - started
    return report(source, positions, driver.counts(), heard, wall_s), heard


def report(
    source: str, positions: Sequence[Position], counts: Mapping[str, int], heard: Heard, wall_s: float
) -> Report:
    events = [signal.event for signal in heard.conclusions()]
    speeds = [position.speed_mps for position in positions if position.speed_mps is not None]
    return Report(
        source=source,
        positions_in=len(positions),
        kept=counts.get("kept", 0),
        dropped=dropped(counts),
        fence_events=_counted(event.event for event in events if isinstance(event, FenceEvent)),
        stops=_counted(
            event.kind
            for event in events
            if isinstance(event, StopChanged) and event.change in ("began", "became")
        ),
        median_speed_mps=round(median(speeds), 3) if speeds else None,
        positions_per_s=round(len(positions) / wall_s, 1),
        wall_s=round(wall_s, 2),
    )


def dropped(counts: Mapping[str, int]) -> dict[str, int]:
    """What was dropped or rejected, by reason."""
    return {
        name.partition(".")[2]: count
        for name, count in sorted(counts.items())
        if name.startswith(("dropped.", "rejected."))
    }


def write_events(path: Path, signals: Iterable[Signal]) -> None:
    """The events as JSON lines in a canonical order, without where they stood in the log. Ticks are none."""
    keyed = sorted(
        (signal.event.technician, signal.event.time_ms, signal.id, msgspec.json.encode(_bare(signal)))
        for signal in signals
        if not isinstance(signal.event, Ticked)
    )
    with path.open("wb") as file:
        for *_, line in keyed:
            file.write(line + b"\n")


def _bare(signal: Signal) -> dict[str, object]:
    return {"id": signal.id, "event": signal.event}


def _ticks(topic: str, partitions: Iterable[int], now_ms: int) -> Iterator[Message]:
    value = encode(Tick(time_ms=now_ms))
    return (Message(topic, None, value, partition, now_ms) for partition in partitions)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def position(ping: Ping) -> Position:
    return Position(ping.time_ms, ping.technician, encode(ping), ping.speed_mps)
