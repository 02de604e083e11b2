"""A technician's state, and the steps that fold what happens into it: read `STEPS` from top to bottom."""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from features import appointment, duty, fencing, motion, speed_unit, stops, switches
from features.appointment import Agenda
from features.events import (
    Cause,
    Conclusion,
    Duty,
    Flagged,
    Located,
    MotionChanged,
    Profile,
    Route,
    RoutePassed,
    Status,
    StopChanged,
)
from features.fence_index import FenceIndex
from features.fencing import Who
from features.fix import Fix
from features.geofence import Phase, Visit
from features.intake import Intake
from features.moment import Moment, Said, Seen
from features.motion import Motion
from features.params import TelemetryParams
from features.rejection import Refused, Rejection
from features.silence import Silent
from features.speed_unit import Ratios
from features.stops import Place, Scene, Stop
from features.switches import Switches
from features.transition import Outdated


class PartitionState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is counted of a partition's records, and its clock: see `features/clock.py`.

    `counts` has `pings`, `kept`, `dropped.<reason>`, `rejected.<reason>` (of whatever kind; what can't be
    decoded included), `rejected_pings`, `statuses`, `assignments`, `routes`, `reminders`, `profiles`, `ticks`
    and `outdated_statuses`, `repeated`. When nothing waits, `pings` is the sum of `kept`, all `dropped.*` and
    `rejected_pings`. `seen` are the last causes of what our own agents sent: see `features/repeats.py`.
    """

    clock_ms: int = 0
    counts: dict[str, int] = {}
    received_ms: int = 0
    held_ticks: tuple[int, ...] = ()
    seen: dict[str, Cause] = {}


class TechnicianState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All that is known of a technician. `fix` is the last kept one, in the H3 cell `cell`.

    `located_ms` is the time of the fix that was last reported. `due_ms` is the earliest tick that changes
    something, None where none does.
    """

    technician: str
    name: str = ""
    territory: str | None = None
    skills: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    duty: Duty | None = None
    duty_ms: int = 0
    agenda: Agenda = {}
    fix: Fix | None = None
    cell: str | None = None
    located_ms: int = 0
    motion: Motion = motion.UNKNOWN
    visits: dict[str, Visit] = {}
    switches: Switches = Switches()
    stop: Stop | None = None
    speed_ratios: Ratios = Ratios()
    intake: Intake = Intake()
    due_ms: int | None = None


class World(msgspec.Struct, frozen=True):
    """What every step may ask, and none changes."""

    fences: FenceIndex
    params: TelemetryParams


Made = tuple[Conclusion | Rejection | Outdated, ...]
Result = tuple[TechnicianState, Made]
Step = Callable[[TechnicianState, Moment, World], Result]


def hear_word(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """Roster entries, duties and lives, assignments; routes go by."""
    if type(moment) is not Said:
        return technician, ()
    word = moment.word
    if type(word) is Profile:
        enrolled = replace(
            technician, name=word.name, territory=word.territory, skills=word.skills, groups=word.groups
        )
        return enrolled, ()
    if type(word) is Status:
        return _hear_status(technician, moment, word, world.params)
    if type(word) is Route:
        return technician, (RoutePassed(technician.technician, moment.time_ms, word),)
    agenda, passed = appointment.assign(technician.agenda, word, moment.time_ms, world.params.appointments)
    return _with_agenda(technician, agenda), passed


def sense_motion(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """Silence, moving and stopped."""
    if type(moment) is Seen:
        after, change = motion.advance(technician.motion, moment, technician.fix, world.params.motion)
        if after is technician.motion:
            return technician, ()
        moved = replace(technician, motion=after)
        return moved, () if change is None else (_motion_changed(technician, change, moment.fix.time_ms),)
    if type(moment) is not Silent or technician.fix is None:
        return technician, ()
    silent = replace(technician, motion=motion.silence(technician.motion, moment))
    place = motion.Change(moment.kind, moment.time_ms, technician.fix.lat, technician.fix.lon)
    return silent, (_motion_changed(technician, place, moment.detected_ms),)


def compare_speeds(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """Report a source whose speed is in another unit than it declared."""
    if type(moment) is not Seen or moment.speed_mps is None:
        return technician, ()
    before = technician.speed_ratios
    ratios, factor = speed_unit.advance(before, moment, technician.fix, world.params.speed_unit)
    if ratios is before:
        return technician, ()
    compared = replace(technician, speed_ratios=ratios)
    if factor is None:
        return compared, ()
    time_ms, detail = moment.fix.time_ms, speed_unit.described(factor)
    return compared, (Flagged(technician.technician, time_ms, "speed_unit_suspect", detail, moment.source),)


def take_position(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """The new fix, ignition and power take-off. The position is reported now and then."""
    if type(moment) is not Seen:
        return technician, ()
    fix = moment.fix
    switched = switches.advance(technician.switches, fix, technician.fix, world.params.switches)
    if fix.time_ms - technician.located_ms < 1000 * world.params.report_every_s:
        return replace(technician, fix=fix, switches=switched), ()
    located = Located(technician.technician, fix.time_ms, fix.lat, fix.lon, technician.motion.kind)
    return replace(technician, fix=fix, switches=switched, located_ms=fix.time_ms), (located,)


def watch_fences(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """Entering, dwelling in, leaving and breaching fences."""
    before = technician.visits
    if type(moment) is not Seen or not (before or moment.sightings):
        return technician, ()
    visits, events = fencing.advance(
        before,
        moment.fix,
        moment.sightings,
        Who(technician.technician, technician.groups, technician.duty == "on_shift"),
        world.fences,
        world.params.fences,
        speed_mps=moment.speed_mps,
        silent_ms=moment.silent_ms,
    )
    return (technician if visits is before else replace(technician, visits=visits)), events


def tell_stop(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """What a stop is, and who must hear of it. Waits while nothing is heard."""
    before = technician.stop
    if technician.motion.kind != "STOPPED" and (before is None or technician.motion.kind != "MOVING"):
        return technician, ()
    scene = _scene(technician, moment)
    if scene is None:
        return technician, ()
    stop, changes = stops.advance(before, scene, world.params.stops)
    told = technician if stop is before else replace(technician, stop=stop)
    return told, tuple([_stop_changed(technician, scene, change) for change in changes])


STEPS: tuple[Step, ...] = (
    hear_word,
    sense_motion,
    compare_speeds,
    take_position,
    watch_fences,
    tell_stop,
)


def advance(technician: TechnicianState, moment: Moment, world: World) -> Result:
    """Fold one moment, by all steps. The same object when nothing changed."""
    made: Made = ()
    for step in STEPS:
        technician, more = step(technician, moment, world)
        if more:
            made += more
    return technician, made


def _hear_status(technician: TechnicianState, said: Said, status: Status, params: TelemetryParams) -> Result:
    word, time_ms = status.status, said.time_ms
    made: Made
    if word == "off_shift" or word == "on_shift" or word == "on_break":
        before = duty.Shift(technician.duty, technician.duty_ms)
        shift, made = duty.advance(before, status, word, time_ms)
        if shift is not before:
            technician = replace(technician, duty=shift.duty, duty_ms=shift.since_ms)
    else:
        agenda, made = appointment.tell(technician.agenda, status, word, time_ms, params.appointments)
        technician = _with_agenda(technician, agenda)
    refused = Refused(said.received_ms, status, said.original)
    return technician, tuple(
        [replace(one, refused=refused) if type(one) is Rejection else one for one in made]
    )


def _with_agenda(technician: TechnicianState, agenda: Agenda) -> TechnicianState:
    return technician if agenda is technician.agenda else replace(technician, agenda=agenda)


def _scene(technician: TechnicianState, moment: Moment) -> Scene | None:
    """What decides about a stop, None where the moment says nothing about it."""
    fix = technician.fix
    if type(moment) is Silent or fix is None or (type(moment) is Seen and not fix.exact):
        return None
    time_ms, speed_mps, resumed = fix.time_ms, 0.0, False
    if type(moment) is Seen:
        resumed = moment.silent_ms > 0
        if moment.speed_mps is not None and moment.moved_m > 2 * fix.accuracy_m:
            speed_mps = moment.speed_mps
    elif type(moment) is Said:
        time_ms = max(time_ms, moment.time_ms)
    return Scene(
        time_ms,
        technician.motion.kind,
        technician.motion.since_ms,
        fix.lat,
        fix.lon,
        speed_mps,
        resumed,
        technician.switches,
        _places(technician.visits),
        technician.agenda,
        technician.duty,
        technician.duty_ms,
    )


def _places(visits: dict[str, Visit]) -> tuple[Place, ...]:
    if not visits:
        return ()
    return tuple(
        [
            Place(fence, visit.kind, visit.entered_ms)
            for fence, visit in visits.items()
            if visit.phase >= Phase.INSIDE
        ]
    )


def _motion_changed(technician: TechnicianState, change: motion.Change, detected_ms: int) -> MotionChanged:
    return MotionChanged(
        technician.technician, change.time_ms, detected_ms, change.kind, change.lat, change.lon
    )


def _stop_changed(technician: TechnicianState, scene: Scene, change: stops.Change) -> StopChanged:
    stop = change.stop
    assert stop.kind is not None, "only a stop of a kind is told"
    return StopChanged(
        technician.technician,
        change.time_ms,
        scene.time_ms,
        change.change,
        stop.kind,
        stop.since_ms,
        stop.lat,
        stop.lon,
        stop.fence,
        stop.appointment,
    )
