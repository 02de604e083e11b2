"""A fix that passed cleaning, and how the fences look from it."""

import msgspec

from features.fence_events import FenceKind


class Fix(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An accepted position. `exact` fixes make transitions, the others only move the position.

    `accuracy_m` is never missing here: cleaning fills in what counts for a missing one.
    """

    time_ms: int
    lat: float
    lon: float
    accuracy_m: float
    exact: bool = True
    speed_mps: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    pto: bool | None = None


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """One fence as seen from one fix. `beyond_m` is the distance to the border, 0 or less inside.

    `crossed` says that the way here from the fix before cut the fence although neither fix lies inside.
    """

    fence: str
    version: int
    kind: FenceKind
    beyond_m: float
    radius_m: float
    crossed: bool = False
