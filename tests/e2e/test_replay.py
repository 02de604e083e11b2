"""`headway replay`: a file of positions through the whole pipeline, counted to the last row, alike every time."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.settings import CONFIGS
from tests.support.household import Household, headway, until

DATA = Path(__file__).resolve().parents[3].joinpath("shared", "data")
HEADER = "unit;when;lat;lon;kmh"
SOURCE = """
delimiter = ";"
[columns]
technician = "unit"
time = "when"
lat = "lat"
lon = "lon"
speed = "kmh"
[units]
time = "unix_s"
speed = "kmh"
"""
BEGAN_S = 1_500_000_000
VANS = ("van-1", "van-2", "van-3")
FIXES = 240
EVERY_S = 15
YARD = [
    [-97.7405, 30.2495],
    [-97.7395, 30.2495],
    [-97.7395, 30.2505],
    [-97.7405, 30.2505],
    [-97.7405, 30.2495],
]
BAD = (
    "van-1;1500000100;north;-97.74;3",
    "van-1;1500000130;30.25;-97.74",
    "van-2;yesterday;30.25;-97.74;3",
    "van-2;1500000160;95.0;-97.74;3",
    "van-3;1500000190;0.0;0.0;0",
    ";1500000220;30.25;-97.74;3",
    "van-3;1500000250;;-97.74;3",
)


@pytest.fixture
def house() -> Iterator[Household]:
    with Household() as made:
        yield made


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """A folder of settings with a source of one's own."""
    folder = tmp_path / "configs"
    shutil.copytree(CONFIGS, folder)
    (folder / "sources" / "vans.toml").write_text(SOURCE)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An hour in which each van drives north, stands in the yard for half the time, and drives on; and bad rows."""
    rows = [row(van, number) for number in range(FIXES) for van in VANS]
    rows += rows[30:36]
    for number, bad in enumerate(BAD):
        rows.insert(60 * (number + 1), bad)
    path = tmp_path / "vans.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    feature = {
        "type": "Feature",
        "properties": {"id": "yard", "name": "The yard", "kind": "depot"},
        "geometry": {"type": "Polygon", "coordinates": [YARD]},
    }
    path = tmp_path / "yard.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def row(van: str, number: int) -> str:
    """10 m/s northward, but in the yard from the 60th to the 180th fix; the vans half a minute apart."""
    driven = min(number, 60) + max(0, number - 180)
    lat = 30.25 + (driven - 60) * EVERY_S * 10 / 111_195
    kmh = 0 if 60 < number <= 180 else 36
    when = BEGAN_S + number * EVERY_S + 2 * VANS.index(van)
    return f"{van};{when};{lat:.6f};-97.74;{kmh}"


def replayed(house: Household, folder: Path, *words: str, **environ: str) -> tuple[dict[str, Any], bytes]:
    report, events = folder / "report.json", folder / "events.jsonl"
    done = headway(house, "replay", *words, "--report", str(report), "--events", str(events), **environ)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert "ERROR" not in done.stderr
    return json.loads(report.read_text()), events.read_bytes()


def test_two_replays_of_a_file_give_the_same_bytes(
    house: Household, configs: Path, file: Path, yard: Path, tmp_path: Path
) -> None:
    words = (str(file), "--source", "vans", "--fences", str(yard))
    said, events = replayed(house, tmp_path, *words, HEADWAY_CONFIG=str(configs))
    assert said["positions_in"] == len(VANS) * FIXES + 6 + len(BAD)
    assert said["dropped"] == {"duplicate": 6, "malformed": len(BAD)}
    assert said["kept"] == len(VANS) * FIXES
    assert said["median_speed_mps"] == 10.0, "36 km/h"
    fence_events = [json.loads(line)["event"] for line in events.splitlines()]
    visits = [event["event"] for event in fence_events if event["type"] == "fence_event"]
    assert sorted(visits) == sorted(["entered", "dwelt", "exited"] * len(VANS))
    assert said["fence_events"] == {"dwelt": 3, "entered": 3, "exited": 3}
    assert said["stops"] == {"DEPOT": 3}

    said_again, events_again = replayed(
        house, tmp_path, *words, "--workers", "2", HEADWAY_CONFIG=str(configs)
    )
    assert events_again == events
    assert {**said_again, "wall_s": 0, "positions_per_s": 0} == {**said, "wall_s": 0, "positions_per_s": 0}
    until(lambda: not house.left(), house.left)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nowhere.csv", "--source", "vans"), "nowhere.csv"),
        (("{file}", "--source", "lorries"), "'lorries'"),
        (("{file}", "--source", "capmetro_2017"), "'vehicle_id'"),
        (("{file}", "--source", "vans", "--fences", "{file}"), "vans.csv"),
        (("{file}", "--source", "vans", "--fences", "no.geojson"), "no.geojson"),
        (("{file}", "--source", "vans", "--report", "no/folder/report.json"), "no/folder"),
    ],
    ids=[
        "no such file",
        "no such source",
        "no such column",
        "no GeoJSON",
        "no such fences",
        "no such folder",
    ],
)
def test_a_mistake_is_told_in_a_line_before_anything_starts(
    house: Household, configs: Path, file: Path, words: tuple[str, ...], named: str
) -> None:
    said = [word.format(file=file) for word in words]
    done = headway(house, "replay", *said, HEADWAY_CONFIG=str(configs))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert named in done.stderr.splitlines()[-1]
    assert done.stdout == ""
    assert not house.left()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "file", "wrong"),
    [
        ("capmetro_2015", "capmetro_2015-06-07.csv.gz", {"jump"}),
        ("capmetro_2017", "capmetro_2017-03-16.csv.gz", {"malformed"}),
    ],
)
def test_a_recorded_day_is_accounted_for_to_the_last_position(
    house: Household, tmp_path: Path, source: str, file: str, wrong: set[str]
) -> None:
    recorded, zones = DATA / "gps" / file, DATA / "zones" / "austin_neighborhoods.geojson.gz"
    if not recorded.exists() or not zones.exists():
        pytest.skip("there is no data beside the checkout")
    said, events = replayed(house, tmp_path, str(recorded), "--source", source, "--fences", str(zones))
    assert said["positions_in"] == said["kept"] + sum(said["dropped"].values())
    assert wrong <= said["dropped"].keys()
    # Miles an hour taken for metres a second would be more than twice as much.
    assert 3.5 < said["median_speed_mps"] < 7.0
    assert said["fence_events"].keys() >= {"entered", "exited", "dwelt"}
    assert sum(said["fence_events"].values()) == events.count(b'"type":"fence_event"')
