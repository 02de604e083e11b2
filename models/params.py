"""All parameters of predictions and decisions, one set for each part. Read from `configs/decisions.toml`."""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.acknowledgement import Params as AcknowledgementParams
from models.planning.params import Params as PlanningParams
from models.rebalancing.params import Params as RebalancingParams
from models.risk_params import RiskParams


class ModelsParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`folder` has the trained models: training saves them there, the agents load them from there."""

    folder: Annotated[str, Meta(min_length=1)] = ".headway/models"


class DecisionParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`time_zone` is the IANA name of the zone in which days and hours are told."""

    time_zone: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}(?![\s\S])")] = "America/Phoenix"
    models: ModelsParams = ModelsParams()
    risk: RiskParams = RiskParams()
    rebalancing: RebalancingParams = RebalancingParams()
    planning: PlanningParams = PlanningParams()
    acknowledgement: AcknowledgementParams = AcknowledgementParams()
