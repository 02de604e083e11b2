"""Fences in GeoJSON files, and which versions a file makes of what is known already."""

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from features.fence_events import Circle, Fence, Polygon
from streams.codec import decode_fence
from streams.errors import BadInput
from streams.fence_files import Versions, messages, moment, next_versions, read_file, removals, whole
from streams.settings import Settings
from tests.support.fences import area, circle, square

NOW_MS = 1_750_000_000_000
SQUARE = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]
BOW_TIE = [[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]
LINE = [[0, 0], [0.01, 0], [0.02, 0], [0, 0]]


def feature(name: str, ring: list[list[float]] | None = None, **properties: object) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [SQUARE if ring is None else ring]}
    return {"type": "Feature", "properties": {"id": name, **properties}, "geometry": geometry}


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fences.geojson"


def test_a_collection_a_single_feature_and_a_packed_one_are_read(file: Path) -> None:
    file.write_bytes(collection(feature("a"), feature("b", kind="no_go")))
    assert [(fence.fence, fence.kind) for fence in read_file(file).fences] == [
        ("a", "territory"),
        ("b", "no_go"),
    ]
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(feature("a")).encode())
    assert [fence.fence for fence in read_file(file).fences] == ["a"]
    # By what is in it, whatever its name says.
    file.write_bytes(gzip.compress(collection(feature("a"))))
    assert [fence.fence for fence in read_file(file).fences] == ["a"]


def test_the_kind_that_is_asked_for_is_that_of_fences_without_one(file: Path) -> None:
    file.write_bytes(collection(feature("a"), feature("b", kind="no_go")))
    assert [fence.kind for fence in read_file(file, "depot").fences] == ["depot", "no_go"]
    with pytest.raises(BadInput, match="'yard' is no kind of fence; the kinds are customer_site, depot"):
        read_file(file, "yard")


def test_bad_rings_are_repaired_or_refused_with_their_reason(file: Path) -> None:
    file.write_bytes(collection(feature("good"), feature("bow", BOW_TIE), feature("line", LINE), {"no": 1}))
    read = read_file(file)
    assert [fence.fence for fence in read.fences] == ["good", "bow"]
    assert [fence for fence, _ in read.repaired] == ["bow"]
    assert ["line" in read.refused[0], "feature 3" in read.refused[1]] == [True, True]
    with pytest.raises(BadInput, match=r"2 of its fences are refused, so none is loaded; the first: .*line"):
        whole(read, file)


def test_two_features_of_one_name_are_refused(file: Path) -> None:
    file.write_bytes(collection(feature("a"), feature("a")))
    with pytest.raises(BadInput, match=r"1 of its fences is refused.*'a' is there twice; give each"):
        whole(read_file(file), file)


def test_a_fence_that_no_worker_would_read_is_refused(file: Path) -> None:
    corners = [[0.001 + 0.1 * n / 300_001, 0.001 + (n % 2) / 3e9] for n in range(300_000)]
    file.write_bytes(collection(feature("a", [[0, 0], *corners, [0.1, -0.1], [0, 0]])))
    read = read_file(file)
    assert ["bytes" in refused and "fewer corners" in refused for refused in read.refused] == [True]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not JSON"),
        (b'{"type":"Feature"', "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\x1f\x8bxx", "is broken"),
        (gzip.compress(b"{}", mtime=0)[:-4], "is broken"),
        (b"[]", "holds a list"),
        (b'{"type":"Topology"}', "holds 'Topology'"),
        (b'{"type":"FeatureCollection","features":{}}', "holds 'FeatureCollection'"),
    ],
)
def test_what_is_no_geojson_is_said_in_words(file: Path, content: bytes, says: str) -> None:
    file.write_bytes(content)
    with pytest.raises(BadInput, match=f"fences.geojson {says}"):
        read_file(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read .*none: No such file"):
        read_file(tmp_path / "none")
    with pytest.raises(BadInput, match=r"cannot read .*: Is a directory"):
        read_file(tmp_path)


def test_a_new_fence_holds_always_and_a_changed_one_from_now_on() -> None:
    known = {"yard": circle("yard"), "shop": circle("shop", version=4)}
    wider = circle("shop", radius_m=200.0)
    made = next_versions([circle("yard"), wider, circle("new")], known, NOW_MS)
    assert [(fence.fence, fence.version, fence.valid_from_ms) for fence in made] == [
        ("shop", 5, NOW_MS),
        ("new", 1, 0),
    ]


def test_what_a_fence_is_called_or_allows_is_part_of_it() -> None:
    known = {"yard": circle("yard")}
    for changed in ({"name": "Yard"}, {"max_dwell_s": 60.0}, {"kind": "depot"}, {"technicians": ("ada",)}):
        fence = msgspec.structs.replace(circle("yard"), **changed)
        assert [one.version for one in next_versions([fence], known, NOW_MS)] == [2], changed


def test_the_time_from_which_fences_hold_can_be_said_in_the_file_or_the_command() -> None:
    said = circle("yard", valid_from_ms=5000)
    assert [one.valid_from_ms for one in next_versions([said], {}, NOW_MS)] == [5000]
    known = {"yard": circle("yard", radius_m=1.0)}
    assert [one.valid_from_ms for one in next_versions([said], known, NOW_MS)] == [5000]
    assert [one.valid_from_ms for one in next_versions([said], known, NOW_MS, 7000)] == [7000]
    # Only when it begins is no change.
    assert next_versions([circle("yard")], {"yard": said}, NOW_MS, 7000) == []


def versions(*fences: Fence) -> Versions:
    return Versions({(fence.fence, fence.version): fence for fence in fences}, [])


def test_a_removed_fence_ends_and_can_come_back() -> None:
    first = circle("yard")
    (ended,) = removals(["yard", "yard"], {"yard": first}, NOW_MS)
    assert (ended.version, ended.removed, ended.valid_from_ms) == (2, True, NOW_MS)
    both = versions(first, ended)
    assert [(one.from_ms, one.until_ms) for one in both.held()] == [(0, NOW_MS)]
    (back,) = next_versions([first], both.newest(), NOW_MS + 1000)
    assert (back.version, back.removed, back.valid_from_ms) == (3, False, NOW_MS + 1000)
    with pytest.raises(BadInput, match="no fence 'yard'"):
        removals(["yard"], both.newest(), NOW_MS)
    with pytest.raises(BadInput, match="no fence 'shop'"):
        removals(["shop"], both.newest(), NOW_MS)


def test_when_each_version_holds_is_told_and_what_holds_never_is_not() -> None:
    ahead = circle("yard", version=3, valid_from_ms=9000)
    told = versions(circle("yard"), circle("yard", version=2, valid_from_ms=9000), ahead).held()
    assert [(one.prepared.fence.version, one.from_ms) for one in told] == [(1, 0), (3, 9000)]


def test_what_workers_would_leave_out_is_told_apart() -> None:
    found = versions(circle("yard"), area("flat", [(0, 0), (100, 0), (200, 0)]))
    assert [one.prepared.fence.fence for one in found.held()] == ["yard"]
    assert ["flat" in problem for problem in found.odd] == [True]


def test_each_version_is_a_record_of_its_own() -> None:
    fences = [circle("yard"), circle("yard", version=2), area("park", square(100))]
    sent = list(messages(Settings(namespace="x"), fences))
    assert {message.topic for message in sent} == {"x.fences"}
    assert len({message.key for message in sent}) == 3
    read = [decode_fence(message.value) for message in sent]
    assert read == fences
    assert [type(fence.geometry) for fence in fences] == [Circle, Circle, Polygon]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01 00:00:01.500", 1500),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T02:00:00+02:00", 0),
    ],
)
def test_a_time_is_iso_8601_and_utc_where_it_says_no_offset(text: str, ms: int) -> None:
    assert moment(text, "--from") == ms


@pytest.mark.parametrize("text", ["", "now", "2026", "17.03.2026", "1969-12-31T23:59:59Z", "9999-01-01"])
def test_what_is_no_time_or_beyond_all_times_is_said_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match=f"--from '{text}' is no time; write it as 2026-"):
        moment(text, "--from")
