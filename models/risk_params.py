"""How predictions look at a route, and when one is at risk. Read from `configs/`.

Beside the logic in `eta.py` and `risk.py`, and apart from it: whoever reads settings needs no numbers library.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.route_fold import Params as RouteParams
from features.units import Seconds, Share
from models.arrivals import Params as ArrivalsParams
from models.cadence import Params as CadenceParams
from models.levels import Params as LevelsParams
from models.start import Params as StartParams


class EtaParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`stale_spread` is the log-sd that a stale position adds to the leg from there."""

    start: StartParams = StartParams()
    stale_spread: float = 0.35


class RiskParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`samples` of what may happen; `day_sigma` is the log-sd of the slow-day factor that a route's work shares.

    Who has not departed `overdue_after_s` after the latest feasible departure is at risk. Who went off shift with
    work ahead is lost after `lost_after_s`: people tap by mistake.
    """

    samples: Annotated[int, Meta(ge=16, le=8_192)] = 512
    day_sigma: Share = 0.1
    overdue_after_s: Seconds = 300.0
    lost_after_s: Seconds = 60.0
    route: RouteParams = RouteParams()
    eta: EtaParams = EtaParams()
    levels: LevelsParams = LevelsParams()
    cadence: CadenceParams = CadenceParams()
    arrivals: ArrivalsParams = ArrivalsParams()
