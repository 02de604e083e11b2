"""What pages are made of, read from the state: at most a few times a second, however many look."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from features.technician import TechnicianState
from features.territory import TerritoryState
from models.forecast import RiskState
from models.rebalancing.params import Params
from streams.dashboard.day import Day
from streams.dashboard.news import News
from streams.ports import KeyedReader, TechnicianQueries

FRESH_S = 0.2
"""What was read so long ago serves others."""
EVERY_DAY, EVERYBODY = "\x00days", "\x00technicians"
"""What is kept beside days; no territory has such a name."""


class Sources(msgspec.Struct, frozen=True):
    """The states that others own."""

    territories: KeyedReader[TerritoryState]
    risks: KeyedReader[RiskState]
    technicians: TechnicianQueries


class _Kept(msgspec.Struct, frozen=True):
    read_s: float
    revision: int
    what: Any


class Reading:
    """Answers with days. All may raise `StoreUnavailable`."""

    def __init__(self, sources: Sources, news: News, zone: str, rebalancing: Params) -> None:
        self._sources, self._news, self.zone, self._rebalancing = sources, news, zone, rebalancing
        self._kept: dict[str, _Kept] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def territories(self) -> list[str]:
        """The territories with a day, by name."""
        return sorted(await self._all())

    async def day(self, territory: str) -> Day | None:
        """None where there is no such day."""
        async with self._locks.setdefault(territory, asyncio.Lock()):
            kept = self._fresh(territory)
            if kept is not None:
                return kept.what  # type: ignore[no-any-return]
            revision = self._news.revision
            day = await self._read(territory)
            if day is None:
                # Names come from outside: nothing is kept of those that are none.
                self._locks.pop(territory, None)
                return None
            self._kept[territory] = _Kept(time.monotonic(), revision, day)
            return day

    async def everybody(self) -> Sequence[TechnicianState]:
        """All technicians of all territories."""
        async with self._locks.setdefault(EVERYBODY, asyncio.Lock()):
            kept = self._fresh(EVERYBODY)
            if kept is None:
                found = await self._sources.technicians.technicians()
                kept = self._kept[EVERYBODY] = _Kept(time.monotonic(), self._news.revision, found)
            return kept.what  # type: ignore[no-any-return]

    async def close(self) -> None:
        for source in (self._sources.territories, self._sources.risks, self._sources.technicians):
            close = getattr(source, "close", None)
            if close is not None:
                await close()

    def _fresh(self, name: str) -> _Kept | None:
        kept = self._kept.get(name)
        if kept is None:
            return None
        fresh = kept.revision == self._news.revision and time.monotonic() - kept.read_s < 5 * FRESH_S
        return kept if fresh or time.monotonic() - kept.read_s < FRESH_S else None

    async def _all(self) -> Mapping[str, TerritoryState]:
        async with self._locks.setdefault(EVERY_DAY, asyncio.Lock()):
            kept = self._kept.get(EVERY_DAY)
            if kept is None or time.monotonic() - kept.read_s > 5.0:
                kept = _Kept(time.monotonic(), 0, await self._sources.territories.every())
                self._kept[EVERY_DAY] = kept
            return kept.what  # type: ignore[no-any-return]

    async def _read(self, territory: str) -> Day | None:
        state = await self._sources.territories.one(territory)
        if state is None:
            return None
        risks, technicians = await asyncio.gather(
            self._sources.risks.some(state.roster), self._technicians(state)
        )
        return Day(state, risks, technicians, state.clock_ms, self.zone, self._rebalancing)

    async def _technicians(self, state: TerritoryState) -> dict[str, TechnicianState]:
        """Those of the roster, also where the roster of telemetry has them elsewhere."""
        there = await self._sources.technicians.in_territory(state.territory)
        found = {one.technician: one for one in there if one.technician in state.roster}
        missing = [one for one in state.roster if one not in found]
        for one in await asyncio.gather(*map(self._sources.technicians.technician, missing)):
            if one is not None:
                found[one.technician] = one
        return found
