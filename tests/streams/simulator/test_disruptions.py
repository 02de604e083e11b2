"""What goes wrong on a day: as often as asked for, at its time, the same from the same seed."""

from datetime import date, timedelta

import msgspec

from streams.simulator.disruptions import Disruptions
from streams.simulator.today import Today
from streams.simulator.world import SimulatorParams, World, sized

DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(12)]
WORLD = World(5, sized(SimulatorParams(), 24))


def todays() -> list[Today]:
    return [Today.of(WORLD, day) for day in DAYS]


def test_a_day_with_24_technicians_has_what_the_parameters_say() -> None:
    for today in todays():
        found = today.disruptions
        assert (len(found.out), len(found.cancelled), len(found.emergencies)) == (1, 2, 2)
        assert len(found.overruns) in (2, 3)


def test_a_smaller_fleet_has_less_of_it() -> None:
    small = World(5, sized(SimulatorParams(), 6))
    found = [Today.of(small, day).disruptions for day in DAYS]
    assert 0 < sum(len(one.out) for one in found) < len(DAYS)
    assert 0 < sum(len(one.emergencies) for one in found) < 2 * len(DAYS)


def test_the_same_seed_gives_the_same_and_another_day_another() -> None:
    again = World(5, sized(SimulatorParams(), 24))
    assert [Today.of(again, day).disruptions for day in DAYS] == [one.disruptions for one in todays()]
    assert len({tuple(one.disruptions.out) for one in todays()}) > 1


def test_everything_comes_at_its_time() -> None:
    params = WORLD.params.disruptions
    for today in todays():
        begin_ms, end_ms = today.at_ms(params.from_h), today.at_ms(params.until_h)
        found = today.disruptions
        times = [*found.out.values(), *found.cancelled.values(), *(ms for ms, _ in found.emergencies)]
        assert all(begin_ms <= ms <= end_ms for ms in times)
        for name, cancelled_ms in found.cancelled.items():
            assert cancelled_ms <= today.planned[name].appointment.planned_start_ms - 30 * 60_000
        for name, factor in found.overruns.items():
            assert params.overrun_min_factor <= factor <= params.overrun_max_factor
            assert begin_ms <= today.planned[name].appointment.planned_start_ms < end_ms
        assert not set(found.overruns) & set(found.cancelled)


def test_an_emergency_is_an_appointment_like_others_but_urgent() -> None:
    for today in todays():
        sites = {one.site.fence for agenda in today.agenda.values() for one in agenda}
        for called_ms, planned in today.disruptions.emergencies:
            asked = planned.appointment
            assert (asked.emergency, asked.priority, asked.technician) == (True, 1, "")
            assert asked.window_end_ms - called_ms == 90 * 60_000
            assert asked.fence not in sites
            able = [who for who in WORLD.fleet if set(asked.skills) <= set(who.skills)]
            assert any(who.territory == asked.territory for who in able)


def test_nothing_goes_wrong_where_nothing_is_asked_for() -> None:
    params = SimulatorParams()
    none = {"overruns": 0.0, "technicians_out": 0.0, "cancellations": 0.0, "emergencies": 0.0}
    quiet = msgspec.structs.replace(params, disruptions=msgspec.structs.replace(params.disruptions, **none))
    assert Today.of(World(5, quiet), DAYS[0]).disruptions == Disruptions({}, {}, {}, ())


def test_what_nobody_has_to_decide_is_left() -> None:
    found = todays()[0].disruptions
    left = found.without_decisions()
    assert (left.overruns, left.cancelled) == (found.overruns, found.cancelled)
    assert (left.out, left.emergencies) == ({}, ())
