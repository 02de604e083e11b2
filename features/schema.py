"""JSON Schema of what goes over the wire."""

import msgspec

from features.events import Inbound, Signal
from features.fence_events import Fence
from features.plan_events import PlanOutbound
from features.territory_events import TerritoryInbound
from features.wire import SCHEMA_VERSION


def json_schema() -> dict[str, object]:
    """JSON Schema of everything on the wire, for producers in other languages."""
    types = {
        "technicians": Inbound,
        "signals": Signal,
        "territories": TerritoryInbound,
        "plans": PlanOutbound,
        "fences": Fence,
    }
    schemas, components = msgspec.json.schema_components(types.values(), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Headway events, version {SCHEMA_VERSION}",
        "topics": dict(zip(types, schemas, strict=True)),
        "$defs": components,
    }
