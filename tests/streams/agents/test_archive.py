"""Every event is in the archive once, whatever ends its writer."""

import asyncio
import errno
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.events import Cause, Located, Signal, Status
from streams.agents.archive import Archive
from streams.archive import disk as disk_of_archive
from streams.archive import files as files_of_archive
from streams.archive.compaction import Compaction
from streams.archive.disk import replace_whole
from streams.archive.files import PartitionFiles
from streams.archive.params import ArchiveParams
from streams.archive.reading import kinds, read
from streams.errors import BadInput, Fenced, StoreUnavailable
from tests.support import archives
from tests.support.chunks import Record, chunk, record

AT_MS = 1_773_756_000_000
DAY_MS = 86_400_000


def statuses(count: int) -> list[Record]:
    """Over two days, every other one broken."""
    said = [Status(technician="ana", time_ms=AT_MS + n % 2 * DAY_MS, status="on_shift") for n in range(count)]
    return [record(n, b"{broken" if n % 5 == 4 else one, timestamp=AT_MS) for n, one in enumerate(said)]


def archive(folder: Path, **params: float) -> Archive:
    return Archive("technicians", ArchiveParams(folder=str(folder), **params))  # type: ignore[arg-type]


async def fed(one: Archive, records: Sequence[Record], size: int) -> None:
    start = (await one.positions([0]))[0]
    rest = [read for read in records if read.offset >= start]
    for begin in range(0, len(rest), size):
        await one.process(chunk(rest[begin : begin + size], "technicians"))


def offsets(folder: Path) -> list[int]:
    return sorted(offset for kind in kinds(folder) for offset in read(folder, kind)["offset"])


async def test_rows_are_by_date_and_kind_and_all_are_there(tmp_path: Path) -> None:
    one = archive(tmp_path)
    await one.assigned({0})
    await fed(one, statuses(20), 7)
    await one.revoked({0})

    assert offsets(tmp_path) == list(range(20))
    assert {path.parent.parent.name for path in files(tmp_path)} == {"date=2026-03-17", "date=2026-03-18"}
    assert len(read(tmp_path, "undecodable")) == 4


async def test_files_are_bounded(tmp_path: Path) -> None:
    one = archive(tmp_path, max_rows=10)
    await one.assigned({0})
    await fed(one, statuses(100), 5)
    await one.revoked({0})

    sizes = [len(read_one) for read_one in map(rows_of, files(tmp_path))]
    assert sum(sizes) == 100
    assert max(sizes) <= 10


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("date=*/kind=*/*.parquet"))


def rows_of(path: Path) -> list[object]:
    import pyarrow.parquet as pq

    return list(pq.read_table(path, partitioning=None).to_pylist())


async def test_what_waited_long_enough_is_written_by_a_tick(tmp_path: Path) -> None:
    one = archive(tmp_path, flush_after_s=0.000001)
    await one.assigned({0})
    one._take(one._waiting[0], chunk(statuses(3), "technicians"))

    await one.tick(0)

    assert offsets(tmp_path) == [0, 1, 2]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
async def test_a_writer_that_dies_anywhere_loses_nothing_and_repeats_nothing(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, chance, records = tmp_path_factory.mktemp("archive"), random.Random(seed), statuses(60)
    for _ in range(4):
        one = archive(folder, max_rows=chance.choice((1, 7, 1_000)))
        await one.assigned({0})
        await fed(one, records[: chance.randint(1, 60)], chance.randint(1, 20))
        if chance.random() < 0.5:
            leave_a_crash_behind(one)
    last = archive(folder)
    await last.assigned({0})
    await fed(last, records, 9)
    await last.revoked({0})

    assert offsets(folder) == list(range(60))


def leave_a_crash_behind(one: Archive) -> None:
    """Data files are in place, the mark isn't moved any more."""
    waiting = one._waiting[0]
    for (date, kind), rows in waiting.batches.items():
        waiting.files._write(date, kind, rows)


async def test_a_second_owner_fences_the_first(tmp_path: Path) -> None:
    first, second = archive(tmp_path, max_rows=1), archive(tmp_path, max_rows=1)
    await first.assigned({0})
    await second.assigned({0})
    await second.process(chunk(statuses(2), "technicians"))

    with pytest.raises(Fenced, match="another worker writes it"):
        await first.process(chunk(statuses(2), "technicians"))

    assert offsets(tmp_path) == [0, 1]


async def test_a_signal_that_was_sent_twice_is_there_once(tmp_path: Path) -> None:
    one = Archive("signals", ArchiveParams(folder=str(tmp_path)))
    signals = [
        Signal(id=str(n), cause=Cause("technicians", 0, n, 0), event=Located("ana", AT_MS, 1.0, 2.0))
        for n in (0, 1, 2)
    ]
    again = [*signals, *signals[1:]]
    await one.assigned({0})
    await one.process(chunk([record(n, signal) for n, signal in enumerate(again)], "signals"))
    await one.revoked({0})

    assert list(read(tmp_path, "located")["id"]) == ["0", "1", "2"]


class Refusing:
    """A folder in whose place a file stands for a while: whoever is root is refused as well."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._aside = folder, folder.with_name("aside")

    def begin(self) -> None:
        self._folder.rename(self._aside)
        self._folder.write_text("")

    def end(self) -> None:
        self._folder.unlink()
        self._aside.rename(self._folder)


async def test_a_disk_that_refuses_for_a_while_is_waited_for_and_nothing_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "archive"
    one, disk, records = archive(folder, max_rows=10), Refusing(folder), statuses(60)
    await one.assigned({0})
    await fed(one, records[:20], 10)
    disk.begin()
    stuck = asyncio.create_task(one.process(chunk(records[20:35], "technicians")))
    await asyncio.sleep(0.3)
    assert not stuck.done(), "what is not on the disk is not done"
    disk.end()
    await stuck
    await fed(one, records, 10)
    await one.revoked({0})

    assert offsets(folder) == list(range(60))


async def test_a_worker_that_gives_up_on_a_full_disk_leaves_the_rest_to_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    first, disk, records = archive(folder, max_rows=10), Refusing(folder), statuses(60)
    threads = ThreadPoolExecutor()
    asyncio.get_running_loop().set_default_executor(threads)
    await first.assigned({0})
    await fed(first, records[:20], 10)
    disk.begin()
    stuck = asyncio.create_task(first.process(chunk(records[20:35], "technicians")))
    await asyncio.sleep(0.2)
    stuck.cancel()
    await asyncio.wait({stuck})
    await first.revoked({0})
    # A try that was begun ends with its process; here it has to be waited for.
    threads.shutdown()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
    disk.end()
    second = archive(folder)
    await second.assigned({0})
    assert await second.positions([0]) == {0: 20}
    await fed(second, records, 10)
    await second.revoked({0})

    assert offsets(folder) == list(range(60))


@pytest.mark.parametrize("fails_at", range(5))
async def test_what_a_tick_could_not_write_whole_is_written_before_anything_more_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """A disk that is full after some of the files: a second try under other names would double their rows."""
    one, records, written = archive(tmp_path, flush_after_s=0.000001), statuses(30), 0
    await one.assigned({0})
    one._take(one._waiting[0], chunk(records[:12], "technicians"))

    def sometimes(path: Path, write: Callable[[Path], object]) -> None:
        nonlocal written
        written += 1
        if written == fails_at + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace_whole(path, write)

    for module in (files_of_archive, disk_of_archive):
        monkeypatch.setattr(module, "replace_whole", sometimes)
    if fails_at < 4:
        with pytest.raises(StoreUnavailable, match="No space left on device"):
            await one.tick(0)
    else:
        await one.tick(0)
    await one.process(chunk(records[12:], "technicians"))
    await one.revoked({0})

    assert offsets(tmp_path) == list(range(30))


async def test_while_the_disk_refuses_a_tick_keeps_nobody_from_taking_the_partitions(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    one, disk = archive(folder, flush_after_s=0.000001), Refusing(folder)
    await one.assigned({0})
    one._take(one._waiting[0], chunk(statuses(3), "technicians"))
    disk.begin()
    with pytest.raises(StoreUnavailable):
        await one.tick(0)
    await asyncio.wait_for(one.revoked({0}), 1)
    disk.end()

    assert offsets(folder) == []


async def test_a_tick_merges_what_is_over(tmp_path: Path) -> None:
    count = archives.grown(tmp_path)
    params = ArchiveParams(folder=str(tmp_path))
    one = Archive("technicians", params, Compaction(tmp_path, params))

    await one.tick(round(archives.LATER_S * 1000))

    assert len(archives.data(tmp_path)) == 2
    assert len(archives.pings(tmp_path)) == count


def test_a_folder_that_cannot_be_written_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailable, match=r"can't be written at .*archive\.folder"):
        PartitionFiles(tmp_path / "file" / "archive", "technicians", 0).opened()


def test_reading_what_is_not_there_says_what_is(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no archive at"):
        read(tmp_path / "none", "ping")
    with pytest.raises(BadInput, match="no kind of event 'pong'"):
        read(tmp_path, "pong")
