"""An agent of keyed states over a store in memory: what goes out, in which order, and what a crash does."""

import itertools
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.events import Cause, Tick
from streams.adapters.keyed_state import MemoryKeyedStore
from streams.agents.keyed import KeyedAgent, Meta
from streams.chunks import Chunk
from streams.codec import encode
from streams.dead_letters import REPLAYED, read
from streams.errors import BrokerUnavailable, Fenced
from streams.ports import Message
from tests.support.keyed import (
    BEGAN_MS,
    LETTERS,
    TOLD,
    TOPIC,
    Counted,
    Counting,
    Desk,
    Read,
    Word,
    chunk,
    records,
)

THREE = (Word("ana", "one"), Word("ana", "two"), Word("ana", "three"))
LOG = [*THREE, *(Word("bo", f"b{n}") for n in range(5)), b"junk", *THREE, Word("bo", "last"), *THREE]


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryKeyedStore(Meta))


def worker(desk: Desk) -> KeyedAgent[Counted, Word]:
    return KeyedAgent(Counting(), topic=TOPIC, store=desk, outbox=desk, dead_letters=LETTERS)


def caused(offset: int, index: int = 0, partition: int = 7, word: str = "said") -> Word:
    return Word("ana", word, Cause("x.others", partition, offset, index))


async def counted(desk: Desk, name: str = "ana", partition: int = 0) -> int:
    return (await desk.load(partition)).states[name].words


async def test_what_is_decided_is_stored_before_it_goes_out(desk: Desk) -> None:
    await worker(desk).process(chunk(*THREE))
    assert desk.done == ["committed", f"sent {TOLD}", "committed"]
    assert await desk.positions([0]) == {0: 3}
    (message,) = desk.told()
    assert (message.key, message.timestamp_ms) == (b"ana", BEGAN_MS + 2_000)


async def test_after_a_crash_between_store_and_outbox_the_same_goes_out(desk: Desk) -> None:
    quiet = Desk(MemoryKeyedStore(Meta))
    await worker(quiet).process(chunk(*THREE))
    desk.broker_away = True
    with pytest.raises(BrokerUnavailable):
        await worker(desk).process(chunk(*THREE))
    assert desk.done == ["committed"]
    desk.broker_away = False
    successor = worker(desk)
    assert await successor.positions([0]) == {0: 3}
    assert desk.sent == quiet.sent
    await successor.process(chunk(*THREE))
    assert desk.sent == quiet.sent


async def test_what_was_sent_is_not_sent_again_by_who_begins_later(desk: Desk) -> None:
    await worker(desk).process(chunk(*THREE))
    await worker(desk).positions([0])
    assert len(desk.sent) == 1


async def test_an_outbox_that_failed_is_tried_again_with_the_same_chunk(desk: Desk) -> None:
    agent = worker(desk)
    desk.broker_away = True
    with pytest.raises(BrokerUnavailable):
        await agent.process(chunk(*THREE))
    desk.broker_away = False
    await agent.process(chunk(*THREE))
    assert desk.done == ["committed", f"sent {TOLD}"]
    assert await counted(desk) == 3


async def test_what_a_crash_made_go_out_twice_is_dropped_by_who_reads_it(desk: Desk) -> None:
    desk.dies_when_sent = True
    with pytest.raises(RuntimeError):
        await worker(desk).process(chunk(*THREE))
    await worker(desk).positions([0])
    assert len(desk.sent) == 2
    said = [message.value or b"" for message in desk.told()]
    reader = Desk(MemoryKeyedStore(Meta))
    await worker(reader).process(Chunk(TOLD, 0, records(*said)))
    assert await counted(reader) == 1
    assert (await reader.load(0)).meta.counts == {"events": 1, "repeated": 1}


async def test_a_worker_that_lost_its_partition_sends_nothing(desk: Desk) -> None:
    late, owner = worker(desk), worker(desk)
    await late.process(chunk(THREE[0]))
    await owner.process(chunk(Word("ana", "the owner's"), first=1))
    desk.done.clear()
    with pytest.raises(Fenced):
        await late.process(chunk(*THREE[1:], first=1))
    assert (desk.done, desk.sent) == ([], [])
    # It goes on from what the owner stored.
    await late.process(chunk(THREE[2], first=2))
    assert await counted(desk) == 3
    assert len(desk.told()) == 1


async def test_records_below_the_stored_position_are_skipped(desk: Desk) -> None:
    await worker(desk).process(chunk(*THREE[:2]))
    agent = worker(desk)
    await agent.process(chunk(*THREE))
    await agent.process(chunk(*THREE))
    assert await counted(desk) == 3
    assert len(desk.told()) == 1


async def test_a_partition_that_comes_back_is_read_anew(desk: Desk) -> None:
    agent, other = worker(desk), worker(desk)
    await agent.assigned({0})
    await agent.process(chunk(THREE[0]))
    await agent.revoked({0})
    await other.process(chunk(THREE[1], first=1))
    await agent.assigned({0})
    await agent.process(chunk(THREE[2], first=2))
    assert await counted(desk) == 3


async def test_a_cause_that_is_not_above_the_last_is_a_repetition(desk: Desk) -> None:
    agent = worker(desk)
    await agent.process(chunk(caused(5), caused(5, 1), caused(5), caused(4), caused(5, 1), caused(6)))
    assert await counted(desk) == 3
    # Another partition has causes of its own, and what has none can't be a repetition.
    await worker(desk).process(chunk(caused(6), caused(1, partition=8), Word("ana", "x"), first=6))
    assert await counted(desk) == 5
    assert (await desk.load(0)).meta.counts == {"events": 5, "repeated": 4}


async def test_a_dead_letter_that_was_sent_back_is_no_repetition(desk: Desk) -> None:
    agent = worker(desk)
    await agent.process(chunk(caused(5), caused(6)))
    (again,) = records(caused(5), first=2)
    back = msgspec.structs.replace(again, headers=((REPLAYED, b"0:0"),))
    await agent.process(Chunk(TOPIC, 0, [back]))
    assert await counted(desk) == 3
    # It says nothing of what comes after it.
    await agent.process(chunk(caused(6), caused(7), first=3))
    assert await counted(desk) == 4


async def test_another_kind_of_event_with_the_same_cause_is_no_repetition(desk: Desk) -> None:
    class Cry(Word, frozen=True, tag="cry"):
        """Made by another agent from the same input."""

    class Hearing(Counting):
        def decode(self, record: Read) -> Word:
            return msgspec.json.decode(record.value or b"", type=Word | Cry)

    agent = KeyedAgent(Hearing(), topic=TOPIC, store=desk, outbox=desk, dead_letters=LETTERS)
    cry = Cry("ana", "!", Cause("x.others", 7, 3, 0))
    await agent.process(chunk(caused(9), cry, cry))
    assert await counted(desk) == 2


async def test_what_is_no_event_becomes_a_dead_letter_and_is_counted(desk: Desk) -> None:
    await worker(desk).process(chunk(b"junk", THREE[0], b"\xff"))
    assert desk.done == [f"sent {LETTERS}", "committed"]
    kept = [read(0, Read(0, 0, one.key, one.value, one.headers)) for one in desk.letters()]
    assert [(one.reason, one.value, one.source.offset) for one in kept] == [
        ("malformed", b"junk", 0),
        ("malformed", b"\xff", 2),
    ]
    assert (await desk.load(0)).meta.counts == {"events": 1, "rejected.malformed": 2}


async def test_positions_begin_at_the_beginning(desk: Desk) -> None:
    assert await worker(desk).positions([0, 3]) == {0: 0, 3: 0}


async def test_ticks_go_to_every_partition_that_is_owned(desk: Desk) -> None:
    agent = worker(desk)
    await agent.assigned({0, 1, 3})
    await agent.revoked({1})
    await agent.tick(BEGAN_MS)
    value = encode(Tick(time_ms=BEGAN_MS))
    assert desk.sent == [Message(TOPIC, None, value, partition, BEGAN_MS) for partition in (0, 3)]


def cuts(log: Sequence[Read], places: Sequence[int]) -> list[list[Read]]:
    bounds = [0, *sorted(places), len(log)]
    return [list(log[a:b]) for a, b in itertools.pairwise(bounds) if a < b]


@given(places=st.lists(st.integers(1, len(LOG) - 1), unique=True))
async def test_nothing_depends_on_where_chunks_end(places: list[int]) -> None:
    whole, cut = Desk(MemoryKeyedStore(Meta)), Desk(MemoryKeyedStore(Meta))
    await worker(whole).process(Chunk(TOPIC, 0, records(*LOG)))
    agent = worker(cut)
    for part in cuts(records(*LOG), places):
        await agent.process(Chunk(TOPIC, 0, part))
    assert cut.told() == whole.told()
    assert cut.letters() == whole.letters()
    one, other = await cut.load(0), await whole.load(0)
    assert (one.position, one.states, one.meta.counts) == (other.position, other.states, other.meta.counts)
