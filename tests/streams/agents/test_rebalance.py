"""The rebalance agent over stores in memory: plans go out once, decisions are kept, and chunks may end anywhere."""

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.plan_events import PlanChanged, PlanOutbound, Proposal, Proposed
from features.territory import TerritoryState
from features.territory_events import TerritoryInbound
from models.forecast import RiskState
from models.rebalancing.policy import Look
from streams.adapters.keyed_state import MemoryKeyedReader, MemoryKeyedStore
from streams.agents.keyed import KeyedAgent, Meta
from streams.agents.rebalance import Rebalance
from streams.chunks import Chunk
from streams.codec import encode
from streams.day_codec import decode_plan, key_of
from streams.dead_letters import read
from streams.errors import BrokerUnavailable
from streams.ports import Message
from tests.support.keyed import Desk, Read
from tests.support.territories import (
    NORTH,
    TOPIC,
    accept,
    at,
    cancelled,
    life,
    lost,
    pin,
    planned,
    planning,
    proposal,
    requested,
    risk,
    shift,
    tick,
)

PLANS, LETTERS = "x.plans", "x.dead-letters"
OPENING = (
    *(shift(who) for who in ("ana", "ben", "cy")),
    *(requested(f"a{n}", n) for n in (1, 2, 3)),
    planned(ana=("a1", "a2", "a3"), cy=()),
)
AT_RISK = (risk("a3", "ana", "AT_RISK", 10), tick(11))


def cy_goes(state: TerritoryState, risks: Mapping[str, RiskState], look: Look) -> Proposal | dict[str, str]:
    """A search that gives Cy whatever it is about, and finds nothing where they have it already."""
    about = [name for name in look.about if state.appointments[name].technician != "cy"]
    if not about or state.roster["cy"].lost_ms is not None:
        return dict.fromkeys(look.about, "only Cy could go")
    routes = {who: tuple(name for name in route if name not in about) for who, route in state.routes.items()}
    routes["cy"] = (*routes.get("cy", ()), *about)
    touched = {who: route for who, route in routes.items() if route != state.routes.get(who)}
    return proposal(
        state, touched, f"p{state.version}-{state.clock_ms}", trigger=look.trigger, about=look.about
    )


def agent(desk: Desk, search: object = cy_goes) -> KeyedAgent[TerritoryState, TerritoryInbound]:
    role = Rebalance(
        territories=TOPIC,
        plans=PLANS,
        risks=MemoryKeyedReader(MemoryKeyedStore(Meta)),
        search=search,
        planning=planning(),
    )
    return KeyedAgent(role, topic=TOPIC, store=desk, outbox=desk, dead_letters=LETTERS)


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryKeyedStore(Meta))


def records(*events: TerritoryInbound, first: int = 0) -> list[Read]:
    return [Read(first + n, event.time_ms, key_of(event), encode(event)) for n, event in enumerate(events)]


def chunk(*events: TerritoryInbound, first: int = 0) -> Chunk:
    return Chunk(TOPIC, 0, records(*events, first=first))


def plans(desk: Desk) -> list[PlanOutbound]:
    return [decode_plan(one.value) for one in sent(desk)]


def sent(desk: Desk) -> list[Message]:
    return [one for one in desk.sent if one.topic == PLANS]


def letters(desk: Desk) -> list[str]:
    found = [one for one in desk.sent if one.topic == LETTERS]
    return [read(0, Read(0, 0, one.key, one.value, one.headers)).detail for one in found]


async def state(desk: Desk, name: str = NORTH) -> TerritoryState:
    return (await desk.load(0)).states[name]


async def test_a_risk_becomes_a_proposal_and_an_accepted_one_the_plan(desk: Desk) -> None:
    worker = agent(desk)
    await worker.process(chunk(*OPENING, *AT_RISK))
    changed, proposed = plans(desk)
    assert isinstance(proposed, Proposed)
    assert (proposed.proposal.trigger, proposed.proposal.about) == ("risk", ("a3",))
    await worker.process(chunk(accept(proposed.proposal.proposal, 12), first=9))
    _, _, closed, after = plans(desk)
    assert (closed.outcome, after.version) == ("accepted", changed.version + 1)
    assert (await state(desk)).routes == {"ana": ("a1", "a2"), "cy": ("a3",)}


async def test_plans_are_keyed_by_territory_with_the_time_of_what_happened(desk: Desk) -> None:
    await agent(desk).process(chunk(*OPENING, *AT_RISK))
    assert [(one.key, one.timestamp_ms) for one in sent(desk)] == [(b"north", at(0)), (b"north", at(11))]


async def test_the_search_gets_what_is_expected_of_the_routes() -> None:
    asked: list[object] = []

    def search(state: TerritoryState, risks: Mapping[str, RiskState], look: Look) -> dict[str, str]:
        asked.append((state.clock_ms, dict(risks), look))
        return {"a3": "nobody is near"}

    desk = Desk(MemoryKeyedStore(Meta))
    await agent(desk, search).process(chunk(*OPENING, *AT_RISK))
    assert asked == [(at(11), {}, Look("risk", ("a3",)))]
    assert plans(desk)[-1].reasons == {"a3": "nobody is near"}


async def test_after_a_crash_the_decision_that_was_stored_goes_out_and_nothing_is_searched_again(
    desk: Desk,
) -> None:
    desk.broker_away = True
    with pytest.raises(BrokerUnavailable):
        await agent(desk).process(chunk(*OPENING, *AT_RISK))

    def never(*_: object) -> dict[str, str]:
        raise AssertionError("searched again")

    desk.broker_away = False
    successor = agent(desk, never)
    await successor.positions([0])
    await successor.process(chunk(*OPENING, *AT_RISK))
    changed, proposed = plans(desk)
    assert isinstance(changed, PlanChanged)
    assert isinstance(proposed, Proposed)
    assert (await state(desk)).proposal == proposed.proposal


async def test_what_cannot_be_goes_to_the_dead_letters(desk: Desk) -> None:
    await agent(desk).process(chunk(*OPENING, cancelled("x9", 5), accept("p7", 6)))
    first, second = letters(desk)
    assert "nothing known -> cancelled of appointment 'x9'" in first
    assert "proposal 'p7' is not known in 'north'" in second


async def test_a_refused_word_makes_no_territory(desk: Desk) -> None:
    await agent(desk).process(chunk(cancelled("x9", 5)))
    assert (await desk.load(0)).states == {}


async def test_a_clock_that_runs_ahead_moves_nothing(desk: Desk) -> None:
    ahead = pin("a1", 600)
    late = Read(8, at(5), b"north", encode(ahead))
    await agent(desk).process(Chunk(TOPIC, 0, [*records(*OPENING), late]))
    assert letters(desk) == ["35700 s ahead of the record's time: set the sender's clock"]
    assert (await state(desk)).clock_ms == at(0)


async def test_a_tick_says_the_time_to_every_territory_and_every_cause_is_another(desk: Desk) -> None:
    def of(territory: str) -> list[TerritoryInbound]:
        told = (*OPENING, risk("a3", "ana", "AT_RISK", 10))
        return [type(one)(**{**_fields(one), "territory": territory}) for one in told]

    await agent(desk).process(chunk(*of("north"), *of("south"), tick(11), tick(30)))
    states = (await desk.load(0)).states
    assert {name: one.clock_ms for name, one in states.items()} == {"north": at(30), "south": at(30)}
    causes = [one.cause for one in plans(desk)]
    assert len(set(causes)) == len(causes) == 8
    assert causes == sorted(causes)


def _fields(event: object) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


LOG = [
    *OPENING,
    requested("n1", 2, minutes=9),
    *AT_RISK,
    accept("none", 12),
    tick(13),
    life("a1", "ana", "en_route", 14),
    lost("ana", 15),
    tick(16),
    requested("e1", 2, minutes=17, emergency=True),
    cancelled("a2", 18),
    tick(40),
    tick(60),
]


def cuts(log: Sequence[Read], places: Sequence[int]) -> list[list[Read]]:
    bounds = [0, *sorted(places), len(log)]
    return [list(log[a:b]) for a, b in itertools.pairwise(bounds) if a < b]


@settings(deadline=None, max_examples=50)
@given(places=st.lists(st.integers(1, len(LOG) - 1), unique=True), crash=st.booleans())
async def test_nothing_depends_on_where_chunks_end_or_a_worker_does(places: list[int], crash: bool) -> None:
    whole, cut = Desk(MemoryKeyedStore(Meta)), Desk(MemoryKeyedStore(Meta))
    await agent(whole).process(chunk(*LOG))
    worker = agent(cut)
    for part in cuts(records(*LOG), places):
        await worker.process(Chunk(TOPIC, 0, part))
        if crash:
            worker = agent(cut)
    # A new worker sends again what may not have gone out, the very same.
    assert list({one.value: one for one in sent(cut)}.values()) == sent(whole)
    assert len(sent(whole)) > 5
    assert await state(cut) == await state(whole)
