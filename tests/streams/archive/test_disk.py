"""A folder that can't be written is said before anything is read."""

from pathlib import Path

import pytest

from streams.archive.compaction import Compaction
from streams.archive.disk import check_writable, replace_bytes
from streams.archive.params import ArchiveParams
from streams.assembly.archive import archive, in_namespace
from streams.errors import BadSettings
from streams.settings import Settings


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")

    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [".positions"]
    assert list((tmp_path / "a" / "b" / ".positions").iterdir()) == []


async def test_a_worker_does_not_start_on_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(namespace="east", archive=ArchiveParams(folder=str(tmp_path / "file")))
    params = in_namespace(settings)

    with pytest.raises(BadSettings) as caught:
        async with archive("technicians", params, Compaction(Path(params.folder), params)):
            pass

    assert f"nothing can be written in {tmp_path}/file/east (Not a directory)" in str(caught.value)
    assert "HEADWAY_ARCHIVE__FOLDER" in str(caught.value)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "mark.json"
    replace_bytes(path, b"old")

    with pytest.raises(TypeError):
        replace_bytes(path, "no bytes")  # type: ignore[arg-type]

    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["mark.json"]
