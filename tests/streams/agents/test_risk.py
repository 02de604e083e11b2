"""The risk agent over a store in memory: what goes to territories, and what is kept of each technician."""

import itertools
from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from features.events import Cause, Conclusion, Signal, Tick
from features.territory_events import ArrivalPredicted, LifeChanged, RiskChanged, TerritoryInbound
from models.forecast import RiskState
from models.risk_params import RiskParams
from streams.adapters.keyed_state import MemoryKeyedStore
from streams.agents.keyed import KeyedAgent, Meta
from streams.agents.risk import Risk
from streams.codec import encode
from streams.day_codec import decode_territory
from streams.ports import KeyedStore, Message
from tests.support.chunks import Record, chunk, record
from tests.support.day_plans import at
from tests.support.routes import ZONE, assigned, located, models, routed, said, ticked
from tests.support.sending import Outbox

SIGNALS, TERRITORIES, LETTERS = "x.signals", "x.territories", "x.dead-letters"
PARTITION = 2
MODELS = models()
OVERRUN = [
    assigned(7, "a-1", (8, 9)),
    assigned(7, "a-2", (10, 11), km=5.0),
    routed(7, "a-1", "a-2"),
    said(8, "on_shift"),
    located(8, 0.0),
    said(8.2, "in_progress", "a-1"),
    *(ticked(8.5 + n / 20) for n in range(45)),
    said(10.8, "completed", "a-1"),
    ticked(10.85),
    said(11.2, "in_progress", "a-2"),
    ticked(11.25),
]
"""A job of an hour takes two and a half, and the next appointment begins after its window."""


def worker(store: KeyedStore[Meta, RiskState], outbox: Outbox) -> KeyedAgent[RiskState, Signal]:
    role = Risk(
        signals=SIGNALS,
        territories=TERRITORIES,
        models=MODELS,
        zone=ZONE,
        params=RiskParams(samples=64),
    )
    return KeyedAgent(role, topic=SIGNALS, store=store, outbox=outbox, dead_letters=LETTERS)


def log(events: Sequence[Conclusion], first: int = 0) -> list[Record]:
    """Signals on their partition, each caused by a record of technicians."""
    return [
        record(
            first + n, Signal(id=f"s-{n}", cause=Cause("x.technicians", PARTITION, 50 + n, 0), event=event)
        )
        for n, event in enumerate(events)
    ]


def told(sent: Sequence[Message]) -> list[TerritoryInbound]:
    events = [decode_territory(message.value, message.key) for message in sent]
    assert all(isinstance(event, RiskChanged | ArrivalPredicted | LifeChanged) for event in events)
    return events  # type: ignore[return-value]


async def watched(*parts: Sequence[Record]) -> tuple[list[Message], dict[str, RiskState]]:
    store, outbox = MemoryKeyedStore[Meta, RiskState](Meta), Outbox()
    agent = worker(store, outbox)
    for part in parts:
        await agent.process(chunk(part, SIGNALS, PARTITION))
    return outbox.sent, dict((await store.load(PARTITION)).states)


async def test_an_overrun_becomes_a_risk_of_the_next_appointment_before_its_window_ends() -> None:
    sent, states = await watched(log(OVERRUN))
    risks = [event for event in told(sent) if isinstance(event, RiskChanged)]
    assert {(risk.technician, risk.appointment) for risk in risks} == {("ana", "a-2")}
    assert risks[0].before is None
    assert risks[0].time_ms < at(11)
    assert {"AT_RISK", "CRITICAL", "LATE"} & {risk.level for risk in risks}
    assert risks[-1].level is None
    assert states["ana"].standings == {}


async def test_messages_are_keyed_by_territory_at_the_time_of_their_signal_and_name_their_cause() -> None:
    sent, _ = await watched(log(OVERRUN))
    events = told(sent)
    assert {(message.topic, message.key, message.partition) for message in sent} == {
        (TERRITORIES, b"north", None)
    }
    assert [message.timestamp_ms for message in sent] == [event.time_ms for event in events]
    causes = [event.cause for event in events]
    assert causes == sorted(set(causes))
    assert {(cause.topic, cause.partition) for cause in causes} == {(SIGNALS, PARTITION)}


async def test_a_signal_that_was_sent_again_counts_once() -> None:
    once, states = await watched(log(OVERRUN))
    again = [msgspec.structs.replace(one, offset=one.offset + len(OVERRUN)) for one in log(OVERRUN)]
    twice, same = await watched(log(OVERRUN), again)
    assert (twice, same) == (once, states)


async def test_what_is_no_signal_is_a_dead_letter() -> None:
    sent, states = await watched([record(0, encode(Tick(time_ms=5)))])
    assert ([message.topic for message in sent], states) == ([LETTERS], {})


@settings(max_examples=20, deadline=None)
@given(places=st.lists(st.integers(1, len(OVERRUN) - 1), unique=True))
async def test_nothing_depends_on_where_chunks_end(places: list[int]) -> None:
    whole = log(OVERRUN)
    bounds = [0, *sorted(places), len(whole)]
    parts = [whole[a:b] for a, b in itertools.pairwise(bounds)]
    assert await watched(*parts) == await watched(whole)
