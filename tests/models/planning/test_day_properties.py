"""Whatever happens to a day, in whatever order: no appointment is lost, and the plan stays one plan."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from features.events import Assignment, Life
from features.plan_events import PlanChanged, Proposal
from features.territory import TerritoryState
from features.territory_events import Level, Stage, TerritoryInbound
from models.planning.params import Params
from models.rebalancing.policy import Look, Mode
from models.rebalancing.policy import Params as PolicyParams
from tests.support.plan_checks import check
from tests.support.territories import (
    Day,
    accept,
    back,
    cancelled,
    life,
    lost,
    pin,
    planned,
    proposal,
    reject,
    request,
    requested,
    risk,
    shift,
    stage,
    tick,
)

WHO = ("ana", "ben", "cy", "dan")
NAMES = ("j1", "j2", "j3", "j4", "j5", "j6")
LIVES: tuple[Life, ...] = (
    "delivered",
    "acknowledged",
    "declined",
    "en_route",
    "on_site",
    "in_progress",
    "completed",
)
LEVELS: tuple[Level | None, ...] = ("WATCH", "AT_RISK", "CRITICAL", "LATE", None)
STAGES: tuple[Stage, ...] = ("delivered", "reminded", "acknowledged", "declined", "overdue", "unreachable")
SKILLS: tuple[tuple[str, ...], ...] = ((), (), ("gas",))

who, name = st.sampled_from(WHO), st.sampled_from(NAMES)
minutes = st.integers(0, 600)


@st.composite
def plans(draw: st.DrawFn) -> TerritoryInbound:
    order = draw(st.permutations(NAMES))[: draw(st.integers(0, len(NAMES)))]
    cut = draw(st.integers(0, len(order)))
    first, second = draw(st.permutations(WHO))[:2]
    return planned(draw(minutes), **{first: order[:cut], second: order[cut:]})


events: st.SearchStrategy[TerritoryInbound] = st.one_of(
    plans(),
    st.builds(
        lambda who, at, skills: shift(who, minutes=at, skills=skills), who, minutes, st.sampled_from(SKILLS)
    ),
    st.builds(lambda who, at: lost(who, at), who, minutes),
    st.builds(back, who, minutes),
    st.builds(
        lambda name, hour, at, skills, emergency: requested(
            name, hour, minutes=at, skills=skills, emergency=emergency
        ),
        name,
        st.sampled_from((*range(1, 9), 25, 26, 50)),
        minutes,
        st.sampled_from(SKILLS),
        st.booleans(),
    ),
    st.builds(lambda who, at, day: shift(who, minutes=at, day=day), who, minutes, st.integers(1, 2)),
    st.builds(tick, st.integers(1_100, 3_000)),
    st.builds(cancelled, name, minutes),
    st.builds(risk, name, who, st.sampled_from(LEVELS), minutes),
    st.builds(life, name, who, st.sampled_from(LIVES), minutes),
    st.builds(stage, name, who, st.sampled_from(STAGES), minutes),
    st.builds(pin, name, minutes, st.booleans()),
    st.builds(lambda name, at: request(name, minutes=at), name, minutes),
    st.builds(lambda at: accept("open", at), minutes),
    st.builds(lambda at: reject("open", at), minutes),
    st.builds(tick, minutes),
)
"""Accepting and rejecting `open` means the proposal that is open then."""


def opening(mode: Mode) -> Day:
    day = Day(Params(policy=PolicyParams(mode=mode)))
    day.told(*(shift(who, skills=("gas",)) for who in WHO[:3]), *(requested(name, 3) for name in NAMES[:4]))
    day.told(planned(ana=NAMES[:2], ben=NAMES[2:4]))
    return day


def answer(day: Day, look: Look, number: int) -> Proposal | dict[str, str]:
    """Some plan or none: what is under way stays, everything else of two technicians goes to one of them."""
    state = day.state
    working = [who for who, rostered in state.roster.items() if rostered.lost_ms is None]
    if number % 3 == 0 or len(working) < 2:
        return dict.fromkeys(look.about, "it can't be helped")
    first, second = working[number % len(working)], working[(number + 1) % len(working)]
    under_way = {
        who: [name for name in state.routes.get(who, ()) if state.appointments[name].under_way]
        for who in (first, second)
    }
    rest = [
        name
        for name in (*state.routes.get(first, ()), *state.routes.get(second, ()), *_unserved(state))
        if not state.appointments[name].under_way
    ]
    routes = {first: under_way[first] + rest[number % 2 :], second: under_way[second]}
    return proposal(state, routes, f"p{number}", about=look.about)


def run(day: Day, log: Sequence[TerritoryInbound]) -> None:
    for number, event in enumerate(log):
        if getattr(event, "proposal", None) == "open" and day.state.proposal is not None:
            make = accept if type(event).__name__ == "AcceptProposal" else reject
            event = make(day.state.proposal.proposal, (event.time_ms - tick(0).time_ms) / 60_000)
        before, clock_ms = day.state.version, day.state.clock_ms
        day.told(event)
        look = day.look()
        if look is not None:
            day.answered(answer(day, look, number))
        assert day.state.version >= before
        assert day.state.clock_ms >= clock_ms
        check(day.state)


def _unserved(state: TerritoryState) -> list[str]:
    return [name for name, planned_ in state.appointments.items() if planned_.unserved]


class Told:
    """What technicians know who hear nothing but the changes of the plan."""

    def __init__(self) -> None:
        self.version = 0
        self.holders: dict[str, str] = {}
        self.routes: dict[str, tuple[str, ...]] = {}

    def hear(self, changed: PlanChanged) -> None:
        assert changed.version in (self.version, self.version + 1)
        self.version = changed.version
        for one in changed.assignments:
            self._hear(one)
        self.routes |= {one.technician: one.stops for one in changed.routes}

    def _hear(self, one: Assignment) -> None:
        if one.withdrawn:
            if self.holders.get(one.appointment) == one.technician:
                del self.holders[one.appointment]
        else:
            self.holders[one.appointment] = one.technician


@settings(max_examples=300, deadline=None)
@given(log=st.lists(events, max_size=40), mode=st.sampled_from(("manual", "auto")))
def test_no_appointment_is_ever_lost_and_none_is_planned_twice(
    log: list[TerritoryInbound], mode: Mode
) -> None:
    run(opening(mode), log)


@settings(max_examples=150, deadline=None)
@given(log=st.lists(events, max_size=40))
def test_who_hears_nothing_but_changes_knows_the_plan(log: list[TerritoryInbound]) -> None:
    day = opening("auto")
    run(day, log)
    told = Told()
    for made in day.made:
        if isinstance(made, PlanChanged):
            told.hear(made)
    assert told.version == day.state.version
    for name, one in day.state.appointments.items():
        if not one.ended:
            assert told.holders.get(name) == one.technician
    for who, route in day.state.routes.items():
        known = [name for name in told.routes.get(who, ()) if _open(day.state, name)]
        assert known == list(route)


@settings(max_examples=100, deadline=None)
@given(log=st.lists(events, max_size=30))
def test_the_same_log_makes_the_same_day(log: list[TerritoryInbound]) -> None:
    one, other = opening("manual"), opening("manual")
    run(one, log)
    run(other, log)
    assert one.state == other.state
    assert one.made == other.made
    assert len({made.id for made in one.made}) == len(one.made)


def _open(state: TerritoryState, name: str) -> bool:
    planned_ = state.appointments.get(name)
    return planned_ is not None and not planned_.ended
