"""What the log has said of late: one follower hears it, all pages share it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from features.events import Signal, Ticked
from features.territory_events import AcceptProposal, RejectProposal
from streams.dashboard.proposals import Answer
from streams.dashboard.sentences import Told, sentence

PACE_OVER_MS = 10_000
"""Of the wall clock: over the last so long the pace of event time is measured."""
WAITING_MS = 20_000
"""Of the wall clock: for so long an answer counts that no plan has taken up."""


class Item(msgspec.Struct, frozen=True):
    """`id` names the record for good: after a restart the feed goes on from it."""

    id: str
    told: Told


class News:
    """`revision` rises with everything heard. `now_ms` is the wall clock."""

    def __init__(self, remembered: int, now_ms: Callable[[], int]) -> None:
        self.items: deque[Item] = deque(maxlen=remembered)
        self.revision = 0
        self.problem = ""
        self._now_ms = now_ms
        self._answers: dict[str, tuple[Answer, int]] = {}
        self._clocks: deque[tuple[int, int]] = deque(maxlen=64)
        self._changed, self._ended = asyncio.Event(), asyncio.Event()

    def hear(self, items: Sequence[Item]) -> None:
        """Take in what was read, in order."""
        for item in items:
            self._note(item.told)
            if _worth_keeping(item.told):
                self.items.append(item)
        self.touch()

    def touch(self) -> None:
        """Something is to be read anew."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def end(self) -> None:
        """Nothing comes any more: whoever listens may go."""
        self._ended.set()
        self.touch()

    async def ended(self, within_s: float = 0.0) -> bool:
        """Wait for so long; True where it has ended (at once, where it had before)."""
        if not self._ended.is_set() and within_s > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), within_s)
        return self._ended.is_set()

    async def changed(self, since: int, within_s: float) -> bool:
        """Wait until there is more than the revision `since`; False after `within_s` without any."""
        if self.revision > since:
            return True
        try:
            await asyncio.wait_for(self._changed.wait(), within_s)
        except TimeoutError:
            return False
        return True

    def since(self, last: str) -> list[Item] | None:
        """What came after an item, the oldest first; None where that is not remembered (any more)."""
        newer: list[Item] = []
        for item in reversed(self.items):
            if item.id == last:
                return newer[::-1]
            newer.append(item)
        return None

    def answers(self) -> dict[str, Answer]:
        """What people said to proposals and no plan has taken up yet, by proposal."""
        now_ms = self._now_ms()
        return {
            proposal: answer
            for proposal, (answer, heard_ms) in self._answers.items()
            if now_ms - heard_ms < WAITING_MS
        }

    def pace(self) -> float:
        """Seconds of event time a second; 1 while it is not known."""
        wall_now, clock_now = self._clocks[-1] if self._clocks else (0, 0)
        earlier = [one for one in self._clocks if wall_now - one[0] >= PACE_OVER_MS]
        if not earlier:
            return 1.0
        wall_then, clock_then = earlier[-1]
        return (clock_now - clock_then) / (wall_now - wall_then)

    def answered(self, command: AcceptProposal | RejectProposal) -> None:
        """Somebody has said so here: pages need not wait until it is heard on the log."""
        self._note(command)
        self.touch()

    def _note(self, told: Told) -> None:
        if isinstance(told, AcceptProposal):
            self._answers[told.proposal] = Answer("accepted", told.by, told.time_ms), self._now_ms()
        elif isinstance(told, RejectProposal):
            self._answers[told.proposal] = Answer("rejected", told.by, told.time_ms), self._now_ms()
        elif isinstance(told, Signal) and isinstance(told.event, Ticked):
            self._note_clock(told.event.time_ms)

    def _note_clock(self, clock_ms: int) -> None:
        """About one a second is kept."""
        wall_ms = self._now_ms()
        if not self._clocks or wall_ms - self._clocks[-1][0] >= 1_000:
            self._clocks.append((wall_ms, clock_ms))


def _worth_keeping(told: Told) -> bool:
    return sentence(told, {}, {}) is not None
