"""Types of parameters: what a number may be is checked where it is read from `configs/`."""

from typing import Annotated

from msgspec import Meta

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Amount = Annotated[float, Meta(ge=0.0, le=1e9)]
"""Of anything that may be nothing: a spread, a rate, a wait."""
Positive = Annotated[float, Meta(gt=0.0, le=1e9)]
Count = Annotated[int, Meta(ge=1, le=100_000)]
