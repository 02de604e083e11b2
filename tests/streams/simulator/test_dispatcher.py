"""Somebody who decides about proposals, as simulated."""

from features.events import Cause
from features.plan_events import Proposal, ProposalClosed, Proposed
from features.territory_events import AcceptProposal
from streams.simulator.dispatcher import Dispatcher, DispatcherParams
from streams.simulator.stream import Delivery

MADE_MS = 1_000_000
REACTION_MS = 90_000


def proposed(name: str, made_ms: int = MADE_MS, expires_ms: int = MADE_MS + 900_000) -> Proposed:
    proposal = Proposal(
        proposal=name,
        territory="north",
        base_version=3,
        made_ms=made_ms,
        expires_ms=expires_ms,
        trigger="risk",
        about=("a",),
        summary="",
        routes={},
        moves=(),
        saves_min=30.0,
        price_min=10.0,
        driving_min=1.0,
        better_share=0.9,
        samples=400,
        source="moves",
    )
    return Proposed(id=name, territory="north", time_ms=made_ms, cause=Cause("t", 0, 1, 0), proposal=proposal)


def closed(name: str) -> ProposalClosed:
    cause = Cause("t", 0, 2, 0)
    return ProposalClosed(
        id="c", territory="north", time_ms=MADE_MS, cause=cause, proposal=name, outcome="outdated"
    )


def decided(dispatcher: Dispatcher, until_ms: int, since_ms: int = MADE_MS) -> list[Delivery]:
    return list(dispatcher.decide(since_ms, until_ms))


def test_a_proposal_is_accepted_once_and_after_some_time() -> None:
    dispatcher = Dispatcher(DispatcherParams(reaction_s=90.0), accepting=True)
    dispatcher.hear([proposed("p")])
    assert decided(dispatcher, MADE_MS + REACTION_MS - 1) == []
    (said,) = decided(dispatcher, MADE_MS + REACTION_MS)
    assert (said.topic, said.key, said.received_ms) == ("territories", "north", MADE_MS + REACTION_MS)
    assert isinstance(said.value, AcceptProposal)
    assert said.value.proposal == "p"
    assert decided(dispatcher, MADE_MS + 10 * REACTION_MS) == []


def test_what_was_heard_late_is_not_accepted_in_the_past() -> None:
    dispatcher = Dispatcher(DispatcherParams(reaction_s=90.0), accepting=True)
    dispatcher.hear([proposed("p")])
    (said,) = decided(dispatcher, MADE_MS + 400_000, since_ms=MADE_MS + 300_000)
    assert said.received_ms == MADE_MS + 300_000


def test_what_is_closed_or_expired_is_left_alone() -> None:
    dispatcher = Dispatcher(DispatcherParams(reaction_s=90.0), accepting=True)
    dispatcher.hear([proposed("p"), proposed("q", expires_ms=MADE_MS + 60_000), closed("p")])
    assert decided(dispatcher, MADE_MS + 900_000) == []
    assert dispatcher.proposals == 2


def test_who_ignores_everything_still_sees_it() -> None:
    dispatcher = Dispatcher(DispatcherParams(), accepting=False)
    dispatcher.hear([proposed("p")])
    assert decided(dispatcher, MADE_MS + 900_000) == []
    assert list(dispatcher.open) == ["p"]
