"""How well detection found what really happened: visits and stops against the truth.

**A visit found** is a stay (`entered` until `exited`) of a technician at a customer site where the
technician has an appointment that day, and in which they `dwelt`: 120 s inside by the default rule. Who
drives through a fence on an arterial has truly entered it and has not visited anybody; that is what
`dwelt` is for. Stays without it count as `passes`, stays at other customers' sites (a neighbour's fence, a
van at the kerb) as `stays_elsewhere`: both are told, neither is a visit.
It is **right** when it overlaps a true visit of that technician at that fence, one to one: a visit that was
found in two pieces is one right and one wrong. A true visit is one whether the vehicle stood inside the
fence or, as some do, round the corner: the latter cannot be found and counts against recall.

**A stop found** is a stretch of one kind: a stop that `became` another kind is two stretches. It is right
when it overlaps a true stop of that technician and kind, one to one. `UNEXPLAINED` is an alarm on top of a
stop, so it goes on as the kind that it was.

precision = right / found, recall = right / true, 1.0 where there is nothing to be wrong about.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import get_args

import msgspec

from features.events import Conclusion, FenceEvent, Signal, StopChanged
from streams.simulator.truth import TrueStopKind, Truth

FOREVER_MS = 2**53


class Span(msgspec.Struct, frozen=True, order=True):
    """Something that lasted, at a technician's fence or of a technician's kind (`what`)."""

    technician: str
    what: str
    begin_ms: int
    end_ms: int


class Found(msgspec.Struct, frozen=True):
    """How many there truly were, how many were found, and how many of those are right."""

    true: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    def report(self) -> dict[str, float]:
        return {
            "true": self.true,
            "found": self.found,
            "right": self.right,
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
        }


class Score(msgspec.Struct, frozen=True):
    """The figures. Arrival errors are of right visits: found minus true, without sign, in seconds."""

    visits: Found
    arrival_error_median_s: float
    arrival_error_p90_s: float
    passes: int
    stays_elsewhere: int
    stops: dict[str, Found]

    def report(self) -> dict[str, object]:
        """Flat names for a JSON report."""
        visits = self.visits.report()
        return {
            "visits_true": self.visits.true,
            "visits_found": self.visits.found,
            "visits_right": self.visits.right,
            "visits_precision": visits["precision"],
            "visits_recall": visits["recall"],
            "arrival_error_median_s": round(self.arrival_error_median_s, 1),
            "arrival_error_p90_s": round(self.arrival_error_p90_s, 1),
            "passes": self.passes,
            "stays_elsewhere": self.stays_elsewhere,
            "stops": {kind: found.report() for kind, found in self.stops.items()},
        }


def score(truth: Truth, events: Iterable[Signal | Conclusion]) -> Score:
    """Compare what was concluded with the truth. Signals that repeat, or that others retract, count once or
    not at all; the order in which technicians' events come does not matter."""
    final = list(_final(events))
    fences = [event for event in final if isinstance(event, FenceEvent) and event.kind == "customer_site"]
    stays = list(_stays(fences))
    own = {(job.technician, job.fence) for job in truth.jobs}
    visits = [stay for stay, dwelt in stays if dwelt and (stay.technician, stay.what) in own]
    true_visits = [Span(v.technician, v.fence, v.arrive_ms, v.leave_ms) for v in truth.visits]
    pairs = matched(true_visits, visits)
    errors_s = sorted(abs(found.begin_ms - true.begin_ms) / 1000 for true, found in pairs)
    return Score(
        visits=Found(len(true_visits), len(visits), len(pairs)),
        arrival_error_median_s=median(errors_s) if errors_s else 0.0,
        arrival_error_p90_s=errors_s[int(0.9 * (len(errors_s) - 1))] if errors_s else 0.0,
        passes=sum(not dwelt for _, dwelt in stays),
        stays_elsewhere=sum(dwelt for _, dwelt in stays) - len(visits),
        stops=_stops(truth, [event for event in final if isinstance(event, StopChanged)]),
    )


def matched(true: Sequence[Span], found: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Pairs that overlap, of the same technician and the same `what`, one to one, longest overlap first."""
    candidates: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in found:
        candidates[span.technician, span.what].append(span)
    pairs = [
        (min(a.end_ms, b.end_ms) - max(a.begin_ms, b.begin_ms), a, b)
        for a in true
        for b in candidates[a.technician, a.what]
    ]
    taken: set[tuple[str, Span]] = set()
    chosen = []
    for overlap_ms, a, b in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if overlap_ms > 0 and not {("true", a), ("found", b)} & taken:
            taken |= {("true", a), ("found", b)}
            chosen.append((a, b))
    return chosen


def _final(events: Iterable[Signal | Conclusion]) -> Iterator[Conclusion]:
    """What stands at the end: each signal once, without those that were retracted or superseded."""
    signals: dict[str, Signal] = {}
    gone: set[str] = set()
    for event in events:
        if isinstance(event, Signal):
            signals.setdefault(event.id, event)
            gone |= {past for past in (event.retracts, event.supersedes) if past is not None}
        else:
            yield event
    for signal in signals.values():
        if signal.id not in gone and signal.retracts is None:
            yield signal.event


def _stays(events: Sequence[FenceEvent]) -> Iterator[tuple[Span, bool]]:
    """Each stay in a fence, and whether they dwelt. One that never ends goes on for ever."""
    begun: dict[tuple[str, str], int] = {}
    dwelt: set[tuple[str, str]] = set()
    for event in sorted(events, key=lambda event: (event.time_ms, event.event != "exited")):
        place = (event.technician, event.fence)
        if event.event == "entered":
            begun[place] = event.time_ms
        elif event.event == "dwelt":
            dwelt.add(place)
        elif event.event == "exited" and place in begun:
            yield Span(*place, begun.pop(place), event.time_ms), place in dwelt
            dwelt.discard(place)
    for place, begin_ms in begun.items():
        yield Span(*place, begin_ms, FOREVER_MS), place in dwelt


def _stops(truth: Truth, events: Sequence[StopChanged]) -> dict[str, Found]:
    true = [Span(stop.technician, stop.kind, stop.begin_ms, stop.end_ms) for stop in truth.stops]
    found = list(_stretches(events))
    right = [pair[1] for pair in matched(true, found)]
    return {
        kind: Found(*(sum(span.what == kind for span in spans) for spans in (true, found, right)))
        for kind in get_args(TrueStopKind)
    }


def _stretches(events: Sequence[StopChanged]) -> Iterator[Span]:
    """Each stretch of one kind in each stop."""
    open_: dict[str, Span] = {}
    for event in sorted(events, key=lambda event: (event.technician, event.detected_ms, event.time_ms)):
        if event.change == "alerted" or (event.change == "became" and event.kind == "UNEXPLAINED"):
            continue
        before = open_.pop(event.technician, None)
        if before is not None:
            yield msgspec.structs.replace(before, end_ms=event.time_ms)
        if event.change != "ended":
            open_[event.technician] = Span(event.technician, event.kind, event.time_ms, FOREVER_MS)
    yield from open_.values()
