"""The acknowledgement agent over a store in memory: what goes to technicians and to territories."""

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from features.acknowledgement import AcknowledgementState
from features.events import Cause, Conclusion, Reminder, Signal
from features.territory_events import AcknowledgementChanged
from streams.adapters.keyed_state import MemoryKeyedStore
from streams.agents.acknowledge import Acknowledge
from streams.agents.keyed import KeyedAgent, Meta
from streams.codec import decode
from streams.day_codec import decode_territory
from streams.ports import KeyedStore, Message
from tests.support.asking import PARAMS, at, said, sent, shift, ticks
from tests.support.chunks import Record, chunk, record
from tests.support.sending import Outbox

SIGNALS, TECHNICIANS, TERRITORIES, LETTERS = "x.signals", "x.technicians", "x.territories", "x.dead-letters"
Store = KeyedStore[Meta, AcknowledgementState]
DAY = [
    sent(0, "a"),
    sent(0, "b", who="bo"),
    shift(0, begin=30),
    said(1, "delivered", "a"),
    said(2, "delivered", "b", who="bo"),
    *ticks(8, 9, 10),
    said(11, "acknowledged", "b", who="bo"),
    *ticks(17, 38, 45),
    said(50, "declined", "a"),
]


def worker(store: Store, outbox: Outbox) -> KeyedAgent[AcknowledgementState, Signal]:
    role = Acknowledge(signals=SIGNALS, technicians=TECHNICIANS, territories=TERRITORIES, params=PARAMS)
    return KeyedAgent(role, topic=SIGNALS, store=store, outbox=outbox, dead_letters=LETTERS)


def log(events: Sequence[Conclusion], offset: int = 0) -> list[Record]:
    """Signals of partition 2, each caused by a record of technicians."""
    return [
        record(offset + n, Signal(id=f"s-{n}", cause=Cause(TECHNICIANS, 2, 50 + n, 0), event=event))
        for n, event in enumerate(events)
    ]


async def acknowledged(*parts: Sequence[Record]) -> list[Message]:
    """What goes out when each part comes in a chunk of its own."""
    outbox = Outbox()
    agent = worker(MemoryKeyedStore(Meta), outbox)
    for part in parts:
        await agent.process(chunk(part, SIGNALS, 2))
    return outbox.sent


async def test_reminders_go_to_the_technician_s_log_and_news_to_the_territory_s() -> None:
    out = await acknowledged(log(DAY))
    told = []
    for message in out:
        if message.topic == TECHNICIANS:
            event = decode(message.value, message.key)
            assert isinstance(event, Reminder)
            assert message.partition == 2
            told.append((event.technician, event.appointment, "asks"))
        else:
            news = decode_territory(message.value, message.key)
            assert isinstance(news, AcknowledgementChanged)
            assert (message.topic, message.key, message.partition) == (TERRITORIES, b"north", None)
            told.append((news.technician, news.appointment, news.stage))
    assert told == [
        ("ana", "a", "delivered"),
        ("bo", "b", "delivered"),
        ("bo", "b", "asks"),
        ("bo", "b", "reminded"),
        ("bo", "b", "acknowledged"),
        ("ana", "a", "asks"),
        ("ana", "a", "reminded"),
        ("ana", "a", "overdue"),
        ("ana", "a", "declined"),
    ]
    assert out[2].timestamp_ms == out[3].timestamp_ms == at(10)


@given(places=st.lists(st.integers(1, len(DAY) - 1), unique=True), again=st.integers(0, len(DAY)))
async def test_neither_chunks_nor_signals_that_were_sent_twice_change_anything(
    places: list[int], again: int
) -> None:
    whole = await acknowledged(log(DAY))
    bounds = [0, *sorted(places), len(DAY)]
    parts = [log(DAY)[begin:end] for begin, end in itertools.pairwise(bounds)]
    assert await acknowledged(*parts) == whole
    # Telemetry crashed after it had sent these, and sends them again at the end of the log.
    repeated = [Record(len(DAY) + n, 0, one.key, one.value) for n, one in enumerate(log(DAY)[again:])]
    assert await acknowledged(*parts, *([repeated] if repeated else [])) == whole


async def test_what_is_no_signal_becomes_a_dead_letter() -> None:
    out = await acknowledged([record(0, b"junk"), *log(DAY[:1], 1)])
    assert [one.topic for one in out] == [LETTERS]
