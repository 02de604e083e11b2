"""How technicians spend a shift besides working and driving."""

import msgspec

from streams.simulator.quantities import Amount, Positive, Share


class ShiftParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a day holds besides work. Nobody sets out to be there more than `early_at_most_s` before the window."""

    device_on_before_s: Amount = 300.0
    device_on_after_s: Amount = 600.0
    max_start_delay_s: Amount = 600.0
    overtime_s: Amount = 3_600.0
    early_at_most_s: Amount = 1_200.0
    break_from_h: Amount = 11.5
    break_spread_h: Amount = 0.75
    break_place_share_of_days: Share = 0.7
    break_median_s: Positive = 2_400.0
    break_sigma: Amount = 0.15
    depot_trip_share_of_days: Share = 0.2
    depot_trip_min_s: Amount = 360.0
    depot_trip_max_s: Amount = 1_200.0
    parked_away_share_of_visits: Share = 0.01
    parked_away_min_m: Amount = 110.0
    parked_away_max_m: Amount = 180.0
    setup_max_s: Amount = 150.0
    paperwork_median_s: Positive = 120.0
    paperwork_sigma: Amount = 0.6
    engine_off_max_s: Amount = 60.0
