"""One technician for people and for programs."""

import msgspec

from features.appointment import Appointment
from features.events import MotionKind, StopKind
from features.fix import Fix
from features.geofence import Phase, Visit
from features.motion import Motion
from features.stops import Stop
from features.technician import TechnicianState
from streams.commands.people import COLUMNS, doing, facts, row, where, working_on
from tests.support.technicians import AUSTIN, TIME_MS, technician


def moving(motion: MotionKind | None, speed_mps: float | None = None, **fields: object) -> TechnicianState:
    state = technician("ada", AUSTIN, **fields)
    fix = Fix(TIME_MS, *AUSTIN, 8.0, speed_mps=speed_mps)
    return msgspec.structs.replace(state, motion=Motion(motion), fix=fix)


def stopped(kind: StopKind | None) -> TechnicianState:
    return moving("STOPPED", stop=Stop(kind, TIME_MS, TIME_MS, TIME_MS, *AUSTIN))


def test_doing_is_said_in_plain_words() -> None:
    assert doing(technician("ada")) == "-"
    assert doing(moving("MOVING", 11.7)) == "driving 42 km/h"
    assert doing(moving("MOVING", 0.1)) == "driving"
    assert doing(moving("MOVING")) == "driving"
    assert doing(moving("STOPPED")) == "stopped"
    assert doing(stopped(None)) == "stopped"
    assert [doing(stopped(kind)) for kind in ("ON_SITE", "BREAK", "DEPOT", "IDLE", "PARKED")] == [
        "on site",
        "on a break",
        "at the depot",
        "idling",
        "parked",
    ]
    assert doing(stopped("UNEXPLAINED")) == "stopped, late"
    assert [doing(moving("NO_DATA")), doing(moving("OFFLINE"))] == ["silent", "offline"]


def test_where_names_sites_before_territories_and_gives_the_position_outside_of_all() -> None:
    assert where(technician("ada")) == "-"
    assert where(technician("ada", AUSTIN)) == "30.26720, -97.74310"
    inside = {
        "a-territory": Visit(Phase.INSIDE, kind="territory"),
        "site": Visit(Phase.EXITING),
        "near": Visit(Phase.ENTERING),
    }
    state = msgspec.structs.replace(technician("ada", AUSTIN), visits=inside)
    assert where(state) == "site, a-territory"
    assert where(state, {"site": "Customer 7"}) == "Customer 7, a-territory"


def test_working_on_is_the_open_appointment_that_has_come_furthest() -> None:
    agenda = {
        "job-1": Appointment("completed"),
        "job-2": Appointment("en_route"),
        "job-3": Appointment("in_progress"),
        "job-4": Appointment("on_site", withdrawn=True),
        "job-5": Appointment("acknowledged"),
    }
    assert working_on(technician("ada", agenda=agenda)) == "job-3 in progress"
    for life in ("dispatched", "delivered", "acknowledged"):
        assert working_on(technician("ada", agenda={"job-5": Appointment(life)})) == "-"


def test_a_row_has_a_cell_for_every_column_also_of_somebody_of_whom_nothing_is_known() -> None:
    assert row(technician("ada")) == ("ada", *["-"] * (len(COLUMNS) - 1))
    named = msgspec.structs.replace(technician("ada", AUSTIN, duty="on_break"), name="Ada")
    assert row(named)[:3] == ("ada", "Ada", "on break")


def test_facts_explain_themselves_and_are_json() -> None:
    state = msgspec.structs.replace(
        stopped("ON_SITE"),
        name="Ada",
        skills=("gas",),
        duty="on_shift",
        duty_ms=TIME_MS,
        visits={"site": Visit(Phase.INSIDE, entered_ms=TIME_MS)},
        agenda={"job-1": Appointment("on_site", TIME_MS, "site", window_start_ms=TIME_MS)},
    )
    said = msgspec.json.decode(msgspec.json.encode(facts(state)))
    at = "2023-11-14T22:13:20.000+00:00"
    assert (said["duty"], said["duty_since"], said["skills"]) == ("on_shift", at, ["gas"])
    assert said["position"]["lat"] == AUSTIN[0]
    assert said["position"]["time"] == at
    assert (said["motion"], said["stop"]["kind"], said["stop"]["since"]) == ("STOPPED", "ON_SITE", at)
    assert said["inside"] == [{"fence": "site", "kind": "customer_site", "since": at}]
    assert said["agenda"]["job-1"]["life"] == "on_site"
    assert said["agenda"]["job-1"]["depart_by"] is None


def test_facts_of_somebody_of_whom_nothing_is_known_are_there_and_empty() -> None:
    said = facts(technician("ada"))
    assert said.keys() == facts(stopped("IDLE")).keys()
    assert {name for name, value in said.items() if value} == {"technician"}
