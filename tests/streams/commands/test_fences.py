"""`headway fences`: check, load, list and remove."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Headway, mistake

YARD = [[-97.75, 30.26], [-97.73, 30.26], [-97.73, 30.28], [-97.75, 30.28], [-97.75, 30.26]]
WIDER = [[-97.76, 30.26], [-97.73, 30.26], [-97.73, 30.28], [-97.76, 30.28], [-97.76, 30.26]]
BOW_TIE = [[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]
LINE = [[0, 0], [0.01, 0], [0.02, 0], [0, 0]]

pytestmark = pytest.mark.usefixtures("settings")


def feature(fence: str, ring: list[list[float]], **properties: object) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"id": fence, **properties}, "geometry": geometry}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fences.geojson"


def write(file: Path, *features: dict[str, Any]) -> str:
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(file)


def test_check_says_what_is_good_repaired_and_refused_and_needs_no_server(
    headway: Headway, file: Path, alone: None
) -> None:
    said = headway("fences", "check", write(file, feature("yard", YARD), feature("bow", BOW_TIE)))
    assert (said.code, said.lines[-1]) == (0, "2 good, 1 of them repaired; 0 refused")
    assert said.lines[0].startswith("repaired  bow: ")
    said = headway("fences", "check", write(file, feature("yard", YARD), feature("line", LINE)))
    assert said.lines[0].startswith("refused   ")
    assert "1 fences of" in mistake(said)


def test_a_file_is_loaded_once_and_only_its_changes_after_that(headway: Headway, file: Path) -> None:
    both = write(file, feature("yard", YARD, kind="depot"), feature("park", WIDER, name="The [red] park"))
    assert headway("fences", "load", both).lines == ["2 fences: 2 new, 0 changed, 0 as they were"]
    assert headway("fences", "load", both).lines == ["2 fences: 0 new, 0 changed, 2 as they were"]
    changed = write(file, feature("yard", WIDER, kind="depot"), feature("park", WIDER, name="The [red] park"))
    assert headway("fences", "load", changed).lines == ["2 fences: 0 new, 1 changed, 1 as they were"]
    listed = headway("fences", "list").lines
    assert listed[-1] == "2 fences now"
    assert listed[1].split("  ")[0] == "park"
    assert "The [red] park" in listed[1]
    assert listed[1].endswith("always")
    assert listed[2].split()[:3] == ["yard", "2", "depot"]
    assert " since 20" in listed[2]


def test_history_keeps_the_version_that_held(headway: Headway, file: Path) -> None:
    headway("fences", "load", write(file, feature("yard", YARD)))
    headway("fences", "load", write(file, feature("yard", WIDER)))
    versions = headway("fences", "list", "--all").lines[1:3]
    assert [line.split()[1] for line in versions] == ["1", "2"]
    assert " until 20" in versions[0]
    assert " since 20" in versions[1]


def test_a_fence_can_be_loaded_ahead_of_time(headway: Headway, file: Path) -> None:
    headway("fences", "load", write(file, feature("yard", YARD)), "--from", "2090-01-01")
    listed = headway("fences", "list").lines
    assert listed[1].endswith("from 2090-01-01 00:00:00")
    assert listed[2] == "0 fences now"


def test_half_a_file_is_never_loaded(headway: Headway, file: Path) -> None:
    said = headway("fences", "load", write(file, feature("yard", YARD), feature("line", LINE)))
    assert "1 of its fences is refused, so none is loaded; the first: " in mistake(said)
    said = headway("fences", "load", write(file, feature("yard", YARD), feature("yard", WIDER)))
    assert "'yard' is there twice" in mistake(said)
    assert headway("fences", "list").lines == ["0 fences now; `headway fences load FILE` loads some"]


def test_a_removed_fence_is_gone_from_the_list_and_stays_in_history(headway: Headway, file: Path) -> None:
    loaded = write(file, feature("yard", YARD), feature("park", WIDER))
    headway("fences", "load", loaded)
    assert "no fence 'jard'" in mistake(headway("fences", "remove", "park", "jard"))
    assert headway("fences", "remove", "park").lines == ["1 fence removed"]
    assert headway("fences", "list").lines[-1] == "1 fence now"
    assert any("until 20" in line for line in headway("fences", "list", "--all").lines)
    assert headway("fences", "load", loaded).lines == ["2 fences: 0 new, 1 changed, 1 as they were"]
    assert headway("fences", "list").lines[-1] == "2 fences now"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("load", "none.geojson"), "cannot read none.geojson: No such file"),
        (("load", "{file}", "--kind", "jard"), "--kind 'jard' is no kind of fence; the kinds are"),
        (("load", "{file}", "--from", "soon"), "--from 'soon' is no time; write it as"),
        (("remove",), "Missing argument 'FENCE...'"),
        (("burn",), "No such command 'burn'"),
    ],
)
def test_mistakes_name_the_thing_the_value_and_what_to_do(
    headway: Headway, file: Path, words: tuple[str, ...], says: str
) -> None:
    write(file, feature("yard", YARD))
    said = mistake(headway("fences", *(word.format(file=file) for word in words)))
    assert says in said
