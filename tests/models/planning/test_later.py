"""Days to come: told early, they wait until they begin, and today goes on."""

import pytest
from msgspec.structs import replace

from features.plan_events import PlanChanged, ProposalClosed
from features.territory_events import TerritoryInbound
from tests.support.territories import (
    DAY_MIN,
    Day,
    at,
    cancelled,
    life,
    lost,
    morning,
    pin,
    planned,
    proposal,
    requested,
    shift,
    tick,
)

TOMORROW = "2026-03-18"
NIGHT = DAY_MIN - 5 * 60
"""3:00 of the next day, in minutes after eight."""


def evening() -> Day:
    """The morning's day, and in the evening tomorrow's plan: Ana has t1, Ben t2 and t3."""
    day = morning()
    day.told(
        *(shift(who, minutes=600, day=1) for who in ("ana", "ben")),
        *(requested(f"t{n}", 24 + n, minutes=600) for n in (1, 2, 3)),
        planned(600, ana=("t1",), ben=("t2", "t3")),
    )
    return day


def changes(day: Day) -> list[PlanChanged]:
    return [one for one in day.made if isinstance(one, PlanChanged)]


def test_tomorrows_plan_leaves_today_as_it_is() -> None:
    day, before = evening(), morning()
    assert day.refused == []
    assert day.state.routes == before.state.routes
    assert day.state.roster == before.state.roster
    assert day.state.version == before.state.version
    assert changes(day) == changes(before)
    assert day.state.later[TOMORROW].routes == {"ana": ("t1",), "ben": ("t2", "t3")}


def test_it_takes_over_when_the_night_is_over() -> None:
    day = evening()
    day.told(tick(NIGHT - 1))
    assert "t1" not in day.state.appointments
    (changed,) = day.told(tick(NIGHT))
    assert changed.because == "planned"
    given = {(one.technician, one.appointment) for one in changed.assignments if not one.withdrawn}
    assert given == {("ana", "t1"), ("ben", "t2"), ("ben", "t3")}
    assert {route.technician: route.stops for route in changed.routes}["ben"] == ("t2", "t3")
    assert day.state.later == {}
    assert day.state.roster["ana"].shift.start_ms == at(DAY_MIN)
    assert day.state.appointments["t1"].planned_start_ms is not None
    assert day.state.appointments["t1"].life_ms == at(NIGHT)


def test_what_is_under_way_of_the_day_before_goes_on_and_the_rest_of_it_is_over() -> None:
    day = evening()
    day.told(life("a1", "ana", "on_site", 605), tick(NIGHT))
    assert day.state.routes["ana"] == ("a1", "t1")
    assert "a2" not in day.state.appointments
    assert day.triggers() == []


def test_what_ended_the_day_before_is_known_for_words_that_come_late() -> None:
    day = evening()
    day.told(life("a1", "ana", "completed", 605), tick(NIGHT))
    assert day.told(life("a1", "ana", "completed", NIGHT + 1)) == []
    assert day.refused == []


def test_what_nobody_has_tomorrow_waits_for_somebody_when_tomorrow_begins() -> None:
    day = evening()
    day.told(requested("t4", 28, minutes=610))
    assert ("new_appointment", ("t4",)) not in day.triggers()
    day.told(tick(NIGHT))
    assert day.triggers() == [("new_appointment", ("t4",))]


def test_an_open_proposal_ends_with_its_day() -> None:
    day = evening()
    open_ = proposal(day.state, {"cy": ("a3",), "ana": ("a1", "a2")}, holds_min=2 * DAY_MIN)
    day.state = replace(day.state, proposal=open_)
    end, _ = day.told(tick(NIGHT))
    assert isinstance(end, ProposalClosed)
    assert (end.outcome, end.why) == ("expired", "another day has begun")


def test_an_appointment_can_be_moved_to_tomorrow_and_back() -> None:
    day = evening()
    (withdrawn,) = day.told(requested("a2", 26, minutes=610))
    assert [(one.appointment, one.withdrawn) for one in withdrawn.assignments] == [("a2", True)]
    assert day.state.routes["ana"] == ("a1", "a3")
    assert day.state.later[TOMORROW].appointments["a2"].unserved
    day.told(requested("a2", 11, minutes=620))
    assert "a2" not in day.state.later[TOMORROW].appointments
    assert day.state.appointments["a2"].unserved


def test_what_was_asked_for_on_another_day_since_stays_there() -> None:
    day = evening()
    before = day.told(requested("a2", 11, minutes=620))
    late = day.told(requested("a2", 26, minutes=610))
    assert (late, day.refused, len(before)) == ([], [], 1)
    assert day.technician("a2") == "ana"
    assert "a2" not in day.state.later[TOMORROW].appointments
    day.told(requested("a2", 26, minutes=630), requested("a2", 11, minutes=625))
    assert day.state.later[TOMORROW].appointments["a2"].unserved


def test_an_office_whose_clock_is_behind_can_move_it_back_as_well() -> None:
    day = evening()
    day.told(tick(640), requested("a2", 26, minutes=610), requested("a2", 11, minutes=615))
    assert day.refused == []
    assert day.state.appointments["a2"].unserved


def test_what_has_begun_cannot_be_moved_to_another_day() -> None:
    day = evening()
    day.told(life("a2", "ana", "on_site", 605), requested("a2", 26, minutes=610))
    assert "can't be moved to 2026-03-18" in day.refused[0].detail
    assert "a2" not in day.state.later[TOMORROW].appointments


def test_tomorrows_appointment_is_cancelled_and_pinned_there() -> None:
    day = evening()
    assert day.told(pin("t2", 610), cancelled("t3", 611)) == []
    known = day.state.later[TOMORROW]
    assert known.appointments["t2"].pinned
    assert known.routes["ben"] == ("t2",)
    day.told(tick(NIGHT))
    assert day.state.appointments["t2"].pinned
    assert day.state.routes["ben"] == ("t2",)


def test_whoever_is_lost_today_works_tomorrow() -> None:
    day = evening()
    day.told(lost("ana", 620), tick(NIGHT))
    assert day.state.roster["ana"].lost_ms is None
    assert day.state.routes["ana"] == ("t1",)


def test_a_plan_without_appointments_is_about_the_day_on_which_they_work() -> None:
    day = evening()
    day.told(shift("eve", minutes=600, day=1), planned(610, eve=()))
    assert day.state.later[TOMORROW].routes["eve"] == ()
    assert "eve" not in day.state.routes


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (planned(610, ana=("a1", "t1")), "appointments of several days ('a1' today, 't1' 2026-03-18)"),
        (planned(610, ana=("nobody-knows", "t1")), "'nobody-knows'"),
        (planned(610, zoe=("t1",)), "'zoe'"),
        (
            requested("far", 24 * 30, minutes=610),
            "'far' is on 2026-04-16, and today is 2026-03-17: say it no more",
        ),
        (shift("ana", minutes=610, day=30), "the shift of 'ana' is on 2026-04-16"),
        (cancelled("nobody-knows", 610), "'nobody-knows'"),
        (requested("past", -20, minutes=610), "appointment 'past' is of 2026-03-16, which is over: today is"),
        (shift("ana", minutes=610, day=-1), "the shift of 'ana' is of 2026-03-16, which is over: today is"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(said: TerritoryInbound, why: str) -> None:
    day = evening()
    day.told(tick(610))
    before = day.state
    day.told(said)
    assert why in day.refused[0].detail
    assert day.state == before


def test_several_days_begin_one_after_the_other() -> None:
    day = evening()
    day.told(shift("ana", minutes=600, day=2), requested("u1", 49, minutes=600), planned(600, ana=("u1",)))
    day.told(tick(2 * DAY_MIN - 5 * 60))
    assert day.state.routes["ana"] == ("u1",)
    assert day.state.later == {}
    assert [one.version for one in changes(day)][-2:] == [day.state.version - 1, day.state.version]
