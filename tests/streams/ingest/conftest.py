"""A door, an outbox that keeps what it is given, and servers on free ports."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest

from streams.ingest.door import Door
from streams.ingest.params import HttpParams
from streams.ingest.server import listening
from tests.support.ingest import NOW_MS, KeepingOutbox


@pytest.fixture
def door() -> Door:
    return Door("http", "headway.technicians", "headway.territories", "headway.dead-letters")


@pytest.fixture
async def outbox() -> KeepingOutbox:
    return KeepingOutbox()


@pytest.fixture
async def opened(
    door: Door, outbox: KeepingOutbox
) -> AsyncIterator[Callable[..., Awaitable[aiohttp.ClientSession]]]:
    """Opens the HTTP door with the given limits on a free port; the session speaks to it."""
    async with AsyncExitStack() as stack:

        async def open_door(**limits: float) -> aiohttp.ClientSession:
            params = HttpParams(**({"port": 0} | limits))
            port = await stack.enter_async_context(listening(door, outbox, params, lambda: NOW_MS))
            return await stack.enter_async_context(aiohttp.ClientSession(f"http://127.0.0.1:{port}"))

        yield open_door
