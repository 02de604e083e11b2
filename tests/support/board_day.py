"""A day as a dispatcher sees it at 10:08: twelve technicians, five appointments at risk, one proposal."""

# ruff: noqa: E501

from collections.abc import Mapping, Sequence
from math import cos, radians

import msgspec

from features.events import Cause, FenceEvent, Life, MotionChanged, Signal, StatusChanged
from features.fence_events import Circle, Fence, Polygon
from features.fix import Fix
from features.motion import Motion
from features.plan import Job, Shift
from features.plan_events import Alternative, Move, Proposal
from features.route import RouteState, Stop
from features.technician import TechnicianState
from features.territory import Closed, Planned, Risk, Rostered, TerritoryState
from features.territory_events import AcknowledgementChanged, Reason, RiskChanged
from features.wire import Place
from models.forecast import Expected, RiskState
from models.rebalancing.params import Params
from streams.dashboard.day import Day
from streams.dashboard.news import Item

TERRITORY, ZONE = "Ocotillo North", "America/Phoenix"
REBALANCING = Params()
MIDNIGHT_MS = 1_773_730_800_000
"""Of 17 March 2026 in Phoenix."""
LAT, LON = 33.45, -112.07
Span = tuple[str, float, float]
"""An appointment, and the hours from which and to which it takes."""


class Person(msgspec.Struct, frozen=True):
    """`at` and `stops` are kilometres east and north of the town's middle."""

    name: str
    at: tuple[float, float]
    done: Sequence[Span] = ()
    now: Span | None = None
    ahead: Sequence[Span] = ()
    heading: float = 0.0
    stops: Mapping[str, tuple[float, float]] = {}


PEOPLE: dict[str, Person] = {
    "alvarez": Person("Alvarez, Ana", (-4.2, 4.4), [("A-081", 8.3, 8.85), ("A-146", 9.25, 10.05)], None,
                      [("A-092", 10.3, 10.75), ("A-130", 11.2, 12.0), ("A-374", 12.3, 13.5), ("A-188", 13.85, 14.65)], 40),
    "becker": Person("Becker, Tom", (-0.7, 2.9), [("A-113", 8.3, 9.0)], ("A-187", 9.35, 10.6),
                     [("A-248", 10.95, 13.1), ("A-214", 13.52, 14.3), ("A-227", 14.6, 15.7), ("A-231", 16.23, 17.0)], 5,
                     {"A-187": (-0.7, 2.8), "A-248": (0.6, 2.3), "A-214": (2.6, 3.0), "A-227": (4.2, 1.7), "A-231": (5.2, 0.3)}),
    "chen": Person("Chen, Li", (-4.6, 0.5), [("A-253", 8.4, 9.6)], ("A-393", 9.85, 10.65),
                   [("A-199", 10.95, 12.15), ("A-247", 12.5, 13.55), ("A-182", 13.9, 14.85), ("A-232", 15.15, 15.95)], 150),
    "dubois": Person("Dubois, Marc", (-2.4, -0.6), [("A-077", 8.15, 8.75)], ("A-373", 9.0, 10.25),
                     [("A-275", 10.6, 12.1), ("A-200", 12.35, 13.75), ("A-203", 14.05, 14.95), ("A-194", 15.4, 16.2)], 290),
    "eze": Person("Eze, Ngozi", (6.0, 2.4), [("A-264", 8.6, 10.05)], None,
                  [("A-265", 10.5, 11.25), ("A-310", 11.45, 12.0), ("A-221", 12.3, 13.5), ("A-190", 13.7, 14.45), ("A-266", 16.03, 16.8)], 300),
    "fischer": Person("Fischer, Ida", (0.4, 5.2), [("A-142", 8.3, 9.8)], ("A-267", 10.1, 11.55),
                      [("A-241", 11.75, 12.55), ("A-312", 12.85, 13.6), ("A-198", 13.8, 14.6), ("A-169", 15.0, 15.8)], 200),
    "garcia": Person("Garcia, Leo", (-3.6, 3.8), [("A-181", 8.5, 9.75)], ("A-104", 10.1, 11.35),
                     [("A-305", 12.2, 12.9), ("A-285", 13.1, 13.9), ("A-149", 14.1, 14.9), ("A-317", 15.25, 15.95)], 350),
    "haddad": Person("Haddad, Sami", (1.9, 4.2), [("A-060", 8.2, 8.7)], ("A-186", 8.95, 10.4),
                     [("A-120", 10.65, 11.85), ("A-342", 13.17, 14.0), ("A-118b", 14.35, 15.1), ("A-249", 15.3, 15.8)], 330),
    "ito": Person("Ito, Ken", (4.8, 4.2), [("A-203b", 8.8, 9.7)], ("A-319", 10.0, 10.95),
                  [("A-211", 11.4, 11.9), ("A-224", 12.3, 13.5), ("A-355", 13.75, 14.4), ("A-118", 17.07, 17.6)], 15),
    "jansen": Person("Jansen, Eva", (3.4, -0.9), [("A-369", 8.55, 9.3)], ("A-313", 9.5, 10.3),
                     [("A-268", 10.5, 11.2), ("A-389", 11.4, 12.15), ("A-306", 12.4, 13.6), ("A-298", 13.8, 14.8)], 235),
    "kaya": Person("Kaya, Deniz", (-5.8, 2.6), [("A-394", 8.4, 9.1)], ("A-251", 9.3, 10.1),
                   [("A-261", 10.5, 12.05), ("A-210", 12.4, 13.6), ("A-300", 13.9, 14.6), ("A-301", 15.1, 15.6)], 90),
    "lopez": Person("Lopez, Rosa", (5.2, -2.6), [("A-165", 8.2, 9.1)], ("A-131", 9.4, 10.9),
                    [("A-337", 11.15, 12.6), ("A-307", 13.0, 14.1), ("A-101", 14.4, 15.1), ("A-106", 15.35, 16.05)], 60),
}  # fmt: skip
TITLES = {
    "A-214": "Boiler repair · Hillside Clinic",
    "A-231": "Inspection · 48 Cedar Ave",
    "A-305": "Fibre install · Orchard Rd 9",
    "A-118": "Meter swap · Pine St 77",
    "A-266": "Leak · 12 Lake View",
    "A-342": "Filter change · Old Mill 3",
}
WINDOWS = {
    "A-214": (12, 13),
    "A-231": (15, 16),
    "A-305": (11, 12),
    "A-118": (15, 17),
    "A-266": (14, 16),
    "A-342": (13, 15),
}
RISKS: dict[str, tuple[str, str, float, float, tuple[Reason, ...]]] = {
    "A-214": ("becker", "CRITICAL", 0.86, 31, (Reason("overrun", 22, "A-187"), Reason("travel", 6), Reason("tight_plan", 3))),
    "A-231": ("becker", "AT_RISK", 0.61, 14, (Reason("late_predecessor", 11, "A-214"), Reason("travel", 3))),
    "A-305": ("garcia", "AT_RISK", 0.57, 12, (Reason("not_acknowledged", 4), Reason("not_departed", 12))),
    "A-118": ("ito", "WATCH", 0.31, 4, (Reason("tight_plan", 4),)),
    "A-266": ("eze", "WATCH", 0.27, 2, (Reason("travel", 2),)),
}  # fmt: skip


def at(hour: float) -> int:
    """Unix milliseconds of a local hour of the day."""
    return MIDNIGHT_MS + round(hour * 3_600_000)


NOW_MS = at(10 + 8 / 60)


def place(east_km: float, north_km: float) -> Place:
    return Place(LAT + north_km / 111.19, LON + east_km / (111.19 * cos(radians(LAT))))


def territory(**more: object) -> TerritoryState:
    appointments = {
        appointment: planned
        for technician, person in PEOPLE.items()
        for appointment, planned in _planned(technician, person)
    }
    routes = {
        technician: tuple(span[0] for span in ((person.now,) if person.now else ()) + tuple(person.ahead))
        for technician, person in PEOPLE.items()
    }
    said: dict[str, object] = {
        "version": 4,
        "clock_ms": NOW_MS,
        "roster": {
            one: Rostered(
                _shift(), person.name, ("heating",) if n % 4 != 1 or one == "becker" else ("fibre",)
            )
            for n, (one, person) in enumerate(PEOPLE.items())
        },
        "appointments": appointments,
        "routes": routes,
        "risks": {
            one: Risk(level, who, at(10), at(9.9), probability, late, reasons)  # type: ignore[arg-type]
            for one, (who, level, probability, late, reasons) in RISKS.items()
        },
        "looked_ms": at(10.1),
        "proposal": proposal(),
        "closed": (Closed("p-0", "rejected", at(9.4)),),
    }
    return TerritoryState(TERRITORY, **(said | more))  # type: ignore[arg-type]


def calm() -> TerritoryState:
    return territory(risks={}, proposal=None)


def proposal(**more: object) -> Proposal:
    said: dict[str, object] = {
        "proposal": "p-1",
        "territory": TERRITORY,
        "base_version": 4,
        "made_ms": NOW_MS - 50_000,
        "expires_ms": NOW_MS + 250_000,
        "trigger": "risk",
        "about": ("A-214",),
        "summary": "Give A-214 to Haddad, who is 9 minutes away and free at 11:50",
        "routes": {
            "becker": ("A-187", "A-248", "A-227", "A-231"),
            "haddad": ("A-186", "A-120", "A-214", "A-342", "A-118b", "A-249"),
        },
        "moves": (
            _move("A-214", ("becker", 13.52, 0.86), ("haddad", 12.08, 0.07)),
            _move("A-231", ("becker", 16.23, 0.61), ("becker", 15.37, 0.12)),
            _move("A-342", ("haddad", 13.17, 0.02), ("haddad", 14.42, 0.09)),
        ),
        "saves_min": 38.0,
        "price_min": 10.0,
        "driving_min": 6.0,
        "better_share": 0.97,
        "samples": 512,
        "source": "vroom",
        "alternatives": (
            Alternative("greedy insertion", 29.0, 2, "moves 4 customers to save less"),
            Alternative("vroom without breaks", 36.0, 3, "cheaper to drive, but 3 customers change hands"),
        ),
    }
    return Proposal(**(said | more))  # type: ignore[arg-type]


def risks() -> dict[str, RiskState]:
    return {one: _risk_state(one, person) for one, person in PEOPLE.items()}


def technicians() -> dict[str, TechnicianState]:
    """Dubois is offline; Kaya is on a break."""
    states = {one: _technician(one, person) for one, person in PEOPLE.items()}
    silent = states["dubois"]
    gone_ms = NOW_MS - 12 * 60_000
    assert silent.fix is not None
    states["dubois"] = msgspec.structs.replace(
        silent, fix=msgspec.structs.replace(silent.fix, time_ms=gone_ms), motion=Motion("OFFLINE", gone_ms)
    )
    states["kaya"] = msgspec.structs.replace(states["kaya"], duty="on_break", duty_ms=at(10.05))
    return states


def day(state: TerritoryState | None = None) -> Day:
    found = state or territory()
    return Day(found, risks(), technicians(), found.clock_ms, ZONE, REBALANCING)


def fences() -> list[Fence]:
    ring = [(-5.0, 3.0), (-3.9, 3.4), (-3.1, 2.7), (-3.6, 1.8), (-4.7, 1.95), (-5.0, 3.0)]
    corners = tuple((place(*point).lon, place(*point).lat) for point in ring)
    depot = place(-1.5, -1.8)
    return [
        Fence(fence="no-go-1", kind="no_go", name="Old Mill", geometry=Polygon(((corners,),))),
        Fence(
            fence="depot-1", kind="depot", name="Depot South", geometry=Circle(depot.lat, depot.lon, 160.0)
        ),
    ]


def news() -> list[Item]:
    """What happened, in order."""
    here = place(0, 0)
    told = [
        FenceEvent(
            "becker", at(9.85), at(9.86), "no-go-1", 1, "no_go", "breached", here.lat, here.lon, "no_go"
        ),
        StatusChanged("jansen", at(9.97), "en_route", "on_site", "A-313"),
        FenceEvent("chen", at(10.03), at(10.04), "depot-1", 1, "depot", "exited", here.lat, here.lon),
        MotionChanged("dubois", NOW_MS - 240_000, NOW_MS, "OFFLINE", here.lat, here.lon),
    ]
    items = [
        Item(f"0-0-{n}", Signal(id=f"s{n}", cause=Cause("technicians", 0, n, 0), event=event))
        for n, event in enumerate(told)
    ]
    later = [
        AcknowledgementChanged(territory=TERRITORY, time_ms=at(10.08), cause=Cause("signals", 0, 9, 0),
                               technician="garcia", appointment="A-305", stage="reminded"),
        RiskChanged(territory=TERRITORY, time_ms=at(10.12), cause=Cause("signals", 0, 10, 0), technician="becker",
                    appointment="A-214", level="CRITICAL", before="AT_RISK", probability=0.86, late_min=31.0,
                    reasons=RISKS["A-214"][4]),
    ]  # fmt: skip
    return items + [Item(f"1-0-{n}", event) for n, event in enumerate(later)]


def _shift() -> Shift:
    return Shift(start_ms=at(8), end_ms=at(18), start=place(0, 0), end=place(0, 0))


def _planned(technician: str, person: Person) -> list[tuple[str, Planned]]:
    found = []
    for life, spans in _by_life(person):
        for span in spans:
            delay = 0.4 if span[0] in ("A-248", "A-305", "A-214", "A-227") else 0.0
            planned = Planned(
                _job(person, span), technician, life=life, life_ms=at(span[2] if life == "completed" else span[1]),
                planned_start_ms=at(span[1] - delay),
            )  # fmt: skip
            found.append((span[0], planned))
    return found


def _by_life(person: Person) -> list[tuple[Life, Sequence[Span]]]:
    now = () if person.now is None else (person.now,)
    return [("completed", person.done), ("in_progress", now), ("acknowledged", person.ahead)]


def _job(person: Person, span: Span) -> Job:
    name, start, end = span
    window = WINDOWS.get(name, (int(start), int(start) + 2))
    work_h = 0.9 if name == "A-187" else end - start
    return Job(
        appointment=name,
        place=_where(person, name),
        window_start_ms=at(window[0]),
        window_end_ms=at(window[1]),
        title=TITLES.get(name, f"Service · {name}"),
        skills=("fibre",) if name == "A-305" else ("heating",),
        expected_s=work_h * 3600,
    )


def _where(person: Person, name: str) -> Place:
    """Around where the technician is, unless it is said."""
    if name in person.stops:
        return place(*person.stops[name])
    n = sum(map(ord, name))
    return place(person.at[0] + (n % 7 - 3) * 0.5, person.at[1] + (n % 5 - 2) * 0.5)


def _move(name: str, before: tuple[str, float, float], after: tuple[str, float, float]) -> Move:
    return Move(
        appointment=name, title=TITLES[name].split(" · ")[0],
        before_technician=before[0], before_start_ms=at(before[1]), before_probability=before[2],
        after_technician=after[0], after_start_ms=at(after[1]), after_probability=after[2],
        window_end_ms=at(WINDOWS[name][1]),
    )  # fmt: skip


def _risk_state(technician: str, person: Person) -> RiskState:
    stops = {
        span[0]: Stop(
            _job(person, span), at(span[1]), life=life, life_ms=at(span[2] if life == "completed" else span[1]),
            began_ms=at(span[1]) if life != "acknowledged" else None,
            ended_ms=at(span[2]) if life == "completed" else None,
        )
        for life, spans in _by_life(person)
        for span in spans
    }  # fmt: skip
    coming = ((person.now,) if person.now else ()) + tuple(person.ahead)
    expected = {
        span[0]: _expected(span, 0.1 + 0.08 * n, RISKS[span[0]][2:4] if span[0] in RISKS else (0.02, -40.0))
        for n, span in enumerate(coming)
    }
    route = RouteState(
        technician, TERRITORY, 4, tuple(expected), stops, _shift(), "on_shift", at(8), place=place(*person.at)
    )
    return RiskState(route, NOW_MS - 20_000, False, expected)


def _expected(span: Span, spread_h: float, risk: tuple[float, float]) -> Expected:
    _, start, end = span
    return Expected(
        at(start - spread_h), at(start), at(start + 0.7 * spread_h), at(start + spread_h),
        at(end - 0.8 * spread_h), at(end), at(end + 1.4 * spread_h), risk[0], risk[1],
    )  # fmt: skip


def _technician(technician: str, person: Person) -> TechnicianState:
    where = place(*person.at)
    return TechnicianState(
        technician,
        person.name,
        TERRITORY,
        duty="on_shift",
        fix=Fix(NOW_MS - 15_000, where.lat, where.lon, 8.0, heading_deg=person.heading),
        motion=Motion("MOVING", NOW_MS - 300_000),
    )
