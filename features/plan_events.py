"""The schema of what goes out on `plans`, keyed by territory: proposals, and every change of the day's plan.

Each carries its cause; a consumer drops what is not above the last cause of its partition.
"""

from typing import Literal, final

import msgspec

from features.events import Assignment, Cause, Route
from features.wire import Event

Trigger = Literal[
    "risk", "technician_lost", "gap", "emergency", "new_appointment", "acknowledgement", "request", "outdated"
]
"""Why a better plan was looked for. `outdated`: the plan changed under the proposal before."""


class Move(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One appointment before and after. Times are median starts; `technician` None where nobody serves it."""

    appointment: str
    title: str = ""
    before_technician: str | None = None
    after_technician: str | None = None
    before_start_ms: int | None = None
    after_start_ms: int | None = None
    before_probability: float = 0.0
    after_probability: float = 0.0
    window_end_ms: int = 0


class Alternative(msgspec.Struct, frozen=True, omit_defaults=True):
    """A candidate that lost, and why."""

    source: str
    saves_min: float
    technician_changes: int
    why: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of the plan as data: `routes` has the whole order of each technician that it changes.

    `saves_min` are expected late minutes less, `price_min` what the changes cost in the same coin,
    `better_share` how often it is better on samples that the search has not seen, `driving_min` more driving.
    """

    proposal: str
    territory: str
    base_version: int
    made_ms: int
    expires_ms: int
    trigger: Trigger
    about: tuple[str, ...]
    summary: str
    routes: dict[str, tuple[str, ...]]
    moves: tuple[Move, ...]
    saves_min: float
    price_min: float
    driving_min: float
    better_share: float
    samples: int
    source: str
    alternatives: tuple[Alternative, ...] = ()
    unhelped: dict[str, str] = {}


class PlanEvent(Event, frozen=True, kw_only=True):
    """What all of them say. `id` is the same whenever the same cause is folded again."""

    id: str
    territory: str
    time_ms: int
    cause: Cause


@final
class Proposed(PlanEvent, frozen=True, kw_only=True, tag="proposed"):
    proposal: Proposal


@final
class NoBetterPlan(PlanEvent, frozen=True, kw_only=True, tag="no_better_plan"):
    """Nothing that is allowed gains more than its price. `reasons` by appointment that could not be helped."""

    trigger: Trigger
    base_version: int
    reasons: dict[str, str]


Outcome = Literal["accepted", "rejected", "expired", "outdated"]


@final
class ProposalClosed(PlanEvent, frozen=True, kw_only=True, tag="proposal_closed"):
    proposal: str
    outcome: Outcome
    by: str = ""
    why: str = ""


Because = Literal["planned", "proposal", "cancelled", "lost", "declined", "pinned", "changed"]
"""What changed the plan. `changed`: an appointment or a shift is another than it was."""


@final
class PlanChanged(PlanEvent, frozen=True, kw_only=True, tag="plan_changed"):
    """The plan has another version. Whoever tells technicians needs nothing but what stands here.

    `assignments` are those new, changed or withdrawn; `routes` the orders of the technicians touched.
    """

    version: int
    because: Because
    assignments: tuple[Assignment, ...]
    routes: tuple[Route, ...]
    proposal: str | None = None


PlanOutbound = Proposed | NoBetterPlan | ProposalClosed | PlanChanged
