"""A technician's app: what it has received, what it answers, and in which order it shows the day.

Assignments, routes and reminders get here when the device is next online. Each new assignment is answered by
`delivered`, and by its technician with `acknowledged` (at once, only after a reminder, or never) or `declined`.
So is one that was changed much, until its technician sets out.
"""

from bisect import insort
from collections.abc import Callable
from math import exp, log
from operator import attrgetter

import msgspec
import numpy as np

from features.asking import asked_of, is_another
from features.events import Assignment, Reminder, Route
from streams.simulator.quantities import Amount, Positive, Share
from streams.simulator.truth import Act

STAGGER_MS = 2_000
"""Between one acknowledgement and the next of a list that is gone through."""
Heard = Assignment | Route | Reminder


class AppParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How soon assignments are delivered and acknowledged, lognormal; shares are of assignments.

    A start that moves by more than `moved_s` is shown as something new.
    """

    delivered_median_s: Positive = 2.0
    delivered_sigma: Amount = 0.5
    acknowledge_median_s: Positive = 75.0
    acknowledge_sigma: Amount = 0.6
    reminded_share: Share = 0.03
    never_share: Share = 0.01
    declined_share: Share = 0.004
    moved_s: Positive = 1_800.0


class _Card(msgspec.Struct):
    """An assignment on the screen, last shown as something new as it was `asked`.

    `answer` is what its technician will do with it; `begun` once they set out.
    """

    assignment: Assignment
    asked: Assignment
    answer: str
    shown: bool = True
    answered: bool = False
    begun: bool = False


class App:
    """`draws` makes the randomness of an appointment's answer, `online` says when a device is next online."""

    def __init__(
        self,
        technician: str,
        shift_start_ms: int,
        draws: Callable[[str], np.random.Generator],
        online: Callable[[int], int],
        params: AppParams,
    ) -> None:
        self._technician, self._shift_start_ms = technician, shift_start_ms
        self._draws, self._online, self._params = draws, online, params
        self._arriving: list[tuple[int, int, Heard]] = []
        self._heard = 0
        self._cards: dict[str, _Card] = {}
        self._route: tuple[int, dict[str, int]] = (-1, {})
        self._acts: list[Act] = []

    def hear(self, event: Heard, now_ms: int) -> None:
        """Something was sent that is known to the network since `now_ms`."""
        insort(self._arriving, (self._online(max(now_ms, event.time_ms)), self._heard, event))
        self._heard += 1

    def acts(self, until_ms: float) -> list[Act]:
        """What the app and its technician answer before `until_ms`, in order, each once."""
        self._receive(until_ms)
        due = [act for act in self._acts if act.time_ms < until_ms]
        self._acts = [act for act in self._acts if act.time_ms >= until_ms]
        return sorted(due, key=attrgetter("time_ms"))

    def ahead(self, now_ms: float) -> list[Assignment]:
        """What is to be served, in order: as the latest route says, then by the time planned."""
        self._receive(now_ms)
        shown = [card.assignment for card in self._cards.values() if card.shown and card.answer != "declined"]
        places = self._route[1]
        return sorted(
            shown,
            key=lambda one: (places.get(one.appointment, len(places)), one.planned_start_ms or 0),
        )

    def holds(self, appointment: str, now_ms: float) -> bool:
        """Whether it is still on the screen: neither withdrawn nor done."""
        self._receive(now_ms)
        card = self._cards.get(appointment)
        return card is not None and card.shown

    def takes(self, appointment: str, now_ms: int) -> None:
        """Its technician sets out for it: who meant to acknowledge it later does it now."""
        pending = [act for act in self._acts if act.appointment == appointment]
        self._acts = [act for act in self._acts if act.appointment != appointment]
        for act in pending:
            self._acts.append(msgspec.structs.replace(act, time_ms=min(act.time_ms, now_ms)))
        self._cards[appointment].answered = self._cards[appointment].begun = True

    def done(self, appointment: str) -> None:
        self._cards[appointment].shown = False

    def _receive(self, until_ms: float) -> None:
        while self._arriving and self._arriving[0][0] < until_ms:
            at_ms, _, event = self._arriving.pop(0)
            if isinstance(event, Route):
                self._take_route(event)
            elif isinstance(event, Reminder):
                self._remind(event, at_ms)
            else:
                self._take(event, at_ms)

    def _take_route(self, route: Route) -> None:
        if route.plan_version >= self._route[0]:
            self._route = route.plan_version, {name: n for n, name in enumerate(route.stops)}

    def _take(self, assignment: Assignment, at_ms: int) -> None:
        name = assignment.appointment
        card = self._cards.get(name)
        if card is not None and assignment.time_ms < card.assignment.time_ms:
            return
        if assignment.withdrawn:
            if card is not None:
                card.shown, card.assignment = False, assignment
                self._acts = [act for act in self._acts if act.appointment != name]
            return
        if card is not None and not card.assignment.withdrawn and not self._is_new(card, assignment):
            card.assignment = assignment
            return
        self._acts = [act for act in self._acts if act.appointment != name]
        self._cards[name] = self._answered(assignment, at_ms)

    def _is_new(self, card: _Card, assignment: Assignment) -> bool:
        if card.begun or not card.shown:
            return False
        moved_ms = round(self._params.moved_s * 1000)
        return is_another(asked_of(card.asked, 0), asked_of(assignment, 0), moved_ms)

    def _answered(self, assignment: Assignment, at_ms: int) -> _Card:
        """A new card, with what will be said of it."""
        name, params, draw = assignment.appointment, self._params, self._draws(assignment.appointment)
        delivered_ms = at_ms + _after(params.delivered_median_s, params.delivered_sigma, draw)
        self._say("delivered", name, delivered_ms)
        answer, lot = "acknowledged", float(draw.random())
        if lot < params.declined_share:
            answer = "declined"
        elif lot < params.declined_share + params.never_share:
            answer = "never"
        elif lot < params.declined_share + params.never_share + params.reminded_share:
            answer = "reminded"
        if answer in ("acknowledged", "declined"):
            self._say(answer, name, self._looked_ms(delivered_ms, draw))
        return _Card(assignment, assignment, answer, answered=answer in ("acknowledged", "declined"))

    def _looked_ms(self, delivered_ms: int, draw: np.random.Generator) -> int:
        """When they look at it: what came before the shift, one after another when it has begun."""
        params = self._params
        if delivered_ms < self._shift_start_ms:
            together = self._draws("the list")
            after_ms = _after(params.acknowledge_median_s, params.acknowledge_sigma, together)
            waiting = sum(act.status != "delivered" for act in self._acts)
            return self._shift_start_ms + after_ms + STAGGER_MS * waiting
        return delivered_ms + _after(params.acknowledge_median_s, params.acknowledge_sigma, draw)

    def _remind(self, reminder: Reminder, at_ms: int) -> None:
        card = self._cards.get(reminder.appointment)
        if card is None or not card.shown or card.answered or card.answer != "reminded":
            return
        card.answered = True
        draw = self._draws(f"{reminder.appointment} reminded")
        after_ms = _after(self._params.acknowledge_median_s, self._params.acknowledge_sigma, draw)
        self._say("acknowledged", reminder.appointment, max(at_ms, self._shift_start_ms) + after_ms)

    def _say(self, status: str, appointment: str, at_ms: int) -> None:
        self._acts.append(Act(self._technician, at_ms, status, appointment))


def _after(median_s: float, sigma: float, draw: np.random.Generator) -> int:
    return round(1000 * exp(log(median_s) + sigma * float(draw.standard_normal())))
