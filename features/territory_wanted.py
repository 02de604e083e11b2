"""What people want of a territory's plan beyond proposals: pins, and a look for a better one."""

from msgspec.structs import replace

from features.rejection import Rejection
from features.territory import TerritoryState
from features.territory_edit import with_planned
from features.territory_events import PinAppointment, RequestRebalance
from features.territory_facts import impossible, unknown_appointment
from features.wishes import unanswered, wished


def pinned(state: TerritoryState, command: PinAppointment) -> TerritoryState | Rejection:
    name = command.appointment
    planned = state.appointments.get(name)
    becomes = "pinned" if command.pinned else "unpinned"
    if planned is None:
        return unknown_appointment(state, name, becomes)
    if planned.ended:
        return impossible(f"appointment {name!r} has ended and can't be {becomes}: nothing to do")
    if planned.technician is None:
        return impossible(f"nobody serves appointment {name!r}: it can be pinned when somebody does")
    if planned.pinned == command.pinned:
        return state
    return with_planned(state, {name: replace(planned, pinned=command.pinned)})


def better_plan(state: TerritoryState, command: RequestRebalance, now_ms: int) -> TerritoryState | Rejection:
    for name in command.appointments:
        planned = state.appointments.get(name)
        if planned is None:
            return unknown_appointment(state, name, "released")
        if planned.ended:
            return impossible(f"appointment {name!r} has ended and can't be released: leave it out")
    return wished(unanswered(state, command.appointments), "request", command.appointments, now_ms)
