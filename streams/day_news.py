"""What comes back from a system during a day: for technicians, for dispatchers, of risks, and from telemetry."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from features.events import Assignment, Reminder, Route, Signal
from features.plan_events import PlanOutbound
from features.rejection import Rejection
from features.territory_events import RiskChanged, TerritoryInbound
from streams.codec import decode, decode_signal
from streams.day_codec import decode_plan, decode_territory
from streams.settling import Followed, is_position
from streams.simulator.app import Heard
from streams.simulator.move import Move

E = TypeVar("E", bound=msgspec.Struct)


class News(msgspec.Struct):
    """Each event once, and what is of one topic in its order."""

    heard: list[Heard] = []
    plans: list[PlanOutbound] = []
    risks: list[RiskChanged] = []
    signals: list[Signal] = []


class Desk:
    """Sorts what was read of the topics. A day that was moved hears everything at its own time again."""

    def __init__(self, topics: Mapping[str, Followed], move: Move | None) -> None:
        self._topics, self._move = topics, move
        self._causes: set[object] = set()

    def taken(self) -> News:
        """What was read since the last call."""
        plans = (decode_plan(record.value) for record in self._topics["plans"].taken())
        signals = (decode_signal(record.value) for record in self._topics["signals"].taken())
        return News(
            [self._back(event) for event in self._sent_to_technicians()],
            [self._back(event) for event in self._fresh(plans)],
            [self._back(event) for event in self._fresh(self._risks())],
            list(self._fresh(signals)),
        )

    def _sent_to_technicians(self) -> Iterator[Heard]:
        for record in self._topics["technicians"].taken():
            if record.value is None or is_position(record.value):
                continue
            event = decode(record.value, record.key)
            if isinstance(event, Assignment | Route | Reminder):
                yield event

    def _risks(self) -> Iterator[RiskChanged]:
        for record in self._topics["territories"].taken():
            event = _risk(record)
            if isinstance(event, RiskChanged):
                yield event

    def _fresh(self, events: Iterable[E | Rejection]) -> Iterator[E]:
        """Those that were not sent before. What was sent twice has the same cause."""
        for event in events:
            if isinstance(event, Rejection):
                continue
            cause = (type(event), getattr(event, "cause", None))
            if cause not in self._causes:
                self._causes.add(cause)
                yield event

    def _back(self, event: E) -> E:
        return event if self._move is None else self._move.back(event)


def _risk(record: Any) -> TerritoryInbound | Rejection | None:
    """Most of what is said of territories needs no reading here."""
    if record.value is None or not record.value.startswith(b'{"type":"risk_changed"'):
        return None
    return decode_territory(record.value, record.key)
