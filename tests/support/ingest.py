"""Events as clients send them, and an outbox that keeps what it is given."""

import asyncio
from collections.abc import Sequence

from streams.errors import BrokerUnavailable
from streams.ports import Message

NOW_MS = 1_750_000_000_000
PING = b'{"type":"ping","technician":"t1","time_ms":1749999999000,"lat":30.2,"lon":-97.7}'
STATUS = b'{"type":"status","technician":"t2","time_ms":1749999999000,"status":"on_shift"}'
ASSIGNMENT = b'{"type":"assignment","technician":"t1","time_ms":1749999999000,"appointment":"a1"}'
PROFILE = b'{"type":"profile","technician":"t3","time_ms":1749999999000,"name":"Ada","unheard_of":[1]}'
SHIFT = (
    b'{"type":"shift_planned","territory":"north","time_ms":1749999999000,"technician":"t1","skills":["gas"],'
    b'"shift":{"start_ms":1749970000000,"end_ms":1750000000000,"start":{"lat":30.2,"lon":-97.7},'
    b'"end":{"lat":30.2,"lon":-97.7}}}'
)
APPOINTMENT = (
    b'{"type":"appointment_requested","territory":"north","time_ms":1749999999000,"job":{"appointment":"a1",'
    b'"place":{"lat":30.3,"lon":-97.8},"window_start_ms":1749980000000,"window_end_ms":1749990000000}}'
)
CANCELLED = b'{"type":"appointment_cancelled","territory":"north","time_ms":1749999999000,"appointment":"a1"}'
LOST = b'{"type":"technician_lost","territory":"north","time_ms":1749999999000,"technician":"t1"}'
ROUTES = b'{"type":"routes_planned","territory":"north","time_ms":1749999999000,"routes":{"t1":["a1"]}}'
OFFICE = (SHIFT, APPOINTMENT, ROUTES, CANCELLED, LOST)
"""What an office says, in an order in which it can be so."""
DECISION = b'{"type":"accept_proposal","territory":"north","time_ms":1749999999000,"by":"eve","proposal":"p"}'
TICK = b'{"type":"tick","time_ms":1749999999000}'
BAD = b'{"type":"ping","technician":"t1","time_ms":1749999999000,"lat":91,"lon":0}'


class KeepingOutbox:
    """Keeps what is sent. `away`: it never answers ("silent"), or says so ("refusing")."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away: str | None = None
        self.asked = asyncio.Event()
        self.through = asyncio.Event()
        """Set: sends go through. Cleared: they wait."""
        self.through.set()

    async def send(self, messages: Sequence[Message]) -> None:
        self.asked.set()
        if self.away == "refusing":
            raise BrokerUnavailable("Kafka at 127.0.0.1:1 does not answer")
        if self.away == "silent":
            await asyncio.Event().wait()
        await self.through.wait()
        self.messages += messages
