"""Types of parameters: what a number may be is checked where it is read from `configs/`."""

from typing import Annotated

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0.0, le=86_400.0)]
Metres = Annotated[float, Meta(ge=0.0, le=100_000.0)]
MetresPerSecond = Annotated[float, Meta(ge=0.0, le=1_000.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=1, le=10_000)]


def ms(seconds: float) -> int:
    return round(seconds * 1000)
