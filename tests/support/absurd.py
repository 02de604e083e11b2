"""Days as nobody would plan them: what a rebalancing has to survive, made up from a seed."""

from collections.abc import Sequence
from typing import TypeVar, get_args

import numpy as np

from features.events import Duty, Life, MotionKind
from features.plan import Job, Shift
from features.plan_events import Trigger
from features.route import RouteState, Stop, Worked
from features.territory import Planned, Risk, Rostered, TerritoryState
from features.territory_events import LEVELS
from features.wire import Place
from models.forecast import RiskState
from tests.support.noon import HOUR_MS, MINUTE_MS, Noon, at

T = TypeVar("T")
NOW_MS = at(12)
FAR_MS = 30_000_000_000_000
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
LIVES: tuple[Life, ...] = get_args(Life)
_SKILLS = ("gas", "high-voltage", "never-heard-of")


class Chance:
    """Throws of one seed. `wild` is how much of what is odd comes about."""

    def __init__(self, seed: int, wild: float) -> None:
        self.of, self.wild = np.random.default_rng(seed), wild

    def happens(self, share: float) -> bool:
        return bool(self.of.random() < share)

    def odd(self, usual: T, *others: T) -> T:
        return self.pick((usual, *others)) if self.happens(self.wild) else usual

    def pick(self, among: Sequence[T]) -> T:
        return among[int(self.of.integers(len(among)))]

    def between(self, low: float, high: float) -> float:
        return float(self.of.uniform(low, high))

    def number(self, most: int) -> int:
        return int(self.of.integers(most + 1))


def absurd(seed: int) -> tuple[Noon, Trigger, tuple[str, ...]]:
    """A territory, what is known of its technicians, why a plan is looked for, and about whom.

    Every other one is absurd in parts only, so that there is something to find.
    """
    chance = Chance(seed, wild=1.0 if seed % 2 else 0.15)
    people = [f"T-{n}" for n in range(chance.odd(4, 0, 1, 1, 2, 3, 6))]
    names = [f"A-{n}" for n in range(chance.odd(12, 0, 1, 2, 5, 9))]
    everybody_lost = chance.happens(0.05)
    everything_pinned = chance.happens(0.06)
    roster = {who: _rostered(chance, everybody_lost) for who in people}
    routes: dict[str, list[str]] = {who: [] for who in people}
    if chance.happens(0.1):
        routes["T-unknown"] = []
    appointments = {}
    for name in names:
        who = chance.pick([*routes]) if routes and chance.happens(0.8) else None
        appointments[name] = _planned(chance, name, who, everything_pinned)
        if who is not None:
            routes[who].append(name)
    if routes and names and chance.happens(0.15):
        routes[chance.pick([*routes])] += [chance.pick(names), "A-unknown"]
    territory = TerritoryState(
        "north",
        version=chance.number(9),
        clock_ms=NOW_MS,
        roster=roster,
        appointments=appointments,
        routes={who: tuple(route) for who, route in routes.items()},
        risks={
            name: Risk(chance.pick(LEVELS), one.technician or "", NOW_MS, NOW_MS)
            for name, one in appointments.items()
            if chance.happens(0.3)
        },
    )
    risks = {who: _risk_state(chance, who, territory) for who in people if chance.happens(0.8)}
    about = tuple(chance.pick([*names, *people, "nobody"]) for _ in range(chance.number(3)))
    return Noon(territory, risks, NOW_MS), chance.pick(TRIGGERS), about


def _place(chance: Chance) -> Place:
    if chance.happens(0.05):
        return Place(chance.pick((90.0, -90.0, 0.0)), chance.pick((180.0, -180.0, 0.0)))
    if chance.happens(0.15):
        return Place(33.45, -112.07)
    return Place(33.45 + chance.between(-0.1, 0.1), -112.07 + chance.between(-0.1, 0.1))


def _rostered(chance: Chance, everybody_lost: bool) -> Rostered:
    start, end = chance.odd((8, 17), (8, 17), (6, 11), (13, 22), (12, 12))
    break_from = chance.odd(at(12.5), None, at(11), at(3))
    shift = Shift(
        start_ms=at(start),
        end_ms=at(end),
        start=_place(chance),
        end=_place(chance),
        break_from_ms=break_from,
        break_s=chance.odd(1_800.0, 0.0, 40_000.0),
    )
    skills = tuple(skill for skill in _SKILLS[:2] if chance.happens(0.6))
    lost_ms = NOW_MS if everybody_lost or chance.happens(0.15 * chance.wild) else None
    return Rostered(shift, chance.pick(("", "Haddad")), skills, lost_ms)


def _planned(chance: Chance, name: str, who: str | None, everything_pinned: bool) -> Planned:
    opens_ms = chance.odd(at(chance.between(12, 16)), at(chance.between(7, 18)), 0, FAR_MS)
    job = Job(
        appointment=name,
        place=_place(chance),
        window_start_ms=opens_ms,
        window_end_ms=max(0, opens_ms + chance.odd(HOUR_MS, 0, 2 * HOUR_MS, -HOUR_MS)),
        skills=tuple(skill for skill in _SKILLS if chance.happens(0.1)),
        priority=1 + chance.number(4),
        hard=chance.happens(0.2),
        emergency=chance.happens(0.1),
        expected_s=chance.odd(2_400.0, 1.0, 3_600.0, 86_400.0),
    )
    life = None if who is None else chance.odd("acknowledged", None, "dispatched", *LIVES)
    return Planned(
        job,
        who if not chance.happens(0.05 * chance.wild) else "T-elsewhere",
        life,
        NOW_MS - chance.number(HOUR_MS),
        cancelled_ms=NOW_MS if chance.happens(0.05) else None,
        pinned=everything_pinned or chance.happens(0.1),
        planned_start_ms=chance.pick((None, opens_ms, at(chance.between(9, 17)))),
        promises=chance.pick((*(0,) * 12, 1, 2)),
        declined=("T-0",) if chance.happens(0.1) else (),
        stage=chance.odd(None, "acknowledged", "reminded", "overdue", "unreachable"),
    )


def _risk_state(chance: Chance, who: str, territory: TerritoryState) -> RiskState:
    stops = {
        name: Stop(
            territory.appointments[name].job,
            life=chance.odd("acknowledged", *LIVES),
            life_ms=NOW_MS - chance.number(HOUR_MS),
            began_ms=chance.pick((None, NOW_MS - 30 * MINUTE_MS, NOW_MS - 9 * HOUR_MS)),
        )
        for name in territory.routes[who]
        if name in territory.appointments and chance.happens(0.5)
    }
    for number in range(chance.pick((*(0,) * 12, 1, 2))):
        name = f"elsewhere-{who}-{number}"
        stops[name] = Stop(
            _planned(chance, name, who, False).job, chance.pick((None, NOW_MS)), territory="south"
        )
    rostered = territory.roster.get(who)
    duties: tuple[Duty | None, ...] = (None, *get_args(Duty))
    motions: tuple[MotionKind | None, ...] = (None, *get_args(MotionKind))
    route = RouteState(
        who,
        territory=territory.territory,
        order=tuple(stops),
        stops=stops,
        shift=rostered.shift if rostered is not None and chance.happens(0.5) else None,
        duty=chance.odd("on_shift", *duties),
        duty_ms=NOW_MS - chance.number(2 * HOUR_MS),
        rested=chance.happens(0.5),
        place=_place(chance) if chance.happens(0.8) else None,
        place_ms=NOW_MS - chance.number(HOUR_MS),
        motion=chance.odd("STOPPED", *motions),
        worked=Worked(chance.number(5), chance.between(-5, 5)),
        lost=chance.happens(0.05),
    )
    return RiskState(route, NOW_MS)
