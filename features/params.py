"""All parameters of telemetry, one set for each step. Read from `configs/`."""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.appointment import Params as AppointmentParams
from features.cleaning import Params as CleaningParams
from features.clock import Params as ClockParams
from features.fencing import Params as FencingParams
from features.motion import Params as MotionParams
from features.ordering import Params as OrderingParams
from features.silence import Params as SilenceParams
from features.speed_unit import Params as SpeedUnitParams
from features.stops import Params as StopsParams
from features.switches import Params as SwitchesParams
from features.units import Seconds


class TelemetryParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`cell_resolution` is that of the H3 cell by which technicians are found.

    A technician's position is reported with the first kept fix that is `report_every_s` after the last reported.
    """

    require_roster: bool = False
    cell_resolution: Annotated[int, Meta(ge=0, le=15)] = 9
    report_every_s: Seconds = 60.0
    clock: ClockParams = ClockParams()
    ordering: OrderingParams = OrderingParams()
    cleaning: CleaningParams = CleaningParams()
    silence: SilenceParams = SilenceParams()
    motion: MotionParams = MotionParams()
    speed_unit: SpeedUnitParams = SpeedUnitParams()
    fences: FencingParams = FencingParams()
    switches: SwitchesParams = SwitchesParams()
    stops: StopsParams = StopsParams()
    appointments: AppointmentParams = AppointmentParams()
