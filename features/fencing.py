"""All fences of one technician, for one fix.

A visit belongs to a fence, not to a version of it: where another version holds, the visit goes on by
that version's geometry, kind and limits. Where no version holds any longer, or the fence no longer
applies to the technician, the visit ends with `exited` at that fix; nobody has left, so nothing is
breached.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from features import geofence
from features.events import FenceEvent, FenceEventType
from features.fence_events import Fence, FenceKind
from features.fence_index import CROSSING, FenceIndex
from features.fences import PreparedFence
from features.fix import Fix, Sighting
from features.geofence import OUTSIDE, Phase, Sight, Transition, Visit
from features.ways import Crossing

Rule = Literal["no_go", "left_territory", "max_dwell", "max_speed"]

_DEFAULTS = geofence.Params()
_DEPOT = geofence.Params(exit_after_s=120.0)
_OUT_OF_REACH_M = float("inf")


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One set of parameters for each kind of fence. Read from `configs/`."""

    customer_site: geofence.Params = _DEFAULTS
    depot: geofence.Params = _DEPOT
    territory: geofence.Params = _DEFAULTS
    no_go: geofence.Params = _DEFAULTS
    break_place: geofence.Params = _DEFAULTS
    crossing: Crossing = CROSSING

    def of(self, kind: FenceKind) -> geofence.Params:
        match kind:
            case "customer_site":
                return self.customer_site
            case "depot":
                return self.depot
            case "territory":
                return self.territory
            case "no_go":
                return self.no_go
            case "break_place":
                return self.break_place

    def reach_m(self, kind: FenceKind, radius_m: float) -> float:
        """The distance from the border beyond which every fix is clear of a fence."""
        return self.of(kind).reach_m(radius_m)


class Who(msgspec.Struct, frozen=True):
    """Whose fences: a fence may name technicians and groups, and a territory is left only while on shift."""

    technician: str
    groups: tuple[str, ...] = ()
    on_shift: bool = False

    def concerns(self, fence: Fence) -> bool:
        """Whether a fence applies: it names the technician or one of the groups, or nobody."""
        if not fence.technicians and not fence.groups:
            return True
        return self.technician in fence.technicians or not set(self.groups).isdisjoint(fence.groups)


class Moment(msgspec.Struct, frozen=True):
    """What is the same for all fences at one fix. `speed_mps` is by displacement, None where unknown."""

    fix: Fix
    who: Who
    index: FenceIndex
    params: Params
    speed_mps: float | None


class Change(msgspec.Struct, frozen=True):
    """What one fix did at one fence. `before` has the version and kind by which it was judged.

    `ended` says that the visit is over because the fence does not hold or apply any longer.
    """

    fence: str
    before: Visit
    after: Visit
    transitions: tuple[Transition, ...] = ()
    ended: bool = False


def advance(
    visits: dict[str, Visit],
    fix: Fix,
    sightings: Sequence[Sighting],
    who: Who,
    index: FenceIndex,
    params: Params,
    *,
    speed_mps: float | None = None,
    silent_ms: int = 0,
) -> tuple[dict[str, Visit], tuple[FenceEvent, ...]]:
    """Fold one fix into all visits of a technician, by fence. The same `visits` back when nothing changed.

    `sightings` are the index's for this fix. `speed_mps` is by displacement since the last kept fix (None
    where unknown), `silent_ms` the gap before this fix where it was NO_DATA, else 0. Events come ordered
    by fence, and each `breached` after what it is about.
    """
    if not visits and all(one.beyond_m > 0 and not one.crossed for one in sightings):
        return visits, ()
    if silent_ms:
        visits = {fence: geofence.silence(visit, silent_ms) for fence, visit in visits.items()}
    if not fix.exact:
        return visits, ()
    changes = _changes(visits, sightings, Moment(fix, who, index, params, speed_mps))
    if not changes:
        return visits, ()
    after = _after(visits, changes)
    return after, tuple(event for change in changes for event in _events(change, after, who))


def _changes(visits: Mapping[str, Visit], sightings: Iterable[Sighting], moment: Moment) -> list[Change]:
    """What changed, ordered by fence. A fence that is visited and not sighted is clear, beyond all reach."""
    changes = []
    seen = {sighting.fence: sighting for sighting in sightings}
    for fence in sorted(visits.keys() | seen.keys()):
        before, sighting = visits.get(fence), seen.get(fence)
        if before is None:
            change = _arrive(sighting, moment) if sighting is not None else None
        else:
            change = _revisit(fence, before, sighting, moment)
        if change is not None:
            changes.append(change)
    return changes


def _arrive(sighting: Sighting, moment: Moment) -> Change | None:
    """At a fence that is not visited yet: begin a visit, or pass through."""
    if sighting.beyond_m > 0 and not sighting.crossed:
        return None
    prepared = moment.index.prepared(sighting.fence, sighting.version)
    if not moment.who.concerns(prepared.fence):
        return None
    before = Visit(version=sighting.version, kind=sighting.kind)
    if sighting.crossed:
        return Change(sighting.fence, before, before, (_at(moment.fix, "crossed"),))
    after, transitions = _step(prepared, before, sighting.beyond_m, moment)
    return Change(sighting.fence, before, after, transitions)


def _revisit(fence: str, visit: Visit, sighting: Sighting | None, moment: Moment) -> Change | None:
    """At a visited fence: go on by the version that holds now, or end the visit where none applies."""
    prepared = moment.index.holding(fence, moment.fix.time_ms)
    if prepared is None or not moment.who.concerns(prepared.fence):
        return _end(fence, visit, moment.fix)
    before, version = visit, prepared.fence.version
    if visit.version != version:
        before = replace(visit, version=version, kind=prepared.fence.kind)
    beyond_m = _OUT_OF_REACH_M if sighting is None else sighting.beyond_m
    after, transitions = _step(prepared, before, beyond_m, moment)
    return None if after is visit else Change(fence, before, after, transitions)


def _step(prepared: PreparedFence, before: Visit, beyond_m: float, moment: Moment) -> geofence.Step:
    fix = moment.fix
    sight = Sight(
        fix.time_ms, beyond_m, fix.accuracy_m, prepared.radius_m, fix.lat, fix.lon, moment.speed_mps
    )
    return geofence.advance(before, sight, moment.params.of(before.kind), prepared.limits)


def _end(fence: str, visit: Visit, fix: Fix) -> Change:
    if visit.phase is Phase.ENTERING:
        return Change(fence, visit, OUTSIDE)
    return Change(fence, visit, OUTSIDE, (_at(fix, "exited"),), ended=True)


def _at(fix: Fix, kind: Literal["crossed", "exited"]) -> Transition:
    """What needs no run of fixes to be believed."""
    return Transition(kind, fix.time_ms, fix.time_ms, fix.lat, fix.lon)


def _after(visits: dict[str, Visit], changes: Iterable[Change]) -> dict[str, Visit]:
    changed = [one for one in changes if one.after is not visits.get(one.fence, one.before)]
    if not changed:
        return visits
    after = dict(visits)
    for change in changed:
        if change.after.phase is Phase.OUTSIDE:
            after.pop(change.fence, None)
        else:
            after[change.fence] = change.after
    return after


def _events(change: Change, after: Mapping[str, Visit], who: Who) -> Iterator[FenceEvent]:
    for transition in change.transitions:
        yield _event(change, transition.kind, transition, who)
        rule = _broken(change, transition, after, who)
        if rule is not None:
            yield _event(change, "breached", transition, who, rule)


def _broken(change: Change, transition: Transition, after: Mapping[str, Visit], who: Who) -> Rule | None:
    match change.before.kind, transition.kind:
        case _, "overstayed":
            return "max_dwell"
        case _, "speeding":
            return "max_speed"
        case "no_go", "entered":
            return "no_go"
        case "territory", "exited" if who.on_shift and not change.ended and not _in_territory(after):
            return "left_territory"
    return None


def _in_territory(visits: Mapping[str, Visit]) -> bool:
    """Whether some territory is still visited: from one allowed territory into another is no breach."""
    return any(visit.kind == "territory" and visit.phase >= Phase.INSIDE for visit in visits.values())


def _event(
    change: Change, event: FenceEventType, transition: Transition, who: Who, rule: Rule | None = None
) -> FenceEvent:
    return FenceEvent(
        technician=who.technician,
        time_ms=transition.time_ms,
        detected_ms=transition.detected_ms,
        fence=change.fence,
        fence_version=change.before.version,
        kind=change.before.kind,
        event=event,
        lat=transition.lat,
        lon=transition.lon,
        rule=rule,
    )
