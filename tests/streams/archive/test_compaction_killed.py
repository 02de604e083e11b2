"""A merge that is killed at any moment, or read beside: every event is there once."""

import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from streams.archive.compaction import merge
from streams.archive.files import PartitionFiles
from streams.archive.merged import Merging, files_of, merging
from tests.support.archives import (
    LATER_S,
    Dying,
    Killed,
    append,
    compaction,
    data,
    dying,
    grown,
    names,
    ping_folder,
    pings,
    plainly,
)

ROOT = Path(__file__).parents[3]
MERGING = """
import sys
from pathlib import Path
from streams.archive.compaction import Compaction
from streams.archive.params import ArchiveParams
one = Compaction(Path(sys.argv[1]), ArchiveParams())
print("begins", flush=True)
while one.step(4e9):
    pass
"""


@pytest.mark.parametrize("ended", range(40))
def test_whoever_reads_finds_every_event_once_whenever_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    grown(tmp_path, files=4, each=3)
    before = pings(tmp_path)

    def complete() -> None:
        assert pings(tmp_path) == before
        assert set(plainly(tmp_path)) == set(before), "with other tools maybe twice, but nothing is missed"

    with dying(monkeypatch, Dying(ended, complete)) as disk:
        try:
            compaction(tmp_path).step(LATER_S)
        except Killed:
            pass
        else:
            assert disk.done <= ended, "it got to its end before it could be killed"
    complete()
    compaction(tmp_path).step(LATER_S)

    assert names(tmp_path) == [
        ".merging.json",
        f"merged-{merging(ping_folder(tmp_path)).generation:07}.parquet",
    ]
    assert pings(tmp_path) == plainly(tmp_path) == before


def test_forty_kills_are_enough_to_reach_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path, files=4, each=3)
    with dying(monkeypatch, Dying(None)) as disk:
        compaction(tmp_path).step(LATER_S)

    assert 20 < disk.done < 40


def test_killed_again_and_again_it_gets_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path)
    before = pings(tmp_path)
    for ended in range(60):
        with dying(monkeypatch, Dying(ended % 13)), suppress(Killed):
            compaction(tmp_path).step(LATER_S)
        assert pings(tmp_path) == before
        PartitionFiles(tmp_path, "technicians", 0).opened()
    compaction(tmp_path).step(LATER_S)

    assert pings(tmp_path) == plainly(tmp_path) == before


def test_a_process_that_is_killed_while_it_merges_leaves_every_event_once(tmp_path: Path) -> None:
    chance = random.Random(4)
    for day in range(12):
        for n in range(6):
            append(tmp_path, 5, day, n % 2)
    before = pings(tmp_path)
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", MERGING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.08))
            process.kill()
        assert pings(tmp_path) == before
    assert (
        subprocess.run([sys.executable, "-c", MERGING, str(tmp_path)], cwd=ROOT, check=True).returncode == 0
    )

    assert pings(tmp_path) == plainly(tmp_path) == before
    assert len(data(tmp_path)) == 10 + 2 * 6


def test_a_reader_beside_it_never_misses_an_event_nor_sees_one_twice(tmp_path: Path) -> None:
    count, stop = grown(tmp_path, files=10), threading.Event()
    wrong: list[int] = []
    looked = 0

    def look() -> None:
        nonlocal looked
        while not stop.is_set():
            found = pings(tmp_path)
            looked += 1
            if len(found) < count or len(set(found)) != len(found):
                wrong.append(len(found))

    reading = threading.Thread(target=look)
    reading.start()
    for _ in range(25):
        append(tmp_path, 3)
        merge(tmp_path, ping_folder(tmp_path), files_of(ping_folder(tmp_path)))
    stop.set()
    reading.join()

    assert not wrong
    assert looked > 3
    assert len(pings(tmp_path)) == count + 75


def test_a_merge_whose_file_is_gone_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path, files=4, each=3)
    with dying(monkeypatch, Dying(14)), pytest.raises(Killed):
        compaction(tmp_path).step(LATER_S)
    assert merging(ping_folder(tmp_path)) != Merging()
    for left in ping_folder(tmp_path).glob("*merged-*"):
        left.unlink()
    kept = names(tmp_path)

    assert compaction(tmp_path).step(LATER_S) is None
    assert names(tmp_path) == kept
