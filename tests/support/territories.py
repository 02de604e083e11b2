"""Builders for a territory's day: two technicians or three at work, appointments along one street."""

import itertools
from collections.abc import Mapping, Sequence

from features.events import Cause, Life, Tick
from features.plan import Job, Shift
from features.plan_events import Move, PlanOutbound, Proposal, Trigger
from features.rejection import Rejection
from features.territory import TerritoryState
from features.territory_events import (
    AcceptProposal,
    AcknowledgementChanged,
    AppointmentCancelled,
    AppointmentRequested,
    Level,
    LifeChanged,
    PinAppointment,
    RejectProposal,
    RequestRebalance,
    RiskChanged,
    RoutesPlanned,
    ShiftPlanned,
    Stage,
    TechnicianBack,
    TechnicianLost,
    TerritoryInbound,
)
from features.wire import Place
from models.planning.change import Planning
from models.planning.day import advance, named
from models.planning.decision import decided
from models.planning.params import Params
from models.planning.times import Ways
from models.rebalancing.policy import Look, ripe
from models.travel import CircleTravel

NORTH = "north"
TOPIC = "x.territories"
EIGHT_MS = 1_773_759_600_000
"""8:00 in Phoenix, 17 March 2026."""
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MIN = 24 * 60
DEPOT = Place(33.45, -112.07)


def at(minutes: float) -> int:
    """So many minutes after eight."""
    return EIGHT_MS + round(minutes * MINUTE_MS)


def planning(params: Params | None = None) -> Planning:
    return Planning(params or Params(), Ways(CircleTravel(), "America/Phoenix"))


def job(name: str, hour: float = 1.0, *, work_min: float = 45.0, **more: object) -> Job:
    """Work that may begin from `hour` hours after eight on, within one hour; the further the later."""
    return Job(
        appointment=name,
        place=Place(33.45 + hour / 100, -112.07),
        window_start_ms=at(60 * hour),
        window_end_ms=at(60 * hour + 60),
        expected_s=work_min * 60,
        **more,
    )


def requested(name: str, hour: float = 1.0, *, minutes: float = 0.0, **more: object) -> AppointmentRequested:
    return AppointmentRequested(territory=NORTH, time_ms=at(minutes), job=job(name, hour, **more))


def shift(
    who: str, *, minutes: float = 0.0, skills: Sequence[str] = (), hours: float = 9.0, day: int = 0
) -> ShiftPlanned:
    """From eight on; `day` 1 is tomorrow."""
    start = DAY_MIN * day
    hours_ = Shift(start_ms=at(start), end_ms=at(start + 60 * hours), start=DEPOT, end=DEPOT)
    return ShiftPlanned(
        territory=NORTH,
        time_ms=at(minutes),
        technician=who,
        shift=hours_,
        name=who.title(),
        skills=tuple(skills),
    )


def planned(minutes: float = 0.0, **routes: Sequence[str]) -> RoutesPlanned:
    return RoutesPlanned(
        territory=NORTH, time_ms=at(minutes), routes={who: tuple(route) for who, route in routes.items()}
    )


def cancelled(name: str, minutes: float = 0.0) -> AppointmentCancelled:
    return AppointmentCancelled(territory=NORTH, time_ms=at(minutes), appointment=name)


def lost(who: str, minutes: float = 0.0) -> TechnicianLost:
    return TechnicianLost(territory=NORTH, time_ms=at(minutes), technician=who, reason="ill")


def back(who: str, minutes: float = 0.0) -> TechnicianBack:
    return TechnicianBack(territory=NORTH, time_ms=at(minutes), cause=_signalled(), technician=who)


_numbers = itertools.count()


def _signalled() -> Cause:
    return Cause("x.signals", 0, next(_numbers), 0)


def risk(name: str, who: str, level: Level | None, minutes: float = 0.0) -> RiskChanged:
    return RiskChanged(
        territory=NORTH,
        time_ms=at(minutes),
        cause=_signalled(),
        technician=who,
        appointment=name,
        level=level,
        probability=0.6 if level else 0.0,
    )


def life(name: str, who: str, life: Life, minutes: float = 0.0) -> LifeChanged:
    return LifeChanged(
        territory=NORTH, time_ms=at(minutes), cause=_signalled(), technician=who, appointment=name, life=life
    )


def stage(name: str, who: str, stage: Stage, minutes: float = 0.0) -> AcknowledgementChanged:
    return AcknowledgementChanged(
        territory=NORTH,
        time_ms=at(minutes),
        cause=_signalled(),
        technician=who,
        appointment=name,
        stage=stage,
    )


def accept(proposal: str = "p1", minutes: float = 0.0) -> AcceptProposal:
    return AcceptProposal(territory=NORTH, time_ms=at(minutes), proposal=proposal, by="dora")


def reject(proposal: str = "p1", minutes: float = 0.0, why: str = "") -> RejectProposal:
    return RejectProposal(territory=NORTH, time_ms=at(minutes), proposal=proposal, by="dora", why=why)


def pin(name: str, minutes: float = 0.0, pinned: bool = True) -> PinAppointment:
    return PinAppointment(territory=NORTH, time_ms=at(minutes), appointment=name, pinned=pinned)


def request(*names: str, minutes: float = 0.0) -> RequestRebalance:
    return RequestRebalance(territory=NORTH, time_ms=at(minutes), appointments=names)


def tick(minutes: float) -> Tick:
    return Tick(time_ms=at(minutes))


def proposal(
    state: TerritoryState,
    routes: dict[str, Sequence[str]],
    name: str = "p1",
    *,
    trigger: Trigger = "risk",
    about: Sequence[str] = (),
    holds_min: float = 15.0,
    saves_min: float = 40.0,
    better_share: float = 0.95,
    start_min: float = 200.0,
    starts: Mapping[str, float] | None = None,
) -> Proposal:
    """Of whatever it takes for these technicians to have these routes.

    What changes hands starts at `start_min`; `starts` are of others that start at another time.
    """
    starts = starts or {}
    moves = [
        Move(
            appointment=one,
            before_technician=state.appointments[one].technician,
            after_technician=who,
            before_start_ms=state.appointments[one].planned_start_ms,
            after_start_ms=at(starts.get(one, start_min)),
        )
        for who, route in routes.items()
        for one in route
        if state.appointments[one].technician != who or one in starts
    ]
    return Proposal(
        proposal=name,
        territory=state.territory,
        base_version=state.version,
        made_ms=state.clock_ms,
        expires_ms=state.clock_ms + round(holds_min * MINUTE_MS),
        trigger=trigger,
        about=tuple(about),
        summary="Somebody else goes.",
        routes={who: tuple(route) for who, route in routes.items()},
        moves=tuple(moves),
        saves_min=saves_min,
        price_min=10.0,
        driving_min=2.0,
        better_share=better_share,
        samples=400,
        source="greedy",
    )


class Day:
    """A territory's log as it is told: the state, and all that was made."""

    def __init__(self, params: Params | None = None, state: TerritoryState | None = None) -> None:
        self.planning = planning(params)
        self.state = state or TerritoryState(NORTH)
        self.made: list[PlanOutbound] = []
        self.refused: list[Rejection] = []
        self._offset = itertools.count()

    def told(self, *events: TerritoryInbound) -> list[PlanOutbound | Rejection]:
        """What these events made."""
        made: list[PlanOutbound | Rejection] = []
        for event in events:
            cause = Cause(TOPIC, 0, next(self._offset), 0)
            self.state, more = advance(self.state, event, cause, self.planning)
            made += more
        self.made += [one for one in made if not isinstance(one, Rejection)]
        self.refused += [one for one in made if isinstance(one, Rejection)]
        return made

    def look(self) -> Look | None:
        return ripe(self.state, self.planning.params.policy)

    def answered(self, answer: Proposal | dict[str, str]) -> list[PlanOutbound]:
        """What comes of the look that is due."""
        look = self.look()
        assert look is not None, "it is not time to look for a better plan"
        self.state, made = decided(self.state, look, answer, self.planning)
        more = list(named(made, Cause(TOPIC, 0, next(self._offset), 0)))
        self.made += more
        return more

    def triggers(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(wish.trigger, wish.about) for wish in self.state.wishes]

    def technician(self, name: str) -> str | None:
        return self.state.appointments[name].technician


def morning(params: Params | None = None) -> Day:
    """Ana serves a1, a2, a3 and Ben b1, b2; Cy is free. It is eight."""
    day = Day(params)
    day.told(
        *(shift(who) for who in ("ana", "ben", "cy")),
        *(requested(f"a{n}", n) for n in (1, 2, 3)),
        *(requested(f"b{n}", n) for n in (1, 2)),
        planned(ana=("a1", "a2", "a3"), ben=("b1", "b2"), cy=()),
    )
    return day
