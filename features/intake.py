"""What arrives for one technician, until it is clean and in order.

Arrival, in the log's order: unknown technicians, duplicates, clocks in the future, late fixes, then the
reorder buffer. Release, in order of event time: silence before, accuracy, jumps, jitter.
"""

import msgspec

from features import cleaning, ordering, silence
from features.cleaning import Track
from features.events import Assignment, Flagged, Ping, Profile, Route, Status, Tick
from features.fix import Fix
from features.moment import Cleaned, Record, Said
from features.ordering import Order, Turned
from features.params import TelemetryParams
from features.rejection import Rejection
from features.silence import Hearing, Silences
from features.units import ms
from features.waiting import Waiting, heard

Outcome = Cleaned | Turned | Flagged | Rejection


class Intake(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`profile_ms` is the time of the roster entry that counts, None before one does.

    `ahead` while the clock is ahead.
    """

    order: Order = Order()
    track: Track = Track()
    hearing: Hearing = Hearing()
    profile_ms: int | None = None
    ahead: bool = False


Arriving = Ping | Status | Assignment | Route | Profile
Step = tuple[Intake, list[Outcome]]


def advance(intake: Intake, record: Record, event: Arriving, params: TelemetryParams) -> Step:
    """Take in a record and the event in it. The outcomes are in the order in which they happened."""
    if params.require_roster and type(event) is not Profile and not _listed(intake):
        return intake, [Rejection("unknown_technician", f"{event.technician!r} is not on the roster")]
    if type(event) is Ping and ordering.repeats(intake.order, event):
        item = Waiting(event.time_ms, record.received_ms, record.offset, heard(event))
        return intake, [Turned(item, "duplicate")]
    time_ms = cleaning.believable_ms(event.time_ms, record.received_ms, params.cleaning)
    if time_ms is None:
        return intake, [from_the_future(event, record)]
    outcomes: list[Outcome] = []
    ahead = intake.ahead
    if type(event) is Ping:
        ahead = time_ms != event.time_ms
        if ahead and not intake.ahead:
            outcomes.append(_clock_ahead(event, record.received_ms))
        item = Waiting(time_ms, record.received_ms, record.offset, heard(event))
    else:
        item = Waiting(time_ms, record.received_ms, record.offset, None, event, record.original)
    order, released, turned = ordering.advance(
        intake.order, item, params.ordering, params.cleaning.missing_accuracy_m
    )
    if turned is not None:
        outcomes.append(turned)
    return _clean(intake, order, released, ahead, outcomes, params)


def tick(intake: Intake, now_ms: int, params: TelemetryParams) -> Step:
    """The time is `now_ms`: release what waited long enough, conclude silence, give up suspects."""
    order, released = ordering.tick(intake.order, now_ms, params.ordering)
    intake, outcomes = _clean(intake, order, released, intake.ahead, [], params)
    for item in order.waiting:
        if item.heard is not None:
            return intake, outcomes
    until_ms = now_ms - ms(params.ordering.buffer_s)
    hearing, silences = silence.listen(intake.hearing, until_ms, now_ms, params.silence)
    outlived_ms = cleaning.due_ms(intake.track, params.cleaning)
    track = intake.track
    if silences or (outlived_ms is not None and until_ms > outlived_ms):
        track, turned = cleaning.give_up(track)
        outcomes.extend(turned)
    outcomes.extend(silences)
    if hearing is intake.hearing and track is intake.track:
        return intake, outcomes
    return Intake(intake.order, track, hearing, intake.profile_ms, intake.ahead), outcomes


def stored(intake: Intake) -> Intake:
    """The intake as a technician's state has it: the last kept fix is stored once, as the technician's."""
    track = Track(None, intake.track.suspects, intake.track.doubted_ms)
    return Intake(intake.order, track, intake.hearing, intake.profile_ms, intake.ahead)


def opened(intake: Intake, last: Fix | None) -> Intake:
    """The inverse of `stored`."""
    if last is None:
        return intake
    track = Track(last, intake.track.suspects, intake.track.doubted_ms)
    return Intake(intake.order, track, intake.hearing, intake.profile_ms, intake.ahead)


def due_ms(intake: Intake, params: TelemetryParams) -> int | None:
    """The earliest tick that changes something, None where none does."""
    due = ordering.due_ms(intake.order, params.ordering)
    if due is not None:
        return due
    buffer_ms = ms(params.ordering.buffer_s)
    silent_ms = silence.due_ms(intake.hearing, buffer_ms, params.silence)
    outlived_ms = cleaning.due_ms(intake.track, params.cleaning)
    # Both are the last time at which nothing happens; suspects outlive it when the buffer has run past it.
    after_ms = [] if silent_ms is None else [silent_ms + 1]
    if outlived_ms is not None:
        after_ms.append(outlived_ms + buffer_ms + 1)
    return min(after_ms, default=None)


def from_the_future(event: Arriving | Tick, record: Record) -> Rejection:
    """What is said of an event whose clock is too far ahead."""
    ahead_s = (event.time_ms - record.received_ms) / 1000
    return Rejection("future", f"time_ms {event.time_ms} is {ahead_s:.1f} s after its receipt")


def _listed(intake: Intake) -> bool:
    """Whether the technician is on the roster: an entry that still waits for its turn says so as well."""
    return intake.profile_ms is not None or any(type(item.word) is Profile for item in intake.order.waiting)


def _clean(
    intake: Intake,
    order: Order,
    released: tuple[Waiting, ...],
    ahead: bool,
    outcomes: list[Outcome],
    params: TelemetryParams,
) -> Step:
    track, hearing, profile_ms = intake.track, intake.hearing, intake.profile_ms
    for item in released:
        word, ping = item.word, item.heard
        if ping is not None:
            hearing, silences = silence.hear(hearing, item.time_ms, item.received_ms, params.silence)
            if silences:
                track = _silenced(track, silences, outcomes)
            track, cleaned = cleaning.advance(track, item, ping, params.cleaning)
            outcomes.extend(cleaned)
        elif word is not None:
            if type(word) is Profile:
                if profile_ms is not None and item.time_ms < profile_ms:
                    continue
                profile_ms = item.time_ms
            outcomes.append(Said(item.time_ms, item.received_ms, item.offset, word, item.original))
    if order is intake.order and ahead == intake.ahead:
        return intake, outcomes
    return Intake(order, track, hearing, profile_ms, ahead), outcomes


def _silenced(track: Track, silences: Silences, outcomes: list[Outcome]) -> Track:
    # A fix after a silence can't speak for suspects before it: so they end alike by tick and by gap.
    track, turned = cleaning.give_up(track)
    outcomes.extend(turned)
    outcomes.extend(silences)
    return track


def _clock_ahead(ping: Ping, received_ms: int) -> Flagged:
    ahead_s = (ping.time_ms - received_ms) / 1000
    detail = f"the clock is {ahead_s:.1f} s ahead: fixes count at the time of their receipt"
    return Flagged(ping.technician, received_ms, "clock_ahead", detail, ping.source)
