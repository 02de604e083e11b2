"""What a stop is. A technician who stands has one `Stop`; its kind changes as reasons come and go.

ON_SITE, BREAK and DEPOT explain a stop at once. IDLE and PARKED are what the vehicle shows after a
while. UNEXPLAINED overrules these two, else it could never be: a vehicle that stands for 10 minutes
is always one of them. A kind ends when its reason does; the stop ends when the technician moves,
except that who moves about on a site stays on site until the fence is left. Where the sites of several
appointments overlap, or are one, ON_SITE is of the one that has come furthest: it becomes ON_SITE anew
when another begins there.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from features.appointment import UNNAMED, Agenda, Appointment, depart_by_ms
from features.events import Duty, Life, MotionKind, StopKind
from features.fence_events import FenceKind
from features.switches import Switches
from features.units import MetresPerSecond, Seconds, ms


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what must last. A known place is a site, a depot or a break place."""

    idle_after_s: Seconds = 200.0
    idle_alert_s: Seconds = 300.0
    idle_ends_mps: MetresPerSecond = 5 / 3.6
    parked_after_s: Seconds = 30.0
    parked_unknown_s: Seconds = 600.0
    parked_unknown_known_place_s: Seconds = 120.0
    unexplained_after_s: Seconds = 600.0


class Place(msgspec.Struct, frozen=True, gc=False):
    """A fence that the technician is in."""

    fence: str
    kind: FenceKind
    entered_ms: int


class Scene(msgspec.Struct, frozen=True, gc=False):
    """All that decides about a stop, at one moment.

    `speed_mps` is by displacement, 0 where that could be noise. `resumed` after a silence: it proves nothing.
    """

    time_ms: int
    motion: MotionKind | None
    motion_ms: int
    lat: float
    lon: float
    speed_mps: float
    resumed: bool
    switches: Switches
    places: tuple[Place, ...]
    agenda: Agenda
    duty: Duty | None
    duty_ms: int


class Stop(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`since_ms` is the stop's beginning, `kind_ms` that of its kind; kind None until a reason is proven.

    What must last counts from `from_ms`: the beginning, or when the last reason ended.
    """

    kind: StopKind | None
    since_ms: int
    kind_ms: int
    from_ms: int
    lat: float
    lon: float
    fence: str | None = None
    appointment: str | None = None
    alerted: bool = False


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why a stop is of a kind, and since when."""

    kind: StopKind
    since_ms: int
    fence: str | None = None
    appointment: str | None = None


class Change(msgspec.Struct, frozen=True, gc=False):
    """What happened to `stop` at `time_ms`."""

    change: Literal["began", "became", "alerted", "ended"]
    time_ms: int
    stop: Stop


Step = tuple[Stop | None, tuple[Change, ...]]
RANKS: tuple[StopKind, ...] = ("ON_SITE", "BREAK", "DEPOT", "UNEXPLAINED", "IDLE", "PARKED")
"""The first that applies."""
EXPLAINED = RANKS[:3]
BEGUN: Mapping[Life, int] = {"on_site": 1, "in_progress": 2}
KNOWN_PLACES: frozenset[FenceKind] = frozenset(("customer_site", "depot", "break_place"))


def advance(stop: Stop | None, scene: Scene, params: Params) -> Step:
    """Fold one moment. The same object when nothing changed."""
    if scene.motion != "STOPPED":
        return _move(stop, scene)
    stop = _standing(stop, scene, params)
    reason = _explanation(stop, scene)
    if reason is None and stop.kind in EXPLAINED:
        return _lapse(stop, scene)
    reason = reason or _unexplained(stop, scene, params) or _resting(stop, scene, params)
    if reason is None:
        return (stop, ()) if stop.kind is None else _lapse(stop, scene)
    if reason.kind != stop.kind or _of_another(stop, reason):
        return _become(stop, reason, scene, params)
    if stop.fence is None and reason.fence is not None:
        stop = replace(stop, fence=reason.fence, appointment=reason.appointment)
    return _alert(stop, scene, params)


def _standing(stop: Stop | None, scene: Scene, params: Params) -> Stop:
    """The stop, begun if there is none. What was not proven counts anew after a silence or a creep."""
    if stop is None:
        return Stop(None, scene.motion_ms, scene.motion_ms, scene.motion_ms, scene.lat, scene.lon)
    if scene.resumed or scene.speed_mps > params.idle_ends_mps:
        return replace(stop, from_ms=scene.time_ms)
    return stop


def _move(stop: Stop | None, scene: Scene) -> Step:
    if stop is None or _still_on_site(stop, scene):
        return stop, ()
    if stop.kind is None:
        return None, ()
    return None, (Change("ended", max(scene.motion_ms, stop.kind_ms), stop),)


def _still_on_site(stop: Stop, scene: Scene) -> bool:
    if stop.kind != "ON_SITE" or stop.fence is None:
        return False
    return any(place.fence == stop.fence for place in scene.places)


def _explanation(stop: Stop, scene: Scene) -> Reason | None:
    """ON_SITE, BREAK or DEPOT: the first that applies."""
    if _still_on_site(stop, scene):
        return _begun_since(stop, scene) or Reason("ON_SITE", stop.kind_ms, stop.fence, stop.appointment)
    if scene.agenda or scene.switches.pto:
        reason = _on_site(scene)
        if reason is not None:
            return reason
    if scene.duty == "on_break":
        return Reason("BREAK", scene.duty_ms)
    for place in scene.places:
        if place.kind == "break_place":
            return Reason("BREAK", place.entered_ms, place.fence)
    for place in scene.places:
        if place.kind == "depot":
            return Reason("DEPOT", place.entered_ms, place.fence)
    return None


def _begun_since(stop: Stop, scene: Scene) -> Reason | None:
    """Another appointment in this place that has come further than the one that the stop is for."""
    known = scene.agenda.get(stop.appointment or UNNAMED)
    reason = _on_own_site(scene)
    if reason is None or reason.appointment is None or reason.appointment == stop.appointment:
        return None
    return reason if _begun(scene.agenda[reason.appointment]) > _begun(known) else None


def _on_own_site(scene: Scene) -> Reason | None:
    """In the fence of an open appointment; of several, the one that has come furthest, then the first."""
    reasons = [
        (_begun(one), Reason("ON_SITE", max(place.entered_ms, one.assigned_ms or 0), place.fence, name))
        for name, one in scene.agenda.items()
        for place in scene.places
        if one.fence == place.fence and one.open
    ]
    return max(reasons, key=lambda known: known[0])[1] if reasons else None


def _begun(appointment: Appointment | None) -> int:
    """How far work at the site has come: not begun or over, on site, in progress."""
    if appointment is None or not appointment.open:
        return 0
    return BEGUN.get(appointment.life, 0)


def _on_site(scene: Scene) -> Reason | None:
    reason = _on_own_site(scene)
    if reason is not None:
        return reason
    for name, one in scene.agenda.items():
        if one.life == "in_progress" and not one.withdrawn:
            return Reason("ON_SITE", one.life_ms, None, name or None)
    if scene.switches.pto:
        return Reason("ON_SITE", scene.switches.pto_ms)
    return None


def _unexplained(stop: Stop, scene: Scene, params: Params) -> Reason | None:
    long_ms = stop.from_ms + ms(params.unexplained_after_s)
    if scene.duty != "on_shift" or (scene.time_ms < long_ms and stop.kind != "UNEXPLAINED"):
        return None
    latest_ms = depart_by_ms(scene.agenda)
    if latest_ms is None or scene.time_ms <= latest_ms:
        return None
    return Reason("UNEXPLAINED", max(long_ms, latest_ms))


def _resting(stop: Stop, scene: Scene, params: Params) -> Reason | None:
    """IDLE or PARKED, while the ignition goes on to say so or has said so for long enough."""
    ignition = scene.switches.ignition
    since_ms = max(stop.from_ms, scene.switches.ignition_ms)
    lasted_ms = scene.time_ms - since_ms
    if ignition:
        goes_on = stop.kind == "IDLE" and scene.speed_mps <= params.idle_ends_mps
        proven = goes_on or lasted_ms >= params.idle_after_s * 1000
        return Reason("IDLE", since_ms) if proven else None
    proven = stop.kind == "PARKED" or lasted_ms >= _parked_after_s(ignition, scene, params) * 1000
    return Reason("PARKED", since_ms) if proven else None


def _parked_after_s(ignition: bool | None, scene: Scene, params: Params) -> float:
    if ignition is False:
        return params.parked_after_s
    known = any(place.kind in KNOWN_PLACES for place in scene.places)
    return params.parked_unknown_known_place_s if known else params.parked_unknown_s


def _lapse(stop: Stop, scene: Scene) -> Step:
    """The kind's reason is gone and no other is proven yet."""
    time_ms = max(scene.time_ms, stop.kind_ms)
    rest = Stop(None, time_ms, time_ms, time_ms, scene.lat, scene.lon)
    return rest, (Change("ended", time_ms, stop),)


def _become(stop: Stop, reason: Reason, scene: Scene, params: Params) -> Step:
    time_ms = _from_when(stop, reason, scene)
    since_ms = time_ms if stop.kind is None else stop.since_ms
    named = Stop(
        reason.kind,
        since_ms,
        time_ms,
        stop.from_ms,
        stop.lat,
        stop.lon,
        reason.fence,
        reason.appointment,
    )
    change = Change("began" if stop.kind is None else "became", time_ms, named)
    after, alerts = _alert(named, scene, params)
    return after, (change, *alerts)


def _of_another(stop: Stop, reason: Reason) -> bool:
    """Whether a stop ON_SITE for one appointment is now for another."""
    return stop.appointment is not None and reason.appointment not in (None, stop.appointment)


def _from_when(stop: Stop, reason: Reason, scene: Scene) -> int:
    if stop.kind is None:
        return max(stop.from_ms, reason.since_ms)
    if RANKS.index(reason.kind) > RANKS.index(stop.kind) or _of_another(stop, reason):
        # What ranked above it, or the appointment before, applied until now.
        return max(stop.kind_ms, scene.time_ms)
    return max(stop.kind_ms, reason.since_ms)


def _alert(stop: Stop, scene: Scene, params: Params) -> Step:
    """A person hears once of a stop that is IDLE for long, and at once of an UNEXPLAINED one."""
    if stop.alerted or stop.kind not in ("IDLE", "UNEXPLAINED"):
        return stop, ()
    time_ms = stop.kind_ms
    if stop.kind == "IDLE":
        time_ms = max(stop.from_ms, stop.kind_ms) + ms(params.idle_alert_s)
    if scene.time_ms < time_ms:
        return stop, ()
    alerted = replace(stop, alerted=True)
    return alerted, (Change("alerted", time_ms, alerted),)
