"""What a better plan may cost, what it must gain, and how long it is looked for. Read from `configs/`."""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.endangered import UNSERVED_MIN
from features.units import Count, Seconds, Share

Minutes = Annotated[float, Meta(ge=0.0, le=1_440.0)]
Weight = Annotated[float, Meta(ge=0.0, le=100.0)]
Limit = Annotated[int, Meta(ge=0, le=1_000)]


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the search goes. Samples: of the first look at a move, of the search, and of the acceptance.

    `own_bonus_s` makes VROOM drive so much further rather than change a technician. `searches` and `depth` are
    VROOM's. `shortlist` moves of a round get the full look; a candidate is polished for `rounds` at most, and
    the best one shaken `shakes` times.
    """

    first_samples: Count = 48
    samples: Count = 200
    fresh_samples: Count = 400
    rounds: Count = 24
    shortlist: Count = 16
    shakes: Limit = 96
    searches: Count = 2
    depth: Limit = 3
    threads: Count = 1
    own_bonus_s: Seconds = 600.0


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Minutes are late minutes of an appointment of priority 3, the coin in which everything is counted.

    Planned to start within `order_frozen_s`, an appointment keeps technician and order; within
    `technician_frozen_s`, the technician. A cautious office takes prices of 20 and 10. A plan may change
    `changes_max` technicians, and disturb `disturbed_share` of the free appointments (at least one). It
    touches the technicians of whoever needs help and the `neighbours` nearest, `technicians_max` in all,
    and helps the `released_max` most urgent; where they can't help, it is looked for once more, among
    `wider_neighbours` and `wider_technicians_max`. A proposal holds until `expiry_margin_s` before the first
    departure that it changes, at most `proposal_expires_s` and at least `proposal_held_s`. Who has not taken up an
    assignment in time, or can't be reached, will not come with a probability of `overdue_doubt` or
    `unreachable_doubt`.
    """

    order_frozen_s: Seconds = 3_600.0
    technician_frozen_s: Seconds = 7_200.0
    neighbours: Count = 5
    technicians_max: Count = 12
    wider_neighbours: Count = 10
    wider_technicians_max: Count = 20
    released_max: Count = 40
    late_cap_min: Minutes = UNSERVED_MIN
    priority_weights: tuple[Weight, Weight, Weight, Weight, Weight] = (3.0, 1.5, 1.0, 0.8, 0.6)
    hard_weight: Weight = 2.0
    overtime_weight: Weight = 0.2
    driving_weight: Weight = 0.05
    technician_change_min: Minutes = 10.0
    time_change_min: Minutes = 6.0
    gain_min: Minutes = 10.0
    time_change_s: Seconds = 1_800.0
    changes_max: Limit = 5
    disturbed_share: Share = 0.2
    promises_max: Limit = 1
    overtime_max_s: Seconds = 1_800.0
    proposal_expires_s: Seconds = 900.0
    proposal_held_s: Seconds = 120.0
    expiry_margin_s: Seconds = 60.0
    overdue_doubt: Share = 0.3
    unreachable_doubt: Share = 0.6
    search: Search = Search()
