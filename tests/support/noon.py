"""Days of a territory in the middle, made up from a seed: who is where, what is ahead, and what is at risk of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from features.events import Life
from features.plan import Job, Shift
from features.route import RouteState, Stop
from features.territory import Planned, Risk, Rostered, TerritoryState
from features.territory_events import Level
from features.wire import Place
from models.duration import BaselineDurations, Durations
from models.eta import Params as EtaParams
from models.eta import inputs
from models.forecast import Expected, RiskState
from models.rollforward import draws, roll
from models.travel import CircleTravel, Travel

ZONE = "America/Phoenix"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
MIDNIGHT_MS = 1_773_730_800_000
"""Of 17 March 2026 in Phoenix."""
SKILLS = ("gas", "high-voltage", "refrigeration")


def at(hours: float) -> int:
    return MIDNIGHT_MS + round(hours * HOUR_MS)


@dataclass(frozen=True)
class Noon:
    """A territory, and what the risk agent knows of each of its technicians."""

    territory: TerritoryState
    risks: Mapping[str, RiskState]
    now_ms: int


@dataclass(frozen=True)
class City:
    """How big and how busy a day is. `late` technicians have work at hand that takes much longer."""

    technicians: int = 50
    per_technician: int = 8
    km: float = 30.0
    now_h: float = 12.0
    late: int = 2
    lost: int = 0
    emergencies: int = 0
    work_min: tuple[float, float] = (25.0, 60.0)
    overrun_min: float = 60.0


def noon(
    seed: int, city: City | None = None, durations: Durations | None = None, travel: Travel | None = None
) -> Noon:
    """A day that went as planned until now, but for what `city` says."""
    city = city or City()
    chance = np.random.default_rng(seed)
    travel, durations = travel or CircleTravel(), durations or BaselineDurations()
    now_ms = at(city.now_h)
    roster, appointments, states = {}, {}, {}
    for number in range(city.technicians):
        name = f"T-{number:03d}"
        roster[name] = _rostered(chance, name, city)
        stops = _stops(chance, name, roster[name], city, travel)
        states[name] = _state(chance, name, roster[name], stops, now_ms, city, overruns=number < city.late)
        appointments.update({n: _planned(stop, name) for n, stop in states[name].stops.items()})
    routes = {name: state.order for name, state in states.items()}
    territory = TerritoryState(
        "north", version=3, clock_ms=now_ms, roster=roster, appointments=appointments, routes=routes
    )
    territory = _disrupted(chance, territory, city)
    return assessed(territory, states, now_ms, durations, travel)


def assessed(
    territory: TerritoryState,
    states: Mapping[str, RouteState],
    now_ms: int,
    durations: Durations | None = None,
    travel: Travel | None = None,
) -> Noon:
    """With what the roll-forward expects of each route, and the risks that follow."""
    working = [state for name, state in states.items() if territory.roster[name].lost_ms is None]
    rows = inputs(
        working, now_ms, durations or BaselineDurations(), travel or CircleTravel(), ZONE, EtaParams()
    )
    starts, ends = roll(rows.routes, draws(1, max(1, rows.closes_s.shape[1]), 200), rows.pace, day_sigma=0.12)
    found, risks = {}, dict[str, Risk]()
    for at_, (state, stops) in enumerate(zip(working, rows.stops, strict=True)):
        expected = {}
        for place, stop in enumerate(stops):
            name, late = stop.job.appointment, starts[place, at_] - rows.closes_s[at_, place]
            expected[name] = _expected(starts[place, at_], ends[place, at_], late, now_ms)
            if stop.life not in ("on_site", "in_progress") and (level := _level(float((late > 0).mean()))):
                risks[name] = Risk(level, state.technician, now_ms, now_ms, float((late > 0).mean()))
        found[state.technician] = RiskState(state, now_ms, False, expected)
    return Noon(replace(territory, risks=risks), found, now_ms)


def _expected(starts: np.ndarray, ends: np.ndarray, late: np.ndarray, now_ms: int) -> Expected:
    quantiles = [now_ms + round(float(q) * 1000) for q in np.quantile(starts, (0.1, 0.5, 0.8, 0.9))]
    over = [now_ms + round(float(q) * 1000) for q in np.quantile(ends, (0.1, 0.5, 0.9))]
    return Expected(*quantiles, *over, float((late > 0).mean()), float(np.median(late)) / 60)


def _level(probability: float) -> Level | None:
    if probability < 0.5:
        return None
    return "CRITICAL" if probability >= 0.8 else "AT_RISK"


def _place(chance: np.random.Generator, km: float) -> Place:
    north, east = chance.uniform(-km / 2, km / 2, 2)
    return Place(33.45 + north / 111.0, -112.07 + east / 92.7)


def _rostered(chance: np.random.Generator, name: str, city: City) -> Rostered:
    home = _place(chance, city.km)
    shift = Shift(
        start_ms=at(8), end_ms=at(17), start=home, end=home, break_from_ms=at(12.0), break_s=1_800.0
    )
    skills = tuple(skill for skill in SKILLS if chance.random() < 0.5)
    return Rostered(shift, f"Tech {name[2:]}", skills)


def _stops(
    chance: np.random.Generator, who: str, rostered: Rostered, city: City, travel: Travel
) -> list[Stop]:
    """Planned so that all comes in time where work takes as long as expected; each near the one before."""
    here, hour, stops, rested = rostered.shift.start, 8.0, [], False
    for number in range(city.per_technician):
        work_min = float(chance.uniform(*city.work_min))
        near = [_place(chance, city.km) for _ in range(6)]
        place = min(near, key=lambda one: (one.lat - here.lat) ** 2 + (one.lon - here.lon) ** 2)
        if not rested and hour >= 12.0:
            hour, rested = hour + 0.5, True
        hour += float(travel.base_s(here.lat, here.lon, place.lat, place.lon)) / 3600
        before = float(chance.uniform(0.25, 1.0))
        skills = tuple(s for s in rostered.skills[:1] if chance.random() < 0.3)
        job = Job(
            appointment=f"A-{who[2:]}-{number}",
            place=place,
            window_start_ms=at(hour - before),
            window_end_ms=at(hour - before + 1.5),
            job_type=("repair", "install", "inspect")[int(chance.integers(3))],
            skills=skills,
            priority=int(chance.choice((2, 3, 3, 3, 4))),
            hard=bool(chance.random() < 0.1),
            expected_s=work_min * 60,
        )
        stops.append(Stop(job, planned_start_ms=at(hour)))
        hour, here = hour + work_min / 60 + 0.1, place
    return stops


def _state(
    chance: np.random.Generator,
    who: str,
    rostered: Rostered,
    stops: Sequence[Stop],
    now_ms: int,
    city: City,
    *,
    overruns: bool,
) -> RouteState:
    told, order, place, place_ms = {}, [], rostered.shift.start, now_ms
    for stop in stops:
        start_ms = stop.planned_start_ms or 0
        slip_ms = round(float(chance.normal(0, 8)) * MINUTE_MS)
        begins_ms, ends_ms = start_ms + slip_ms, start_ms + slip_ms + round(stop.job.expected_s * 1000)
        life: Life = "acknowledged"
        if ends_ms < now_ms and not (overruns and ends_ms > now_ms - HOUR_MS and not order):
            life, place = "completed", stop.job.place
        elif not order and begins_ms < now_ms:
            life, place = "in_progress", stop.job.place
            if overruns:
                begins_ms = now_ms - round(0.1 * stop.job.expected_s * 1000)
                stop = replace(
                    stop, job=replace(stop.job, expected_s=stop.job.expected_s + 60.0 * city.overrun_min)
                )
        elif not order and begins_ms < now_ms + 15 * MINUTE_MS:
            life = "en_route"
        if life != "completed":
            order.append(stop.job.appointment)
        told[stop.job.appointment] = replace(
            stop,
            life=life,
            life_ms=min(now_ms, begins_ms),
            began_ms=begins_ms if life in ("in_progress", "completed") else None,
            ended_ms=ends_ms if life == "completed" else None,
            acknowledged=True,
        )
    return RouteState(
        who,
        territory="north",
        plan_version=3,
        order=tuple(order),
        stops=told,
        shift=rostered.shift,
        duty="on_shift",
        duty_ms=at(8),
        place=place,
        place_ms=place_ms,
        motion="STOPPED",
    )


def _planned(stop: Stop, who: str) -> Planned:
    return Planned(stop.job, who, stop.life, stop.life_ms, planned_start_ms=stop.planned_start_ms)


def _disrupted(chance: np.random.Generator, territory: TerritoryState, city: City) -> TerritoryState:
    roster, appointments = dict(territory.roster), dict(territory.appointments)
    routes = dict(territory.routes)
    names = sorted(roster)[city.late :]
    for name in names[: city.lost]:
        roster[name] = replace(roster[name], lost_ms=territory.clock_ms)
        for one in routes[name]:
            appointments[one] = replace(appointments[one], technician=None, life=None, life_ms=0)
        routes[name] = ()
    for number in range(city.emergencies):
        job = Job(
            appointment=f"E-{number}",
            place=_place(chance, city.km),
            window_start_ms=territory.clock_ms,
            window_end_ms=territory.clock_ms + 2 * HOUR_MS,
            priority=1,
            emergency=True,
            hard=True,
        )
        appointments[job.appointment] = Planned(job)
    return replace(territory, roster=roster, appointments=appointments, routes=routes)
