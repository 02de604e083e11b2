"""When it is time to look for a better plan, and who decides whether it is applied.

| trigger | waits 60 s for more | at most once in 15 min |
|---|---|---|
| technician_lost, emergency | no, and outdates an open proposal | no |
| request | no | no |
| outdated | yes | no |
| acknowledgement, risk, new_appointment, gap | yes | yes |

What was asked once counts as the last row until something changes.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from features.plan_events import Proposal, Trigger
from features.territory import TerritoryState, Wish
from features.units import Seconds, Share, ms
from features.wire import Id

Mode = Literal["manual", "rules", "auto"]
PRECEDENCE: tuple[Trigger, ...] = (
    "technician_lost",
    "emergency",
    "request",
    "outdated",
    "acknowledgement",
    "risk",
    "new_appointment",
    "gap",
)
"""The trigger that a look is named after, where several wait."""
URGENT: frozenset[Trigger] = frozenset(("technician_lost", "emergency"))
AT_ONCE: frozenset[Trigger] = URGENT | {"request"}
UNPAUSED: frozenset[Trigger] = AT_ONCE | {"outdated"}


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proposal that saves so many late minutes, is better so often, and changes no more technicians."""

    saves_min: Annotated[float, Meta(ge=0.0)] = 20.0
    better_share: Share = 0.8
    technician_changes: Annotated[int, Meta(ge=0)] = 3


class ModeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mode for one territory, one trigger, or both. What is None fits any."""

    mode: Mode
    territory: Id | None = None
    trigger: Trigger | None = None


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first of `modes` that fits decides, else `mode`.

    `manual`: a person decides. `rules`: applied where `rules` hold. `auto`: applied where it is better in
    `auto_better_share` of the samples.
    """

    debounce_s: Seconds = 60.0
    pause_s: Seconds = 900.0
    mode: Mode = "manual"
    modes: tuple[ModeRule, ...] = ()
    rules: Rules = Rules()
    auto_better_share: Share = 0.9


class Look(msgspec.Struct, frozen=True):
    """It is time to look for a better plan: why, and about which appointments, the most pressing first."""

    trigger: Trigger
    about: tuple[str, ...]


def ripe(state: TerritoryState, params: Params) -> Look | None:
    """Before a territory's first plan only a person's request counts: there is nothing to be better than."""
    urgent = [wish for wish in state.wishes if wish.trigger in URGENT and not wish.asked]
    if state.proposal is not None and (not urgent or state.version == 0):
        return None
    due = [wish for wish in state.wishes if _due(wish, state, params)]
    if state.version == 0:
        due = [wish for wish in due if wish.trigger == "request"]
    if not due:
        return None
    waiting = sorted(state.wishes, key=lambda wish: (PRECEDENCE.index(wish.trigger), wish.since_ms))
    about = dict.fromkeys(name for wish in waiting for name in wish.about)
    return Look(min((wish.trigger for wish in due), key=PRECEDENCE.index), tuple(about))


def mode(territory: str, trigger: Trigger, params: Params) -> Mode:
    for rule in params.modes:
        if rule.territory in (None, territory) and rule.trigger in (None, trigger):
            return rule.mode
    return params.mode


def applies(proposal: Proposal, params: Params) -> bool:
    """Whether a proposal is applied without asking anybody."""
    match mode(proposal.territory, proposal.trigger, params):
        case "manual":
            return False
        case "auto":
            return proposal.better_share >= params.auto_better_share
    rules = params.rules
    return (
        proposal.saves_min >= rules.saves_min
        and proposal.better_share >= rules.better_share
        and len(technician_changes(proposal)) <= rules.technician_changes
    )


def technician_changes(proposal: Proposal) -> list[str]:
    """Appointments that go from one technician to another; new ones have none to change."""
    return [
        move.appointment
        for move in proposal.moves
        if move.before_technician is not None and move.before_technician != move.after_technician
    ]


def _due(wish: Wish, state: TerritoryState, params: Params) -> bool:
    first = not wish.asked
    paused = state.looked_ms is not None and state.clock_ms < state.looked_ms + ms(params.pause_s)
    waited = state.clock_ms >= wish.since_ms + ms(params.debounce_s)
    return ((first and wish.trigger in AT_ONCE) or waited) and (
        (first and wish.trigger in UNPAUSED) or not paused
    )
