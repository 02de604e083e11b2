"""When an arrival is published: where it has moved by so much that a dispatcher, or a customer, should know."""

from typing import Annotated

import msgspec
from msgspec import Meta

from features.units import ms
from models.forecast import Expected, Published

Minutes = Annotated[float, Meta(gt=0.0, le=1_440.0)]


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By how many minutes p50 has to move for a dispatcher, and for the customer. p80 and p90 have to move twice
    as far: of a few hundred samples they jitter by more than that."""

    dispatcher_min: Minutes = 3.0
    customer_min: Minutes = 10.0


def publish(
    known: Published | None, expected: Expected, level_changed: bool, params: Params
) -> Published | None:
    """What is to be published now, None where nothing is. A first prediction is, and so is every change of a level.

    A customer hears of it when the median has moved by their limit since they last did.
    """
    if known is None:
        return _of(expected, expected.start_p50_ms)
    customer_ms = known.customer_ms
    if abs(expected.start_p50_ms - customer_ms) >= ms(60 * params.customer_min):
        return _of(expected, expected.start_p50_ms)
    moved_ms = max(
        abs(expected.start_p50_ms - known.p50_ms),
        abs(expected.start_p80_ms - known.p80_ms) // 2,
        abs(expected.start_p90_ms - known.p90_ms) // 2,
    )
    if level_changed or moved_ms >= ms(60 * params.dispatcher_min):
        return _of(expected, customer_ms)
    return None


def _of(expected: Expected, customer_ms: int) -> Published:
    return Published(expected.start_p50_ms, expected.start_p80_ms, expected.start_p90_ms, customer_ms)
