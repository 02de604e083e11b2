"""How plans change and what people are told of it. Read from `configs/`."""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.territory_facts import Params as FactsParams
from features.units import Count, Seconds
from models.rebalancing.policy import Params as PolicyParams


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer's time counts as changed when the planned start moves by `promise_moved_s`; a technician is
    told of another start from `told_moved_s` on.

    What was rejected is not proposed again for `rejected_for_s`, unless it gains `much_better_min` more.
    `remembered` proposals stay in the state after they were closed; appointments and shifts leave it
    `forgotten_after_s` after they were over. `assignments_max` go into one message. The solver is killed
    after `solver_limit_s`. An event whose clock is further than `ahead_max_s` before its record's must not
    let anything expire. A day begins `day_turns_s` after local midnight, and may be spoken of so many days before.
    """

    promise_moved_s: Seconds = 1_800.0
    told_moved_s: Seconds = 600.0
    rejected_for_s: Seconds = 3_600.0
    much_better_min: Annotated[float, Meta(ge=0.0)] = 30.0
    remembered: Count = 20
    forgotten_after_s: Seconds = 43_200.0
    assignments_max: Count = 100
    solver_limit_s: Annotated[float, Meta(gt=0.0, le=600.0)] = 3.0
    ahead_max_s: Seconds = 120.0
    day_turns_s: Seconds = 10_800.0
    days_ahead_max: Count = 7
    facts: FactsParams = FactsParams()
    policy: PolicyParams = PolicyParams()
