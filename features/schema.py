"""JSON Schema of what goes over the wire."""

import msgspec

from features.events import Inbound, Signal
from features.fence_events import Fence
from features.wire import SCHEMA_VERSION


def json_schema() -> dict[str, object]:
    """JSON Schema of everything on the wire, for producers in other languages."""
    schemas, components = msgspec.json.schema_components(
        [Inbound, Fence, Signal], ref_template="#/$defs/{name}"
    )
    inbound, fence, signal = schemas
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Headway events, version {SCHEMA_VERSION}",
        "topics": {"technicians": inbound, "fences": fence, "signals": signal},
        "$defs": components,
    }
