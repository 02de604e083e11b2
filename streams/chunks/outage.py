"""Tells an operator that the broker is away, and that it is back: a line each, in place of the clients' chatter."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

PROBE_EVERY_S = 1.0
PROBE_WITHIN_S = 2.0
REMIND_EVERY_S = 60.0
UNEASY_AFTER_S = 10.0
LOOK_AGAIN_S = 3.0
"""A broker that is being stopped complains of itself before it goes."""

log = logging.getLogger(__name__)


async def reachable(bootstrap: str) -> bool:
    """Whether one of the brokers takes a connection."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            connecting = asyncio.open_connection(host.strip("[]"), int(port))
            _, writer = await asyncio.wait_for(connecting, PROBE_WITHIN_S)
        except (OSError, TimeoutError):
            continue
        writer.close()
        return True
    return False


class OutageWatch:
    """Is told of each complaint about the broker; looks for itself before it says anything."""

    def __init__(self, bootstrap: str, probe: Callable[[str], Awaitable[bool]] = reachable) -> None:
        self._bootstrap, self._probe = bootstrap, probe
        self._loop = asyncio.get_running_loop()
        self._complained = asyncio.Event()
        self._last = ""
        self._uneasy_since = 0.0
        self._quiet_until = 0.0

    def notice(self, complaint: str) -> None:
        """May be called from any thread."""
        self._last = complaint
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._complained.set)

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._complained.wait()
            since = time.monotonic()
            if not await self._probe(self._bootstrap):
                await self._see_it_through(since)
            elif self._goes_on(since):
                await self._look_again(since)
            await asyncio.sleep(PROBE_EVERY_S)
            self._complained.clear()

    async def _see_it_through(self, since: float) -> None:
        log.warning("Kafka at %s is away; waiting for it", self._bootstrap)
        while not await self._probe(self._bootstrap):
            await asyncio.sleep(PROBE_EVERY_S)
        log.warning("Kafka at %s is back after %.0f s", self._bootstrap, time.monotonic() - since)
        # What was complained of belonged to the outage.
        self._uneasy_since = 0.0

    def _goes_on(self, now: float) -> bool:
        """One complaint about a broker that answers is nothing; complaints that go on are something."""
        if now - self._uneasy_since > REMIND_EVERY_S:
            self._uneasy_since, self._quiet_until = now, now + UNEASY_AFTER_S
        return now >= self._quiet_until

    async def _look_again(self, since: float) -> None:
        await asyncio.sleep(LOOK_AGAIN_S)
        if not await self._probe(self._bootstrap):
            await self._see_it_through(since)
            return
        self._quiet_until = time.monotonic() + REMIND_EVERY_S
        log.warning("Kafka at %s answers, but not as it should: %s", self._bootstrap, self._last)
