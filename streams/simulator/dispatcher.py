"""A simulated dispatcher, who accepts every proposal after some time, or none."""

from collections.abc import Iterable, Iterator

import msgspec

from features.plan_events import PlanOutbound, Proposal, ProposalClosed, Proposed
from features.territory_events import AcceptProposal
from streams.simulator.quantities import Amount
from streams.simulator.stream import TERRITORIES, Delivery


class DispatcherParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when a proposal is made until it is accepted."""

    reaction_s: Amount = 90.0


class Dispatcher:
    """Hears what goes out on `plans`, and says what they decide. `open` are the proposals that wait for somebody."""

    def __init__(self, params: DispatcherParams, *, accepting: bool) -> None:
        self._params, self._accepting = params, accepting
        self.open: dict[str, Proposal] = {}
        self.proposals = 0

    def hear(self, events: Iterable[PlanOutbound]) -> None:
        for event in events:
            if isinstance(event, Proposed):
                self.proposals += 1
                self.open[event.proposal.proposal] = event.proposal
            elif isinstance(event, ProposalClosed):
                self.open.pop(event.proposal, None)

    def decide(self, since_ms: int, until_ms: int) -> Iterator[Delivery]:
        """What they decide between these times, each once."""
        for proposal in list(self.open.values()):
            due_ms = max(since_ms, proposal.made_ms + round(self._params.reaction_s * 1000))
            if not self._accepting or due_ms > until_ms or due_ms >= proposal.expires_ms:
                continue
            del self.open[proposal.proposal]
            accepts = AcceptProposal(
                territory=proposal.territory,
                time_ms=due_ms,
                by="simulated dispatcher",
                proposal=proposal.proposal,
            )
            yield Delivery(due_ms, TERRITORIES, proposal.territory, accepts)
