"""What a technician's statuses are, and how far growing rings reach."""

import math
import random
from typing import get_args

import h3
import pytest

from features.appointment import ENDS, Appointment
from features.events import Life
from features.geo import cell_of, destination, distance_m
from streams.adapters.index import within
from streams.queries import OPEN_LIVES, Tier, ranges_around, statuses_of, suits, tiers
from tests.support.technicians import AUSTIN, technician


def covers(tier: Tier, here: tuple[float, float], there: tuple[float, float], resolution: int) -> bool:
    member = f"cell\x1f{cell_of(*there, resolution)}\x1fada"
    return any(within(member, bounds) for bounds in ranges_around(*here, tier, resolution))


def test_tiers_grow_until_they_hold_the_whole_earth() -> None:
    *rings, last = tiers(9)
    reach = [tier.covered_m for tier in rings]
    assert len(reach) == 9
    assert reach == sorted(reach)
    assert last.covered_m == math.inf
    assert covers(last, AUSTIN, (-AUSTIN[0], AUSTIN[1] + 180), 9)


@pytest.mark.parametrize("resolution", [0, 1, 15])
def test_any_resolution_of_the_index_has_tiers(resolution: int) -> None:
    assert [tier.resolution for tier in tiers(resolution)] == [*range(min(resolution - 1, 8), -1, -1), None]


def places(seed: int) -> list[tuple[float, float]]:
    """All over the world, and at the pentagons, where the grid is at its worst."""
    dice = random.Random(seed)
    anywhere = [(dice.uniform(-70, 70), dice.uniform(-180, 180)) for _ in range(60)]
    pentagons = [h3.cell_to_latlng(cell) for cell in h3.get_pentagons(5)]
    return anywhere + [(lat, lon) for lat, lon in pentagons if abs(lat) < 70]


@pytest.mark.parametrize("resolution", range(9, 4, -1))
def test_what_rings_say_they_cover_is_covered(resolution: int) -> None:
    dice = random.Random(resolution)
    tier = next(tiers(resolution))
    for here in places(resolution):
        for _ in range(40):
            there = destination(*here, dice.uniform(0, 360), tier.covered_m * dice.uniform(0.9, 1.02))
            if distance_m(*here, *there) <= tier.covered_m:
                assert covers(tier, here, there, resolution)


def test_skills_are_all_needed() -> None:
    ada = technician("ada", skills=["gas", "boiler"])
    assert suits(ada, frozenset(), frozenset())
    assert suits(ada, frozenset(["gas"]), frozenset())
    assert not suits(ada, frozenset(["gas", "solar"]), frozenset())


def test_one_status_is_enough() -> None:
    ada = technician("ada", duty="on_break")
    assert suits(ada, frozenset(), frozenset(["on_break", "on_shift"]))
    assert not suits(ada, frozenset(), frozenset(["on_shift"]))


def test_a_status_is_the_duty_and_the_life_of_the_current_appointment() -> None:
    agenda = {
        "job-1": Appointment("completed"),
        "job-2": Appointment("en_route"),
        "job-3": Appointment("dispatched"),
        "job-4": Appointment("in_progress", withdrawn=True),
    }
    assert statuses_of(technician("ada", duty="on_shift", agenda=agenda)) == {"on_shift", "en_route"}
    assert statuses_of(technician("ada", duty="on_shift")) == {"on_shift"}


def test_every_open_life_has_its_place() -> None:
    assert set(OPEN_LIVES) == set(get_args(Life)) - ENDS
