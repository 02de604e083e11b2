"""A changed plan as data: what is different between two states, and the messages that tell technicians of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from features.appointment import ENDS
from features.events import Assignment, Cause, Route
from features.plan_events import Because, PlanChanged
from features.territory import Planned, Rostered, TerritoryState
from features.territory_edit import with_planned
from features.units import ms
from models.planning.params import Params
from models.planning.times import Ways, departures_ms, starts_ms

UNNAMED = Cause("", 0, 0, 0)
"""What is made gets its cause and its name when all that one input makes is together."""


@dataclass(frozen=True)
class Planning:
    """What plans are made with."""

    params: Params
    ways: Ways


@dataclass(frozen=True)
class Difference:
    """`technicians` whose route or shift is another, `handed` appointments that change hands, `altered` those
    that are another with the same technician, and whether pins were set or taken away."""

    technicians: tuple[str, ...]
    handed: tuple[str, ...]
    altered: tuple[str, ...]
    pins: bool

    def __bool__(self) -> bool:
        return bool(self.technicians or self.handed or self.altered or self.pins)


def difference(before: TerritoryState, after: TerritoryState) -> Difference:
    gone = before.appointments.keys() - after.appointments.keys()
    # What is forgotten while somebody has it is taken from them: else they would keep it for ever.
    handed = sorted(name for name in gone if _is_held(before.appointments[name]))
    altered, pins = list[str](), False
    for name, planned in after.appointments.items():
        known = before.appointments.get(name)
        if known is planned:
            continue
        who = None if known is None else known.technician
        if planned.technician != who:
            handed.append(name)
        elif known is not None and who is not None:
            if planned.job != known.job:
                altered.append(name)
            pins = pins or planned.pinned != known.pinned
    return Difference(tuple(_technicians(before, after)), tuple(handed), tuple(altered), pins)


def changed(
    before: TerritoryState,
    after: TerritoryState,
    because: Because,
    planning: Planning,
    *,
    proposal: str | None = None,
    starts: Mapping[str, int] | None = None,
) -> tuple[TerritoryState, tuple[PlanChanged, ...]]:
    """The next version of the plan, and what is told of it. Nothing where the plan is the same.

    `starts` are planned starts that are known; the others of whoever changes hands are reckoned.
    """
    what = difference(before, after)
    if not what:
        return after, ()
    after = replace(after, version=before.version + 1)
    whose = dict.fromkeys((*what.technicians, *(_who(after, name) for name in what.altered)), after.version)
    after = replace(after, route_versions={**after.route_versions, **whose})
    after = _timed(after, what, because, starts or {}, planning)
    told = _told(before, after, what, planning)
    parts = tuple(
        PlanChanged(
            id="",
            territory=after.territory,
            time_ms=after.clock_ms,
            cause=UNNAMED,
            version=after.version,
            because=because,
            assignments=tuple(one for who in group for one in told[who]),
            routes=tuple(_route(after, who) for who in group if who in what.technicians),
            proposal=proposal,
        )
        for group in _groups(told, planning.params.assignments_max)
    )
    return after, parts


def _is_held(planned: Planned) -> bool:
    return planned.technician is not None and not planned.ended


def _technicians(before: TerritoryState, after: TerritoryState) -> Iterator[str]:
    """Whose route or shift is another. That an appointment comes to its end changes no plan."""
    for who, route in after.routes.items():
        known = before.routes.get(who)
        if known is not route and known != route:
            ahead = [name for name in known or () if not _done(name, who, before, after)]
            if known is None or ahead != list(route):
                yield who
                continue
        if who in before.roster and before.roster[who].shift != after.roster[who].shift:
            yield who


def _done(name: str, who: str, before: TerritoryState, after: TerritoryState) -> bool:
    planned = after.appointments.get(name) or before.appointments[name]
    return planned.technician == who and planned.life in ENDS


def _timed(
    state: TerritoryState,
    what: Difference,
    because: Because,
    known: Mapping[str, int],
    planning: Planning,
) -> TerritoryState:
    """With the planned starts of whatever changes hands, or is planned anew."""
    starts: dict[str, int] = {}
    for who in what.technicians:
        route = state.routes[who]
        fresh = {name for name in route if because == "planned" or name in what.handed} - known.keys()
        if fresh:
            reckoned = starts_ms(
                route, state.appointments, state.roster[who].shift, state.clock_ms, planning.ways
            )
            starts |= {name: reckoned[name] for name in fresh}
    starts |= {name: start_ms for name, start_ms in known.items() if name in state.appointments}
    moved_ms = ms(planning.params.promise_moved_s)
    return with_planned(
        state, {name: _promised(state.appointments[name], at_ms, moved_ms) for name, at_ms in starts.items()}
    )


def _promised(planned: Planned, start_ms: int, moved_ms: int) -> Planned:
    if planned.ended or planned.begun:
        return planned
    before_ms = planned.planned_start_ms
    again = before_ms is not None and abs(start_ms - before_ms) > moved_ms
    return replace(planned, planned_start_ms=start_ms, promises=planned.promises + again)


def _told(
    before: TerritoryState, after: TerritoryState, what: Difference, planning: Planning
) -> dict[str, list[Assignment]]:
    """What each technician is told: first what they lose, then what they get or what is another."""
    told: dict[str, list[Assignment]] = {who: [] for who in what.technicians}
    for name in what.handed:
        known = before.appointments.get(name)
        if known is not None and known.technician is not None:
            told.setdefault(known.technician, []).append(_withdrawn(after, name, known.technician))
    for who in dict.fromkeys((*what.technicians, *(_who(after, name) for name in what.altered))):
        route = after.routes[who]
        jobs = [after.appointments[name].job for name in route]
        shift = after.roster[who].shift
        departures = departures_ms(jobs, shift, planning.ways) if route else {}
        told.setdefault(who, []).extend(
            _assignment(after, name, who, departures[name])
            for name in route
            if name in what.handed or name in what.altered or _moved(before, after, name, planning.params)
        )
    return told


def _who(state: TerritoryState, name: str) -> str:
    who = state.appointments[name].technician
    assert who is not None
    return who


def _moved(before: TerritoryState, after: TerritoryState, name: str, params: Params) -> bool:
    known_ms, now_ms = before.appointments[name].planned_start_ms, after.appointments[name].planned_start_ms
    return known_ms is not None and now_ms is not None and abs(now_ms - known_ms) > ms(params.told_moved_s)


def _withdrawn(state: TerritoryState, name: str, who: str) -> Assignment:
    return Assignment(
        technician=who,
        time_ms=state.clock_ms,
        appointment=name,
        withdrawn=True,
        territory=state.territory,
        plan_version=state.version,
    )


def _assignment(state: TerritoryState, name: str, who: str, depart_by_ms: int) -> Assignment:
    planned = state.appointments[name]
    job = planned.job
    return Assignment(
        technician=who,
        time_ms=state.clock_ms,
        appointment=name,
        fence=job.fence,
        lat=job.place.lat,
        lon=job.place.lon,
        window_start_ms=job.window_start_ms,
        window_end_ms=job.window_end_ms,
        depart_by_ms=depart_by_ms,
        territory=state.territory,
        plan_version=state.version,
        planned_start_ms=planned.planned_start_ms,
        job_type=job.job_type,
        title=job.title,
        skills=job.skills,
        priority=job.priority,
        hard=job.hard,
        emergency=job.emergency,
        expected_s=job.expected_s,
    )


def _route(state: TerritoryState, who: str) -> Route:
    rostered: Rostered = state.roster[who]
    return Route(
        technician=who,
        time_ms=state.clock_ms,
        territory=state.territory,
        plan_version=state.version,
        stops=state.routes[who],
        shift=rostered.shift,
    )


def _groups(told: Mapping[str, Sequence[Assignment]], most: int) -> list[list[str]]:
    """Technicians in their order, so many that a message keeps its size; at least one group."""
    groups: list[list[str]] = [[]]
    count = 0
    for who, assignments in told.items():
        if groups[-1] and count + len(assignments) > most:
            groups.append([])
            count = 0
        groups[-1].append(who)
        count += len(assignments)
    return groups
