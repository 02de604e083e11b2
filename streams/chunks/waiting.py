"""Waiting for a dependency that is away."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from streams.errors import BrokerUnavailable, StoreUnavailable

FIRST_S = 0.1
LONGEST_S = 5.0
AGAIN = "going on%s after %.1f s"
AWAY: tuple[type[Exception], ...] = (StoreUnavailable, BrokerUnavailable)

T = TypeVar("T")
log = logging.getLogger(__name__)


async def retrying(
    call: Callable[[], Awaitable[T]],
    *,
    on: tuple[type[Exception], ...] = AWAY,
    doing: str = "",
    longest_s: float = LONGEST_S,
) -> T:
    """Make a call until it doesn't raise one of `on`: for ever, with pauses that grow and vary.

    Logs once when it begins to wait and once when the call succeeds at last. Stop it by cancelling.
    """
    about, since = f" ({doing})" if doing else "", time.monotonic()
    try:
        return await call()
    except on as error:
        log.warning("waiting%s: %s", about, error)
    for pause_s in pauses(longest_s):
        await asyncio.sleep(pause_s)
        try:
            result = await call()
        except on:
            continue
        except Exception:
            # An answer as well, if another than hoped for: what was away is back.
            log.warning(AGAIN, about, time.monotonic() - since)
            raise
        log.warning(AGAIN, about, time.monotonic() - since)
        return result
    raise AssertionError("pauses never end")


def pauses(longest_s: float) -> Iterator[float]:
    """Without end, doubled up to `longest_s`; each somewhere in the upper half of its length.

    So workers that failed together don't return together.
    """
    pause_s = min(FIRST_S, longest_s)
    while True:
        yield pause_s * random.uniform(0.5, 1.0)
        pause_s = min(pause_s * 2, longest_s)
