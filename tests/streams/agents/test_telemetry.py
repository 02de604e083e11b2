"""The telemetry agent over a store in memory: what goes out, in which order, and what a repetition does."""

from collections.abc import Sequence

import msgspec
import pytest

from features.events import Ping, Signal, Status, StatusChanged, Tick, Ticked
from features.params import TelemetryParams
from streams.adapters.memory_state import MemoryTechnicianStore
from streams.agents.telemetry import Telemetry
from streams.chunks import Chunk
from streams.codec import decode_signal, encode, key_of
from streams.dead_letters import read
from streams.errors import BrokerUnavailable, Fenced
from streams.ports import Message, Step
from tests.support.fences import index_of

TOPIC, SIGNALS, LETTERS = "x.technicians", "x.signals", "x.dead-letters"
BEGAN_MS = 1_750_000_000_000
PARTITION = 2


class Read(msgspec.Struct, frozen=True):
    """A record as a consumer hands it out."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Journal:
    """An outbox and a store in one, which note what was done in which order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.sent: list[Message] = []
        self.store = MemoryTechnicianStore()
        self.broker_away = False
        self.load, self.positions, self.forget = self.store.load, self.store.positions, self.store.forget

    async def send(self, messages: Sequence[Message]) -> None:
        if self.broker_away:
            raise BrokerUnavailable("Kafka is away")
        self.done.append("sent")
        self.sent += messages

    async def commit(self, step: Step) -> None:
        await self.store.commit(step)
        self.done.append("committed")

    def signals(self) -> list[Signal]:
        return [decode_signal(message.value or b"") for message in self.sent if message.topic == SIGNALS]

    def statuses(self) -> list[StatusChanged]:
        events = [signal.event for signal in self.signals()]
        return [event for event in events if isinstance(event, StatusChanged)]

    def letters(self) -> list[Message]:
        return [message for message in self.sent if message.topic == LETTERS]


@pytest.fixture
def journal() -> Journal:
    return Journal()


def worker(journal: Journal) -> Telemetry:
    return Telemetry(
        topic=TOPIC,
        signals=SIGNALS,
        dead_letters=LETTERS,
        store=journal,
        outbox=journal,
        fences=lambda: index_of([]),
        params=TelemetryParams(),
    )


def status(second: float, said: str, technician: str = "ada") -> Status:
    return Status(technician=technician, time_ms=BEGAN_MS + round(second * 1000), status=said)


def tick(second: float) -> Tick:
    return Tick(time_ms=BEGAN_MS + round(second * 1000))


def chunk(*events: Ping | Status | Tick, first: int = 0) -> Chunk:
    """Events received when they happened, from the offset `first` on."""
    records = [Read(first + n, event.time_ms, key_of(event), encode(event)) for n, event in enumerate(events)]
    return Chunk(TOPIC, PARTITION, records)


def on_and_off() -> Chunk:
    return chunk(status(0, "on_shift"), status(60, "off_shift"), tick(120))


async def test_what_is_concluded_goes_out_before_the_step_is_stored(journal: Journal) -> None:
    await worker(journal).process(on_and_off())
    assert journal.done == ["sent", "committed"]
    assert (await journal.positions([PARTITION])) == {PARTITION: 3}


async def test_nothing_is_stored_while_the_broker_is_away_and_all_of_it_afterwards(journal: Journal) -> None:
    agent = worker(journal)
    journal.broker_away = True
    with pytest.raises(BrokerUnavailable):
        await agent.process(on_and_off())
    assert await journal.positions([PARTITION]) == {}
    journal.broker_away = False
    await agent.process(on_and_off())
    assert [event.after for event in journal.statuses()] == ["on_shift", "off_shift"]
    assert await journal.positions([PARTITION]) == {PARTITION: 3}


async def test_signals_go_to_the_partition_of_their_input_and_name_their_cause(journal: Journal) -> None:
    await worker(journal).process(on_and_off())
    sent = [message for message in journal.sent if message.topic == SIGNALS]
    # The time is nobody's, so it has no key.
    assert [(message.partition, message.key) for message in sent] == [
        (PARTITION, b"ada"),
        (PARTITION, b"ada"),
        (PARTITION, None),
    ]
    assert [type(signal.event) for signal in journal.signals()] == [StatusChanged, StatusChanged, Ticked]
    causes = [signal.cause for signal in journal.signals()]
    assert causes == sorted(set(causes))
    assert {(cause.topic, cause.partition) for cause in causes} == {(TOPIC, PARTITION)}
    records = {0: BEGAN_MS, 1: BEGAN_MS + 60_000, 2: BEGAN_MS + 120_000}
    assert [message.timestamp_ms for message in sent] == [records[cause.offset] for cause in causes]


async def test_the_same_log_gives_the_same_ids_wherever_it_is_cut(journal: Journal) -> None:
    await worker(journal).process(on_and_off())
    other = Journal()
    agent, records = worker(other), on_and_off().records
    for record in records:
        await agent.process(Chunk(TOPIC, PARTITION, [record]))
    assert [(one.id, one.cause, one.event) for one in other.signals()] == [
        (one.id, one.cause, one.event) for one in journal.signals()
    ]
    assert len({signal.id for signal in journal.signals()}) == 3
    assert other.store.partitions == journal.store.partitions


async def test_records_below_the_stored_position_are_skipped(journal: Journal) -> None:
    whole = on_and_off().records
    await worker(journal).process(Chunk(TOPIC, PARTITION, whole[:2]))
    # Another worker takes over and reads everything again.
    agent = worker(journal)
    await agent.process(Chunk(TOPIC, PARTITION, whole))
    await agent.process(Chunk(TOPIC, PARTITION, whole))
    assert [event.after for event in journal.statuses()] == ["on_shift", "off_shift"]
    assert journal.done.count("committed") == 2
    assert await journal.positions([PARTITION]) == {PARTITION: 3}


async def test_a_worker_that_lost_its_partition_drops_what_it_holds(journal: Journal) -> None:
    late, owner = worker(journal), worker(journal)
    await late.process(chunk(status(0, "on_shift"), tick(10)))
    await owner.process(chunk(status(60, "on_break"), tick(70), first=2))
    with pytest.raises(Fenced):
        await late.process(chunk(status(60, "on_break"), first=2))
    # It reads what the owner stored: for its own memory the end of a break would be impossible.
    await late.process(chunk(status(120, "on_shift"), tick(130), first=4))
    assert journal.letters() == []
    last = journal.statuses()[-1]
    assert (last.before, last.after) == ("on_break", "on_shift")


async def test_a_partition_that_comes_back_is_read_anew(journal: Journal) -> None:
    agent, other = worker(journal), worker(journal)
    await agent.assigned({PARTITION})
    await agent.process(chunk(status(0, "on_shift"), tick(10)))
    await agent.revoked({PARTITION})
    await other.process(chunk(status(60, "on_break"), tick(70), first=2))
    await agent.assigned({PARTITION})
    await agent.process(chunk(status(120, "off_shift"), tick(130), first=4))
    assert journal.statuses()[-1].before == "on_break"


async def test_positions_are_those_stored_and_the_beginning_where_nothing_is(journal: Journal) -> None:
    agent = worker(journal)
    await agent.process(on_and_off())
    assert await agent.positions([0, PARTITION]) == {0: 0, PARTITION: 3}


@pytest.mark.parametrize("value", [b"junk", b"", None, b'{"type":"ping"}', b"\xff\xfe"])
async def test_what_is_no_event_becomes_a_dead_letter_with_its_original_bytes(
    journal: Journal, value: bytes | None
) -> None:
    bad = Read(7, BEGAN_MS, b"ada", value, (("replayed", b"0:3"), ("other", b"x")))
    await worker(journal).process(Chunk(TOPIC, PARTITION, [bad]))
    (letter,) = journal.letters()
    kept = read(0, Read(1, letter.timestamp_ms or 0, letter.key, letter.value, letter.headers))
    assert (kept.value, kept.key, kept.reason) == (value, b"ada", "malformed")
    assert (kept.source.topic, kept.source.partition, kept.source.offset) == (TOPIC, PARTITION, 7)
    assert kept.replayed
    assert await journal.positions([PARTITION]) == {PARTITION: 8}


async def test_a_status_refused_after_its_chunk_is_gone_keeps_its_own_bytes(journal: Journal) -> None:
    agent = worker(journal)
    spaced = b'{"type": "status", "technician": "ada", "time_ms": 1750000060000, "status": "on_break"}'
    await agent.process(chunk(status(0, "off_shift"), tick(10)))
    await agent.process(Chunk(TOPIC, PARTITION, [Read(2, BEGAN_MS + 60_000, b"ada", spaced)]))
    assert journal.letters() == []
    await agent.process(chunk(tick(90), first=3))
    (letter,) = journal.letters()
    kept = read(0, Read(0, 0, letter.key, letter.value, letter.headers))
    assert (kept.reason, kept.value, kept.source.offset) == ("impossible_transition", spaced, 2)


async def test_ticks_go_to_every_partition_that_is_owned_and_to_no_other(journal: Journal) -> None:
    agent = worker(journal)
    await agent.assigned({0, 1, 3})
    await agent.revoked({1})
    await agent.tick(BEGAN_MS)
    assert sorted((message.topic, message.partition, message.key) for message in journal.sent) == [
        (TOPIC, 0, None),
        (TOPIC, 3, None),
    ]
    assert {message.value for message in journal.sent} == {encode(Tick(time_ms=BEGAN_MS))}
