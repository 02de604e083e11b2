"""What people decide on the board, as commands on `territories`."""

import asyncio
from collections.abc import Callable
from typing import Any

from features.territory_events import (
    AcceptProposal,
    Command,
    PinAppointment,
    RejectProposal,
    RequestRebalance,
)
from streams.codec import encode
from streams.dashboard.day import Day
from streams.errors import BadInput, BrokerUnavailable
from streams.ports import Message, Outbox

LONGEST_WHY = 256
Answered = AcceptProposal | RejectProposal


class Desk:
    """Sends commands, in the name of `by`. Each names what it is about; whether it still holds the plan decides.

    `answered` is told of answers to a proposal, once Kafka has them.
    """

    def __init__(
        self,
        outbox: Outbox,
        topic: str,
        by: str,
        within_s: float,
        answered: Callable[[Answered], None] = lambda _: None,
    ) -> None:
        self._outbox, self._topic, self._by, self._within_s = outbox, topic, by, within_s
        self._answered = answered

    async def accept(self, day: Day, proposal: str) -> str:
        _check_open(day, proposal)
        accepted = AcceptProposal(**self._said(day), proposal=proposal)
        await self._send(accepted)
        self._answered(accepted)
        return "Accepted. Routes change in a moment."

    async def reject(self, day: Day, proposal: str, why: str) -> str:
        _check_open(day, proposal)
        said = "".join(one if one.isprintable() else " " for one in why).strip()[:LONGEST_WHY]
        rejected = RejectProposal(**self._said(day), proposal=proposal, why=said)
        await self._send(rejected)
        self._answered(rejected)
        return "Rejected."

    async def pin(self, day: Day, appointment: str, pinned: bool) -> str:
        _check_known(day, appointment)
        await self._send(PinAppointment(**self._said(day), appointment=appointment, pinned=pinned))
        return f"{appointment} {'stays where it is' if pinned else 'may move again'}."

    async def request(self, day: Day, appointment: str) -> str:
        if appointment:
            _check_known(day, appointment)
        named = (appointment,) if appointment else ()
        await self._send(RequestRebalance(**self._said(day), appointments=named))
        return "Looking for a better plan."

    def _said(self, day: Day) -> dict[str, Any]:
        return {"territory": day.territory.territory, "time_ms": day.now_ms, "by": self._by}

    async def _send(self, command: Command) -> None:
        """Raises `BrokerUnavailable` where Kafka does not confirm in time."""
        key = command.territory.encode()
        message = Message(self._topic, key, encode(command), timestamp_ms=command.time_ms)
        try:
            async with asyncio.timeout(self._within_s):
                await self._outbox.send([message])
        except TimeoutError as error:
            raise BrokerUnavailable(
                "Kafka does not answer, so nothing was decided; try again in a moment"
            ) from error


def _check_open(day: Day, proposal: str) -> None:
    open_one = day.proposal
    if open_one is None or open_one.proposal != proposal:
        raise BadInput("this proposal is no longer open; look at what is there now")
    if open_one.expires_ms <= day.now_ms:
        raise BadInput("this proposal has expired; ask for a better plan anew")


def _check_known(day: Day, appointment: str) -> None:
    if appointment not in day.territory.appointments:
        raise BadInput(f"{appointment[:128]!r} is no appointment of today")
