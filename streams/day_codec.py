"""The same as `codec.py` for the day's plan: what goes over `territories` and `plans`, and signals that we hear."""

import msgspec

from features.events import Signal, Tick
from features.plan_events import PlanOutbound
from features.rejection import Rejection
from features.territory_events import TerritoryInbound
from streams.codec import decode_as, parsed, wrong_key

MAX_TERRITORY_BYTES = 512 * 1024
"""A longer message is malformed. The longest honest one is the morning's plan: the names of all appointments."""
MAX_PLAN_BYTES = 1024 * 1024
"""As long as a message on the topic may be: a changed plan carries whole assignments."""

_decode_territory = msgspec.json.Decoder(TerritoryInbound).decode
_decode_plan = msgspec.json.Decoder(PlanOutbound).decode
_decode_signal = msgspec.json.Decoder(Signal).decode


def key_of(event: TerritoryInbound | PlanOutbound) -> bytes | None:
    """The Kafka key of what goes over either topic. A tick has none: it is sent to each partition by name."""
    return None if isinstance(event, Tick) else event.territory.encode()


def decode_territory(value: bytes | None, key: bytes | None) -> TerritoryInbound | Rejection:
    """The event in a record of `territories`. The key must be the territory that the body names."""
    event = decode_territory_body(value)
    if isinstance(event, Rejection | Tick) or key == event.territory.encode():
        return event
    return wrong_key(key, "territory", event.territory)


def decode_territory_body(value: bytes | None) -> TerritoryInbound | Rejection:
    """The event of a territory in bytes that have no key, as in a file or by HTTP."""
    return decode_as(value, _decode_territory, MAX_TERRITORY_BYTES)


def decode_plan(value: bytes | None) -> PlanOutbound | Rejection:
    """The event in a record of `plans`, which the rebalance agent sent."""
    return parsed(value, _decode_plan, MAX_PLAN_BYTES)


def hear_signal(value: bytes | None) -> Signal | Rejection:
    """The signal in a record of `signals`, for agents: what is none goes to the dead letters."""
    return parsed(value, _decode_signal, MAX_TERRITORY_BYTES)
