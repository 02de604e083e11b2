"""The dispatch agent over a store in memory: what goes to technicians, under which key and at which time."""

from collections.abc import Sequence

import msgspec
import pytest

from features.dispatching import DispatchState
from features.events import Assignment, Cause, Route
from features.plan_events import PlanOutbound
from streams.adapters.keyed_state import MemoryKeyedStore
from streams.agents.dispatch import Dispatch
from streams.agents.keyed import KeyedAgent, Meta
from streams.codec import decode
from streams.ports import KeyedStore, Message
from tests.support.asking import at
from tests.support.chunks import chunk, record
from tests.support.plans import TERRITORIES, changed, given, route
from tests.support.sending import Outbox

PLANS, TECHNICIANS, LETTERS = "x.plans", "x.technicians", "x.dead-letters"
Store = KeyedStore[Meta, DispatchState]
FIRST = changed(1, given("ana", "a-1", 1), given("bo", "b-1", 1), routes=[route("ana", 1, "a-1")])
SECOND = changed(
    2, given("bo", "a-1", 2, minute=600), given("ana", "a-1", 2, minute=600, withdrawn=True), minute=600
)


def worker(store: Store, outbox: Outbox) -> KeyedAgent[DispatchState, PlanOutbound]:
    role = Dispatch(plans=PLANS, technicians=TECHNICIANS)
    return KeyedAgent(role, topic=PLANS, store=store, outbox=outbox, dead_letters=LETTERS)


async def dispatched(*parts: Sequence[PlanOutbound | bytes]) -> list[Message]:
    """What goes out when each part comes in a chunk of its own."""
    outbox, first = Outbox(), 0
    agent = worker(MemoryKeyedStore(Meta), outbox)
    for part in parts:
        records = [record(first + n, event, b"north") for n, event in enumerate(part)]
        await agent.process(chunk(records, PLANS))
        first += len(part)
    return outbox.sent


def told(one: msgspec.Struct) -> msgspec.Struct:
    """What a technician is told, whatever made it."""
    return msgspec.structs.replace(one, cause=None)


async def test_a_changed_plan_goes_to_the_technicians_it_names() -> None:
    sent = await dispatched([FIRST])
    assert [(one.topic, one.key, one.partition, one.timestamp_ms) for one in sent] == [
        (TECHNICIANS, b"ana", None, at(540)),
        (TECHNICIANS, b"bo", None, at(540)),
        (TECHNICIANS, b"ana", None, at(540)),
    ]
    heard = [decode(one.value, one.key) for one in sent]
    assert [type(one) for one in heard] == [Assignment, Assignment, Route]
    assert told(heard[0]) == FIRST.assignments[0]
    assert [one.cause for one in heard] == [Cause(PLANS, 0, 0, index) for index in range(3)]


async def test_what_is_heard_again_is_not_sent_again() -> None:
    sent = await dispatched([FIRST, SECOND])
    more = await dispatched([FIRST], [FIRST], [SECOND, FIRST], [SECOND])
    assert [told(decode(one.value, one.key)) for one in more] == [
        told(decode(one.value, one.key)) for one in sent
    ]
    assert len(sent) == 5


async def test_also_not_where_only_the_cause_is_another() -> None:
    again = msgspec.structs.replace(FIRST, cause=msgspec.structs.replace(FIRST.cause, index=1))
    assert await dispatched([FIRST], [again]) == await dispatched([FIRST])


async def test_territories_have_versions_of_their_own() -> None:
    south = changed(1, given("cy", "c-1", 1, territory="south"), territory="south")
    other = msgspec.structs.replace(south, cause=msgspec.structs.replace(south.cause, offset=2))
    assert len(await dispatched([FIRST, other])) == 4


async def test_two_contents_of_one_version_become_a_dead_letter() -> None:
    other = changed(1, given("ana", "a-1", 1, start=900), cause=Cause(TERRITORIES, 0, 9, 0))
    sent = await dispatched([FIRST, other])
    assert [one.topic for one in sent] == [LETTERS, TECHNICIANS, TECHNICIANS, TECHNICIANS]


async def test_what_is_no_plan_becomes_a_dead_letter() -> None:
    sent = await dispatched([b"junk", FIRST])
    assert [one.topic for one in sent] == [LETTERS, TECHNICIANS, TECHNICIANS, TECHNICIANS]


async def test_after_a_crash_the_very_same_is_sent_again() -> None:
    store: Store = MemoryKeyedStore(Meta)
    before, after = Outbox(), Outbox()
    before.dies_when_sent = True
    with pytest.raises(RuntimeError):
        await worker(store, before).process(chunk([record(0, FIRST)], PLANS))
    await worker(store, after).positions([0])
    assert after.sent == before.sent
