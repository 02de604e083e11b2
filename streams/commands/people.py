"""One technician as people and programs want to see them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from features.appointment import Appointment
from features.fix import Fix
from features.technician import TechnicianState
from streams.adapters.index import fences_of
from streams.commands.show import clock, iso
from streams.commands.tables import Column
from streams.queries import BEGUN_LIVES

COLUMNS = (
    Column("technician", least=8),
    Column("name", least=10, spare=3),
    Column("duty", spare=4),
    Column("doing", least=10),
    Column("where", least=12),
    Column("working on", least=10, spare=5),
    Column("seen (UTC)", spare=2),
)
AREAS = ("territory",)
"""Kinds of fence that say little about where somebody is: named last."""
STOPS = {
    "ON_SITE": "on site",
    "BREAK": "on a break",
    "DEPOT": "at the depot",
    "IDLE": "idling",
    "PARKED": "parked",
    "UNEXPLAINED": "stopped, late",
}
NO_NAMES: Mapping[str, str] = MappingProxyType({})


def row(state: TechnicianState, names: Mapping[str, str] = NO_NAMES) -> tuple[str, ...]:
    """Somebody under `COLUMNS`. `names` gives fences' names by id."""
    return (
        state.technician,
        state.name or "-",
        (state.duty or "-").replace("_", " "),
        doing(state),
        where(state, names),
        working_on(state),
        clock(state.fix.time_ms if state.fix else None),
    )


def doing(state: TechnicianState) -> str:
    """Silent, stopped for what, or driving."""
    motion = state.motion.kind
    if motion is None:
        return "-"
    if motion in ("NO_DATA", "OFFLINE"):
        return "silent" if motion == "NO_DATA" else "offline"
    if state.stop is not None and state.stop.kind is not None:
        return STOPS[state.stop.kind]
    if motion == "STOPPED":
        return "stopped"
    speed_kmh = 3.6 * ((state.fix.speed_mps if state.fix else None) or 0.0)
    return f"driving {speed_kmh:.0f} km/h" if speed_kmh >= 1 else "driving"


def where(state: TechnicianState, names: Mapping[str, str] = NO_NAMES) -> str:
    """The fences around somebody, the most telling first; else the position."""
    inside = sorted(fences_of(state), key=lambda fence: (state.visits[fence].kind in AREAS, fence))
    if inside:
        return ", ".join(names.get(fence) or fence for fence in inside)
    return "-" if state.fix is None else f"{state.fix.lat:.5f}, {state.fix.lon:.5f}"


def working_on(state: TechnicianState) -> str:
    """Of the open appointments the one that has come furthest, and how far."""
    found = current(state)
    return "-" if found is None else f"{found[0]} {found[1].life.replace('_', ' ')}".strip()


def current(state: TechnicianState) -> tuple[str, Appointment] | None:
    """The open appointment that has come furthest beyond being handed out, by name."""
    begun = [(name, one) for name, one in state.agenda.items() if one.open and one.life in BEGUN_LIVES]
    return max(begun, key=lambda one: BEGUN_LIVES.index(one[1].life), default=None)


def facts(state: TechnicianState) -> dict[str, Any]:
    """Everything that is known, under names that explain themselves; times in ISO 8601."""
    fix = state.fix
    return {
        "technician": state.technician,
        "name": state.name,
        "territory": state.territory,
        "skills": state.skills,
        "groups": state.groups,
        "duty": state.duty,
        "duty_since": iso(state.duty_ms) if state.duty else None,
        "motion": state.motion.kind,
        "motion_since": iso(state.motion.since_ms) if state.motion.kind else None,
        "stop": _stop(state),
        "position": None if fix is None else _position(fix, state.cell),
        "ignition": fix.ignition if fix else None,
        "pto": fix.pto if fix else None,
        "inside": [_visit(state, fence) for fence in sorted(fences_of(state))],
        "agenda": {name: _appointment(one) for name, one in state.agenda.items()},
    }


def _stop(state: TechnicianState) -> dict[str, Any] | None:
    stop = state.stop
    if stop is None or stop.kind is None:
        return None
    told = {"kind": stop.kind, "since": iso(stop.since_ms), "lat": stop.lat, "lon": stop.lon}
    return {**told, "fence": stop.fence, "appointment": stop.appointment}


def _position(fix: Fix, cell: str | None) -> dict[str, Any]:
    return {
        "time": iso(fix.time_ms),
        "lat": fix.lat,
        "lon": fix.lon,
        "accuracy_m": fix.accuracy_m,
        "speed_mps": fix.speed_mps,
        "heading_deg": fix.heading_deg,
        "cell": cell,
    }


def _visit(state: TechnicianState, fence: str) -> dict[str, Any]:
    visit = state.visits[fence]
    return {"fence": fence, "kind": visit.kind, "since": iso(visit.entered_ms)}


def _appointment(one: Appointment) -> dict[str, Any]:
    return {
        "life": one.life,
        "since": iso(one.life_ms),
        "fence": one.fence,
        "window_start": iso(one.window_start_ms),
        "depart_by": iso(one.depart_by_ms),
        "withdrawn": one.withdrawn,
    }
