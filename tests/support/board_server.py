"""The board over states in memory, listening on a port of its own."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import msgspec
from playwright.sync_api import Page, expect

from features.technician import PartitionState, TechnicianState
from features.territory import TerritoryState
from models.forecast import RiskState
from streams.dashboard.app import Parts
from streams.dashboard.commands import Desk
from streams.dashboard.fence_map import FenceMap
from streams.dashboard.news import News
from streams.dashboard.params import BoardParams
from streams.dashboard.reading import Reading, Sources
from streams.dashboard.server import Server, listening
from streams.day_codec import decode_territory
from streams.ports import Message
from streams.queries import Queries
from streams.simulator.city import CityParams, build
from streams.simulator.city_geojson import collections
from tests.support import board_day
from tests.support.http import Client

BOARD = f"/t/{board_day.TERRITORY}"


class States:
    """What the board reads, in this process; a `KeyedReader` by key, and of technicians a `Reader`."""

    def __init__(self) -> None:
        self.territories: dict[str, TerritoryState] = {board_day.TERRITORY: board_day.territory()}
        self.risks: dict[str, RiskState] = board_day.risks()
        self.technicians: dict[str, TechnicianState] = board_day.technicians()
        self.sent: list[Message] = []

    async def send(self, messages: Sequence[Message]) -> None:
        self.sent += messages


class Keyed(msgspec.Struct):
    states: dict[str, object]

    async def one(self, key: str) -> object:
        return self.states.get(key)

    async def some(self, keys: object) -> dict[str, object]:
        return {key: self.states[key] for key in keys if key in self.states}  # type: ignore[attr-defined]

    async def every(self) -> dict[str, object]:
        return dict(self.states)

    async def close(self) -> None:
        """Nothing to close."""


class Everybody(msgspec.Struct):
    """The reader under `Queries`: whoever is asked for, all are there."""

    states: dict[str, TechnicianState]

    async def one(self, technician: str) -> TechnicianState | None:
        return self.states.get(technician)

    async def every(self) -> list[TechnicianState]:
        return list(self.states.values())

    async def within(self, _: object) -> list[TechnicianState]:
        return await self.every()

    async def partition_states(self) -> list[PartitionState]:
        return []


def parts(states: States, params: BoardParams, wall_ms: int = board_day.NOW_MS) -> Parts:
    """The board over states in memory."""
    news = News(params.remembered_news, lambda: wall_ms)
    for item in board_day.news():
        news.hear([item])
    fences = FenceMap(news.touch)
    for fence in board_day.fences():
        fences._fences[fence.fence, fence.version] = fence
    queries = Queries(Everybody(states.technicians))
    sources = Sources(Keyed(states.territories), Keyed(states.risks), queries)  # type: ignore[arg-type]
    reading = Reading(sources, news, board_day.ZONE, board_day.REBALANCING)
    desk = Desk(states, "territories", "the board", 5.0, news.answered)  # type: ignore[arg-type]
    return Parts(params, reading, news, desk, fences, lambda: wall_ms, town())


@cache
def town() -> bytes:
    """The simulated city's water, districts and streets."""
    layers = collections(build(7, CityParams())).values()
    features = [feature for layer in layers for feature in layer["features"]]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


@contextmanager
def served(made: Parts) -> Iterator[str]:
    """A running server's address."""
    with listening(made.params) as there:
        server = Server(made)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([there])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{there.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def board(states: States, **more: object) -> Iterator[Client]:
    with served(parts(states, BoardParams(port=0, **more))) as url:  # type: ignore[arg-type]
        yield Client(url)


def commands(states: States) -> list[object]:
    return [decode_territory(message.value, message.key) for message in states.sent]


class Shown:
    """A page over states; `become` changes what the states hold, as agents would."""

    def __init__(self, page: Page, url: str, made: Parts, states: States) -> None:
        self.page, self.url, self._made, self.states = page, url, made, states

    def open(self, address: str = BOARD, *, drawn: bool = False) -> Page:
        """Without a graphics card a map takes long: it is only `drawn` where that is what is tested."""
        if not drawn:
            self.page.route("**/maplibre-gl-csp.js*", lambda route: route.abort())
        self.page.goto(self.url + address)
        expect(self.page.locator("#board")).to_be_visible()
        return self.page

    def become(self, state: TerritoryState) -> None:
        self.states.territories[board_day.TERRITORY] = state
        # The follower's word comes on the server's loop; a beat later is soon enough here.
        self._made.news.revision += 1
