"""One technician's pings and words in order of event time, by a short reorder buffer.

Words are statuses, assignments and roster entries. A fix waits until the same technician's highest fix
time is `buffer_s` above its own, or a tick says that it was received `buffer_s` ago. Words wait with the
fixes but push nobody out: an app is often quicker than a tracker, whose fixes must not be late for that.
"""

from typing import final

import msgspec

from features.events import Assignment, DropReason, Ping, Route, Status
from features.units import Count, Seconds, ms
from features.waiting import Waiting


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to wait for what comes late, and how much of the past is remembered."""

    buffer_s: Seconds = 5.0
    max_waiting: Count = 128
    remembered: Count = 16


class Order(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`waiting` is in order of event time. The highest fix time yet is `high_ms`, of those released `frontier_ms`.

    `recent` has the sequence numbers of the last fixes released, or where a device has none, their times
    as it said them: whatever repeats one of them is a duplicate.
    """

    waiting: tuple[Waiting, ...] = ()
    high_ms: int = -1
    frontier_ms: int = -1
    recent: tuple[int, ...] = ()


@final
class Turned(msgspec.Struct, frozen=True, gc=False):
    """A ping that does not go on, and why."""

    item: Waiting
    reason: DropReason


Released = tuple[Waiting, ...]
Step = tuple[Order, Released, Turned | None]


def repeats(order: Order, ping: Ping) -> bool:
    """Whether a ping was seen before: by its sequence number, else by the time of a fix released already."""
    seq = ping.seq
    if seq is None:
        return ping.time_ms <= order.high_ms and ping.time_ms in order.recent
    for item in order.waiting:
        if item.heard is not None and item.heard.seq == seq:
            return True
    return seq in order.recent


def advance(order: Order, item: Waiting, params: Params, missing_accuracy_m: float = 30.0) -> Step:
    """Take in one ping or word. Returns what may go on now, in order, and the ping that may not."""
    time_ms, high_ms = item.time_ms, order.high_ms
    if item.heard is None:
        return *_release(order, _with(order, item), high_ms, high_ms - params.buffer_s * 1000, params), None
    if time_ms <= order.frontier_ms:
        # Of one time there is one fix, and the last one released has this time already.
        return order, (), Turned(item, "duplicate" if time_ms == order.frontier_ms else "late")
    turned = None
    if time_ms <= high_ms or time_ms != item.heard.time_ms:
        order, turned = _against_rival(order, item, item.heard.time_ms, missing_accuracy_m)
        if turned is not None and turned.item is item:
            return order, (), turned
    if time_ms > high_ms:
        high_ms = time_ms
    through_ms = high_ms - params.buffer_s * 1000
    if order.waiting and order.waiting[-1].time_ms <= through_ms < time_ms:
        # The common way, made short: all that waits goes, and the new fix alone waits.
        return Order((item,), high_ms, *_remembered(order, order.waiting, params)), order.waiting, turned
    return *_release(order, _with(order, item), high_ms, through_ms, params), turned


def tick(order: Order, now_ms: int, params: Params) -> tuple[Order, Released]:
    """Release what was received long enough ago, and whatever comes before it in event time."""
    received_ms = now_ms - params.buffer_s * 1000
    due = [item.time_ms for item in order.waiting if item.received_ms <= received_ms]
    return _release(order, order.waiting, order.high_ms, max(due), params) if due else (order, ())


def due_ms(order: Order, params: Params) -> int | None:
    """The earliest tick that releases something."""
    if not order.waiting:
        return None
    received_ms = order.waiting[0].received_ms
    for item in order.waiting:
        if item.received_ms < received_ms:
            received_ms = item.received_ms
    return received_ms + ms(params.buffer_s)


def _against_rival(
    order: Order, item: Waiting, said_ms: int, missing_accuracy_m: float
) -> tuple[Order, Turned | None]:
    """Of two fixes of one time, as clamped or as the device said it, the better one stays."""
    for other in order.waiting:
        rival = other.heard
        if rival is not None and (other.time_ms == item.time_ms or rival.time_ms == said_ms):
            worse = max(item, other, key=lambda one: _quality(one, missing_accuracy_m))
            return (order if worse is item else _without(order, other)), Turned(worse, "duplicate")
    return order, None


def _quality(item: Waiting, missing_accuracy_m: float) -> tuple[float, bytes]:
    """Lower is better: accuracy, then content, so that the order of arrival decides nothing."""
    accuracy_m = None if item.heard is None else item.heard.accuracy_m
    return missing_accuracy_m if accuracy_m is None else accuracy_m, msgspec.json.encode(item.heard)


def _with(order: Order, item: Waiting) -> Released:
    before = order.waiting
    if before and item.time_ms <= before[-1].time_ms:
        return tuple(sorted((*before, item), key=_place))
    return (*before, item)


def _without(order: Order, item: Waiting) -> Order:
    waiting = tuple(other for other in order.waiting if other is not item)
    return msgspec.structs.replace(order, waiting=waiting)


LIVES = ("dispatched", "delivered", "acknowledged", "en_route", "on_site", "in_progress")
"""Statuses in the order in which they come at one and the same time; others follow."""


def _place(item: Waiting) -> tuple[int, int, int, bytes]:
    """Event time; then roster entries, assignments, routes, statuses, fixes; then content: never by arrival."""
    word = item.word
    rank = life = 0
    if type(word) is Status:
        rank, life = 3, LIVES.index(word.status) if word.status in LIVES else len(LIVES)
    elif word is None:
        rank = 4
    elif type(word) is Assignment:
        rank = 1
    elif type(word) is Route:
        rank = 2
    return item.time_ms, rank, life, msgspec.json.encode(word or item.heard)


def _release(
    order: Order, waiting: Released, high_ms: int, through_ms: float, params: Params
) -> tuple[Order, Released]:
    """Let go of everything up to a time; and of the oldest where too much waits."""
    surplus = len(waiting) - params.max_waiting
    if surplus > 0:
        through_ms = max(through_ms, waiting[surplus - 1].time_ms)
    if waiting[0].time_ms > through_ms:
        return Order(waiting, high_ms, order.frontier_ms, order.recent), ()
    count, last = 1, len(waiting)
    while count < last and waiting[count].time_ms <= through_ms:
        count += 1
    released = waiting[:count]
    return Order(waiting[count:], high_ms, *_remembered(order, released, params)), released


def _remembered(order: Order, released: Released, params: Params) -> tuple[int, tuple[int, ...]]:
    """The frontier, and what of the last fixes tells a duplicate, after fixes were released."""
    recent, frontier_ms = order.recent, order.frontier_ms
    for item in released:
        heard = item.heard
        if heard is not None:
            frontier_ms = item.time_ms
            recent = (*recent, heard.time_ms if heard.seq is None else heard.seq)[-params.remembered :]
    return frontier_ms, recent
