"""Small files of dates that are over become large ones, and every event is there once, whatever ends it."""

import errno
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streams.archive import joining
from streams.archive.compaction import closed
from streams.archive.files import PartitionFiles, merged_up_to
from streams.errors import BadInput
from tests.support import archives
from tests.support.archives import (
    LATER_S,
    append,
    compaction,
    data,
    grown,
    names,
    pings,
    plainly,
)


def test_the_files_of_a_date_that_is_over_become_one_and_the_newest_stay(tmp_path: Path) -> None:
    count = grown(tmp_path)
    before = pings(tmp_path)

    merged = compaction(tmp_path).step(LATER_S)

    assert merged is not None
    assert names(tmp_path) == [".merging.json", "merged-0000001.parquet"]
    assert len(data(tmp_path)) == 2
    assert pings(tmp_path) == plainly(tmp_path) == before
    assert len(before) == count
    assert compaction(tmp_path).step(LATER_S) is None


def test_a_date_is_over_when_another_one_is_so_much_newer(tmp_path: Path) -> None:
    for day in (0, 1, 2):
        append(tmp_path, 1, day)
    (tmp_path / "date=of the move").mkdir()

    assert [place.parent.name for place in closed(tmp_path, 2)] == ["date=2026-03-17"]
    assert [place.parent.name for place in closed(tmp_path, 1)] == ["date=2026-03-18", "date=2026-03-17"]
    assert closed(tmp_path / "nothing", 1) == []


def test_what_still_comes_in_is_left_alone_until_it_has_been_quiet(tmp_path: Path) -> None:
    grown(tmp_path)
    now_s = max(path.stat().st_mtime for path in data(tmp_path))

    assert compaction(tmp_path, merge_quiet_s=60.0).step(now_s + 59.0) is None
    assert compaction(tmp_path, merge_quiet_s=60.0).step(now_s + 61.0) is not None


def test_late_events_are_merged_with_what_is_merged_already(tmp_path: Path) -> None:
    grown(tmp_path)
    one = compaction(tmp_path)
    assert (one.step(LATER_S) is None, one.step(LATER_S) is None) == (False, True)
    append(tmp_path, 7)
    before = pings(tmp_path)

    assert one.step(LATER_S + 1) is None, "the next look through all dates is minutes later"
    assert one.step(LATER_S + 601) is not None
    assert names(tmp_path) == [".merging.json", "merged-0000002.parquet"]
    assert pings(tmp_path) == plainly(tmp_path) == before


def test_merged_files_are_bounded(tmp_path: Path) -> None:
    for _ in range(8):
        append(tmp_path, 10)
    size = data(tmp_path)[0].stat().st_size

    packs, left = [], data(tmp_path)
    while pack := joining.fitting(left, size * 3 + 100):
        packs.append(len(pack))
        left = [path for path in left if path not in pack]

    assert packs == [3, 3, 2]
    assert joining.fitting(data(tmp_path), size) == [], "what has half of it already is large enough"


def test_what_lies_beyond_its_mark_may_go_and_is_not_merged(tmp_path: Path) -> None:
    grown(tmp_path)
    PartitionFiles(tmp_path, "technicians", 0)._write(
        "2026-03-17", "ping", archives.rows(900, 5)["2026-03-17", "ping"]
    )

    compaction(tmp_path).step(LATER_S)

    assert [name for name in names(tmp_path) if name.startswith("technicians")] == [
        "technicians-0-900-904.parquet"
    ]
    PartitionFiles(tmp_path, "technicians", 0).opened()
    assert names(tmp_path) == [".merging.json", "merged-0000001.parquet"]


def test_files_of_another_version_go_into_a_file_of_their_own_and_keep_their_columns(tmp_path: Path) -> None:
    grown(tmp_path)
    old = data(tmp_path)[:2]
    for path in old:
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.append_column("gone", pa.array([1] * len(table))), path)
    before = pings(tmp_path)
    one = compaction(tmp_path)

    assert (one.step(LATER_S), one.step(LATER_S)) != (None, None)

    kept = [path for path in data(tmp_path) if "gone" in pq.read_schema(path).names]
    assert [pq.read_metadata(path).num_rows for path in kept] == [20]
    assert pings(tmp_path) == before


def test_of_two_that_merge_one_waits_for_its_next_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(tmp_path)
    other = compaction(tmp_path)
    answers: list[object] = []
    joined = joining.join
    monkeypatch.setattr(joining, "join", lambda *files: (answers.append(other.step(LATER_S)), joined(*files)))

    assert compaction(tmp_path).step(LATER_S) is not None
    assert answers == [None]


def test_a_full_disk_leaves_all_as_it_is_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    grown(tmp_path)
    before = pings(tmp_path)
    one = compaction(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(joining, "sync", full)
        assert one.step(LATER_S) is None
        assert one.step(LATER_S + 5) is None
    assert caplog.text.count("No space left") == 1
    assert not [name for name in names(tmp_path) if name.startswith(".")], (
        "what it has written takes no space"
    )
    assert pings(tmp_path) == plainly(tmp_path) == before
    assert one.step(LATER_S + 601) is not None
    assert pings(tmp_path) == plainly(tmp_path) == before


def test_a_file_that_cannot_be_read_keeps_only_its_own_folder_from_being_merged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    grown(tmp_path)
    append(tmp_path, 2, day=1)
    append(tmp_path, 2, day=1)
    data(tmp_path)[0].write_bytes(b"PAR1 this is none")
    one = compaction(tmp_path)

    assert [one.step(LATER_S) is not None, one.step(LATER_S) is not None].count(True) == 1
    assert caplog.text.count("are not merged") == 1
    assert len(names(tmp_path)) == 6
    assert "merged-0000001.parquet" in names(tmp_path, "2026-03-18")
    one.step(LATER_S + 601)
    assert caplog.text.count("are not merged") == 1, "it is said once"


def test_a_folder_that_cannot_be_written_keeps_only_itself_from_being_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so what the system would say is said for it."""
    grown(tmp_path)
    append(tmp_path, 2, day=1)
    append(tmp_path, 2, day=1)
    joined = joining.join

    def refused(sources: Sequence[Path], into: Path) -> None:
        if "date=2026-03-17" in str(into):
            raise PermissionError(errno.EACCES, "Permission denied", str(into))
        joined(sources, into)

    monkeypatch.setattr(joining, "join", refused)
    one = compaction(tmp_path)
    assert {one.step(LATER_S) is not None, one.step(LATER_S) is not None} == {True, False}
    assert "merged-0000001.parquet" in names(tmp_path, "2026-03-18")


def test_a_mark_that_was_set_back_behind_what_is_merged_stops_the_writer(tmp_path: Path) -> None:
    grown(tmp_path)
    compaction(tmp_path).step(LATER_S)
    assert merged_up_to(tmp_path) == {"technicians-0": 29, "technicians-1": 29}
    (tmp_path / ".positions" / "technicians-0.json").unlink()

    with pytest.raises(
        BadInput, match=r"up to offset 0, but there are merged files up to 29: put the mark back"
    ):
        PartitionFiles(tmp_path, "technicians", 0).opened()
    assert PartitionFiles(tmp_path, "technicians", 1).opened().position == 30
