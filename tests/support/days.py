"""Small builders of what arrives for technicians, and a run of it through the fold."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from features.events import Assignment, Conclusion, Inbound, Ping, Profile, Route, Status, Tick
from features.fence_events import Circle, Fence, FenceKind
from features.fence_index import FenceIndex
from features.fences import prepare
from features.fold import Folded, Record, fold
from features.geo import destination
from features.params import TelemetryParams
from features.plan import Shift
from features.rejection import Rejection
from features.technician import PartitionState, TechnicianState
from features.wire import Place

T0 = 1_700_000_000_000
HOME = (30.2672, -97.7431)


def at_ms(seconds: float) -> int:
    return T0 + round(seconds * 1000)


def ping(seconds: float, north_m: float = 0.0, technician: str = "ada", **fields: object) -> Ping:
    """A fix so many metres north of home; accurate to 5 m where nothing else is said."""
    lat, lon = destination(*HOME, 0.0, north_m)
    fields = {"lat": lat, "lon": lon, "accuracy_m": 5.0} | fields
    return msgspec.convert({"technician": technician, "time_ms": at_ms(seconds)} | fields, Ping)


def status(seconds: float, said: str, appointment: str | None = None, technician: str = "ada") -> Status:
    return msgspec.convert(
        {
            "technician": technician,
            "time_ms": at_ms(seconds),
            "status": said,
            "appointment": appointment,
        },
        Status,
    )


def assignment(
    seconds: float,
    appointment: str,
    fence: str | None = None,
    *,
    depart_by_s: float | None = None,
    withdrawn: bool = False,
    technician: str = "ada",
) -> Assignment:
    return Assignment(
        technician=technician,
        time_ms=at_ms(seconds),
        appointment=appointment,
        fence=fence,
        depart_by_ms=None if depart_by_s is None else at_ms(depart_by_s),
        withdrawn=withdrawn,
    )


def route(seconds: float, version: int, stops: Iterable[str], technician: str = "ada") -> Route:
    shift = Shift(start_ms=at_ms(0), end_ms=at_ms(28_800), start=Place(*HOME), end=Place(*HOME))
    return Route(
        technician=technician,
        time_ms=at_ms(seconds),
        territory="north",
        plan_version=version,
        stops=tuple(stops),
        shift=shift,
    )


def profile(seconds: float, technician: str = "ada", **fields: object) -> Profile:
    return msgspec.convert({"technician": technician, "time_ms": at_ms(seconds)} | fields, Profile)


def tick(seconds: float) -> Tick:
    return Tick(time_ms=at_ms(seconds))


def ticks(from_s: float, to_s: float, every_s: float = 100) -> list[Tick]:
    """Ticks near enough to each other to be believed; the last one is at `to_s`."""
    count = math.ceil((to_s - from_s) / every_s)
    return [tick(to_s - n * every_s) for n in range(count, -1, -1) if to_s - n * every_s >= from_s]


def fence(
    name: str, north_m: float = 0.0, radius_m: float = 60.0, kind: FenceKind = "customer_site"
) -> Fence:
    lat, lon = destination(*HOME, 0.0, north_m)
    return Fence(fence=name, kind=kind, geometry=Circle(lat, lon, radius_m))


def index_of(fences: Iterable[Fence], params: TelemetryParams | None = None) -> FenceIndex:
    known = params or TelemetryParams()
    return FenceIndex.of([prepare(one) for one in fences], known.fences.reach_m)


def standing(
    from_s: float, to_s: float, north_m: float = 0.0, every_s: float = 10, **fields: object
) -> list[Ping]:
    count = int((to_s - from_s) / every_s) + 1
    return [ping(from_s + n * every_s, north_m, **fields) for n in range(count)]


def driving(
    from_s: float, to_s: float, north_m: float = 0.0, mps: float = 12.0, every_s: float = 10, **fields: object
) -> list[Ping]:
    count = int((to_s - from_s) / every_s) + 1
    return [ping(from_s + n * every_s, north_m + n * every_s * mps, **fields) for n in range(count)]


def log(events: Iterable[Inbound | Rejection], delay_s: float = 0.5) -> list[Record]:
    """Each event received `delay_s` after its own time, in the order given."""
    return [
        Record(offset, T0 if isinstance(event, Rejection) else event.time_ms + round(delay_s * 1000), event)
        for offset, event in enumerate(events)
    ]


class Run(msgspec.Struct):
    """What came of some records."""

    technicians: dict[str, TechnicianState]
    partition: PartitionState
    made: list[tuple[int, Conclusion]]
    rejections: list[tuple[int, Rejection]]

    @property
    def conclusions(self) -> list[Conclusion]:
        return [one for _, one in self.made]

    @property
    def counts(self) -> Mapping[str, int]:
        return self.partition.counts

    def told(self, *kinds: type) -> list[Conclusion]:
        return [one for one in self.conclusions if isinstance(one, kinds)]


def run(
    records: Sequence[Record],
    fences: Iterable[Fence] = (),
    params: TelemetryParams | None = None,
    cuts: Iterable[int] = (),
    stored: bool = False,
) -> Run:
    """Fold records, cut before the given places; `stored` sends the states through JSON at each cut."""
    known = params or TelemetryParams()
    index = index_of(fences, known)
    result = Run({}, PartitionState(), [], [])
    borders = [0, *sorted(cuts), len(records)]
    for first, last in pairwise(borders):
        folded = fold(result.technicians, result.partition, records[first:last], index, known)
        _add(result, _restored(folded) if stored else folded)
    return result


def replay(
    events: Iterable[Inbound], fences: Iterable[Fence] = (), params: TelemetryParams | None = None
) -> Run:
    """Fold events as they come, and let 20 minutes go by at the end."""
    known = list(events)
    last_ms = max(event.time_ms for event in known)
    last_s = (last_ms - T0) / 1000
    return run(log([*known, tick(last_s + 10), *ticks(last_s + 100, last_s + 1_200)]), fences, params)


def _add(result: Run, folded: Folded) -> None:
    result.technicians.update(folded.technicians)
    result.partition = folded.partition_state
    result.made += [(offset, one) for offset, made in folded.conclusions for one in made]
    result.rejections += folded.rejections


def _restored(folded: Folded) -> Folded:
    text = msgspec.json.encode(folded.technicians)
    return replace(folded, technicians=msgspec.json.decode(text, type=dict[str, TechnicianState]))
