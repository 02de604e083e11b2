"""`headway state`, `nearest` and `who`."""

import asyncio
import json

import pytest

from features.technician import TechnicianState
from streams.bootstrap import open_store
from streams.settings import Settings
from tests.support.cli import Headway, mistake
from tests.support.technicians import AUSTIN, step, technician

SOUTH = (-33.87, 151.21)


@pytest.fixture
def people(settings: Settings) -> Settings:
    """Somebody in Austin, somebody in Sydney, somebody who has never been seen."""
    store(
        settings,
        technician("ada", AUSTIN, territory="north", skills=["gas"], fences=["yard"], duty="on_shift"),
        technician("bo", SOUTH, territory="south", duty="off_shift"),
        technician("cy [red]", territory="north"),
    )
    return settings


def store(settings: Settings, *states: TechnicianState) -> None:
    async def storing() -> None:
        opened = open_store(settings)
        await opened.commit(step(None, 1, *states))
        await opened.close()

    asyncio.run(storing())


def names(lines: list[str]) -> list[str]:
    """The first column under the title and the header."""
    return [line.split("  ")[0] for line in lines[2:]]


@pytest.mark.usefixtures("people")
def test_who_lists_everybody_or_those_of_a_territory_a_fence_a_cell(headway: Headway) -> None:
    assert headway("who").lines[0] == "3 technicians"
    assert names(headway("who").lines) == ["ada", "bo", "cy [red]"]
    assert names(headway("who", "--territory", "north").lines) == ["ada", "cy [red]"]
    assert names(headway("who", "--fence", "yard").lines) == ["ada"]
    cell = json.loads(headway("state", "bo").out)["position"]["cell"]
    assert names(headway("who", "--cell", cell).lines) == ["bo"]
    assert headway("who", "--territory", "west").lines == ["no technicians of territory west"]


@pytest.mark.usefixtures("settings")
def test_who_says_how_somebody_comes_in_where_nobody_is(headway: Headway) -> None:
    assert headway("who").lines == ["no technicians; `headway simulate` or `headway send` brings some"]


@pytest.mark.usefixtures("people")
def test_who_asks_one_question_at_a_time(headway: Headway) -> None:
    said = headway("who", "--territory", "north", "--fence", "yard")
    assert mistake(said) == "--territory and --fence exclude each other; give one of them"
    assert "no-cell" in mistake(headway("who", "--cell", "no-cell"))


@pytest.mark.usefixtures("people")
def test_state_is_json_with_names_that_explain_themselves(headway: Headway) -> None:
    said = json.loads(headway("state", "ada").out)
    assert (said["technician"], said["duty"], said["skills"]) == ("ada", "on_shift", ["gas"])
    assert (said["position"]["lat"], said["position"]["lon"]) == AUSTIN
    assert [one["fence"] for one in said["inside"]] == ["yard"]
    raw = json.loads(headway("state", "ada", "--raw").out)
    assert isinstance(raw["fix"], list)


@pytest.mark.usefixtures("people")
def test_an_unknown_technician_is_named_with_what_to_do(headway: Headway) -> None:
    said = mistake(headway("state", "zed"))
    assert said.startswith("technician 'zed' is not known")
    assert "`headway who`" in said


@pytest.mark.usefixtures("people")
def test_nearest_takes_a_place_in_the_west_or_south_as_it_is_typed(headway: Headway) -> None:
    assert names_of_nearest(headway("nearest", "30.27", "-97.74").lines) == ["ada"]
    assert names_of_nearest(headway("nearest", "-33.87", "151.2").lines) == ["bo"]
    assert names_of_nearest(headway("nearest", "--", "-33.87", "151.2").lines) == ["bo"]
    assert headway("nearest", "-1e-3", "-.5").lines == ["nobody within 50 km of -1e-3, -.5"]


def names_of_nearest(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines[2:]]


@pytest.mark.usefixtures("people")
def test_nearest_asks_for_skills_and_statuses(headway: Headway) -> None:
    place = ("nearest", "30.27", "-97.74")
    assert names_of_nearest(headway(*place, "--skill", "gas", "--status", "on_shift").lines) == ["ada"]
    assert headway(*place, "--skill", "water").lines == ["nobody within 50 km of 30.27, -97.74, water"]
    everywhere = headway(*place, "--within-km", "20000", "-k", "1", "--status", "off_shift", "--json")
    (bo,) = json.loads(everywhere.out)
    assert bo["technician"] == "bo"
    assert 10_000_000 < bo["distance_m"] < 15_000_000


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("95", "0"), "latitude 95.0"),
        (("0", "-181"), "longitude -181.0"),
        (("nan", "0"), "latitude nan"),
        (("north", "0"), "LAT 'north' is no number; write degrees"),
        (("0", "--skil"), "LON '--skil' is no number"),
        (("0",), "Missing argument 'LON'; `headway nearest --help` says what there is"),
        (
            ("0", "0", "--status", "asleep"),
            "--status 'asleep' is none that somebody can have; there is off_shift",
        ),
        (("0", "0", "-k", "0"), "and not '0'"),
    ],
)
def test_a_place_or_wish_that_makes_no_sense_is_said_with_its_value(
    headway: Headway, words: tuple[str, ...], says: str
) -> None:
    assert says in mistake(headway("nearest", *words))
