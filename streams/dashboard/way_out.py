"""*Decide by*: the latest moment at which the best known way out of a risk still works.

Where an open proposal moves the appointment, the proposal is the way out, and it works until the first of

- the taker has to leave for it. The taker is whoever is to serve it; they do first what comes first in the
  proposed order. Until they are done with what comes first in the present order as well, nothing is lost by
  waiting; then they have to set out so early that they still arrive before the window closes (or at the
  proposed start, where even that is later), and before they set out for what comes next in the present order;
- the proposal expires;
- the freeze takes hold of the earliest of its starts (planned, expected, proposed), where it had not done so
  already when the proposal was made.

None of this looks at the time it is now: for the same proposal it moves only where a prediction, a place or
a plan has changed, and when the proposal has expired there is no moment left.

Where no open proposal moves it, a way out is anybody who has the skills, is predicted to be free (between two
stops, or after the last) when they have to set out to arrive before the window closes, and after the work
still is in time for the next stop, or at the end of the shift. The latest such start counts, mostly that of
the nearest; if it is not at least a minute away, no way out is known. Nor is one of what is pinned, under way,
or over.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from features.geo import distance_m
from features.plan import Job
from features.plan_events import Move, Proposal
from features.territory import Planned
from features.wire import Place
from streams.dashboard.day import Day

DETOUR = 1.35
SPEED_MPS = 9.0
"""Of driving through a town, door to door: enough to tell a quarter of an hour from half an hour."""
LEAST_MS = 60_000


class Gap(msgspec.Struct, frozen=True):
    """From when until when somebody is free at a place, as predicted, and until when they have to be where."""

    since_ms: int
    until_ms: int
    place: Place
    next_ms: int
    next_place: Place


def decide_by_ms(day: Day, appointment: str) -> int | None:
    """Unix milliseconds, also past ones; None where no way out is known."""
    planned, proposal = day.appointment(appointment), day.proposal
    if planned is None or planned.under_way or planned.ended:
        return None
    move = _move(proposal, appointment)
    if proposal is None or move is None:
        return _without_proposal(day, planned)
    if proposal.expires_ms <= day.now_ms:
        return None
    limits = [proposal.expires_ms, _leave_by_ms(day, proposal, move), _frozen_ms(day, proposal, move)]
    return min(limit for limit in limits if limit is not None)


def _move(proposal: Proposal | None, appointment: str) -> Move | None:
    """How the proposal serves it, where it does."""
    moves = () if proposal is None else proposal.moves
    return next((one for one in moves if one.appointment == appointment and one.after_technician), None)


def _leave_by_ms(day: Day, proposal: Proposal, move: Move) -> int | None:
    """When the taker has to leave the present order; None where up to the appointment it is the proposed one."""
    taker = move.after_technician or ""
    present = day.ahead(taker)
    proposed = [one for one in proposal.routes.get(taker, ()) if one in day.territory.appointments]
    kept = _common(present, proposed)
    if move.appointment not in proposed[kept:]:
        return None
    here = day.job(present[kept - 1]).place if kept else _from(day, taker)
    way = [day.job(one) for one in proposed[kept : proposed.index(move.appointment) + 1]]
    limits = [_latest_ms(here, way, max(move.window_end_ms, move.after_start_ms or 0))]
    if kept < len(present):
        instead = day.job(present[kept])
        limits.append(instead.window_start_ms - drive_ms(here, instead.place))
    done = day.expected(taker, present[kept - 1]) if kept else None
    return min(limits) if done is None else max(done.end_p50_ms, min(limits))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first are the same."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _latest_ms(here: Place, way: Sequence[Job], arrive_ms: int) -> int:
    """The latest start of a drive along a way that arrives at its last stop by then, work on the others done."""
    places = [here, *(job.place for job in way)]
    driving = sum(drive_ms(start, end) for start, end in pairwise(places))
    return arrive_ms - driving - round(sum(1000 * job.expected_s for job in way[:-1]))


def _frozen_ms(day: Day, proposal: Proposal, move: Move) -> int | None:
    """None where it sat in the freeze and was released from it before the proposal was made."""
    planned = day.territory.appointments[move.appointment]
    starts = (planned.planned_start_ms, move.before_start_ms, move.after_start_ms)
    frozen_ms = min((start for start in starts if start is not None), default=0) - day.frozen_ms
    return frozen_ms if frozen_ms > proposal.made_ms else None


def _without_proposal(day: Day, planned: Planned) -> int | None:
    if planned.pinned:
        return None
    starts = [start for one in _able(day, planned) for start in _starts_ms(day, one, planned.job)]
    latest_ms = max(starts, default=0)
    return latest_ms if latest_ms >= day.now_ms + LEAST_MS else None


def _able(day: Day, planned: Planned) -> list[str]:
    """Who could take it over."""
    wanted = set(planned.job.skills)
    return [
        technician
        for technician, rostered in day.territory.roster.items()
        if technician != planned.technician
        and technician not in planned.declined
        and rostered.lost_ms is None
        and wanted.issubset(rostered.skills)
    ]


def _starts_ms(day: Day, technician: str, job: Job) -> Iterator[int]:
    """The latest start in each of somebody's gaps from which they are in time, there and for what follows."""
    work_ms = round(1000 * job.expected_s)
    for gap in _gaps(day, technician):
        arrive_ms = min(job.window_end_ms, gap.next_ms - drive_ms(job.place, gap.next_place) - work_ms)
        start_ms = min(gap.until_ms, arrive_ms - drive_ms(gap.place, job.place))
        if start_ms >= gap.since_ms:
            yield start_ms


def _gaps(day: Day, technician: str) -> Iterator[Gap]:
    """As far as it is predicted what somebody does."""
    shift, place = day.territory.roster[technician].shift, _from(day, technician)
    since_ms = max(day.now_ms, shift.start_ms)
    for appointment in day.ahead(technician):
        expected, job = day.expected(technician, appointment), day.job(appointment)
        if expected is None:
            return
        leaves_ms = expected.start_p50_ms - drive_ms(place, job.place)
        yield Gap(since_ms, leaves_ms, place, job.window_end_ms, job.place)
        since_ms, place = max(day.now_ms, expected.end_p50_ms), job.place
    yield Gap(since_ms, shift.end_ms, place, shift.end_ms, shift.end)


def _from(day: Day, technician: str) -> Place:
    """Where somebody is; while that is not known, where their shift begins."""
    return day.place(technician) or day.territory.roster[technician].shift.start


def drive_ms(start: Place, end: Place) -> int:
    return round(1000 * DETOUR * distance_m(start.lat, start.lon, end.lat, end.lon) / SPEED_MPS)
