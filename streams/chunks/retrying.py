"""Waiting for a dependency that is away."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from streams.errors import BrokerUnavailable, StoreUnavailable

FIRST_S = 0.1
LONGEST_S = 5.0
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
    pause_s, since = FIRST_S, 0.0
    while True:
        try:
            result = await call()
        except on as error:
            if not since:
                since = time.monotonic()
                log.warning("waiting%s: %s", f" ({doing})" if doing else "", error)
        else:
            if since:
                log.warning(
                    "going on%s after %.1f s", f" ({doing})" if doing else "", time.monotonic() - since
                )
            return result
        # Somewhere in the upper half, so that workers which failed together don't return together.
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
        pause_s = min(pause_s * 2, longest_s)
