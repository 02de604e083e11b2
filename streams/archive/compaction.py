"""Merges the small files of dates that are over into larger ones, one merge at a time.

A merge writes a hidden file, commits it by `.merging.json` (see `merged.py`), gives the file its name, removes
those that it replaces, and says that it is done. Whatever ends it, the next visit goes on from the commit, or
removes what was not committed. Only files below their partition's mark are merged: their writer never touches
those again, so the two need not wait for each other.
"""

import errno
import fcntl
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa

from streams.archive import joining
from streams.archive.disk import replace_bytes, sync
from streams.archive.files import mark_of, note_merged
from streams.archive.merged import Merging, files_of, hidden, manifest, merging
from streams.archive.params import ArchiveParams

MIB = 1024 * 1024

_WRITTEN = re.compile(r"(?P<stem>.+-\d+)-\d+-(?P<last>\d+)\.parquet")
_MERGED = re.compile(r"merged-\d+\.parquet")

_DISK = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))

log = logging.getLogger(__name__)


class Compaction:
    """Of one archive. Several may work on the same folder: one at a time does."""

    def __init__(self, folder: Path, params: ArchiveParams) -> None:
        self._folder, self._params = folder, params
        self._due: list[Path] = []
        self._look_at_s = 0.0
        self._done: dict[Path, int] = {}
        """When the folders in which nothing is left to do were changed last, as the disk has it."""

    def step(self, now_s: float) -> Path | None:
        """Make the next merge that is due; the file. None where there is none, or where another one is at it.

        Blocks for as long as it takes to read and write `merged_mib`. What can't be merged is logged and stays
        as it is. `now_s` is the wall clock, by which files have their times.
        """
        with _alone(self._folder) as alone:
            if not alone:
                return None
            if not self._due and now_s >= self._look_at_s:
                self._look_at_s = now_s + self._params.merge_look_s
                self._due = closed(self._folder, self._params.merge_after_days)
            while self._due:
                merged = self._tried(self._due[-1], now_s)
                if merged is not None:
                    return merged
                if self._due:
                    self._due.pop()
        return None

    def _tried(self, place: Path, now_s: float) -> Path | None:
        try:
            return self._visit(place, now_s)
        except (OSError, pa.ArrowException) as error:
            log.warning("the files in %s are not merged: %s", place, error)
            if isinstance(error, OSError) and error.errno in _DISK:
                # The disk, and not a file: it would say the same of every other folder.
                self._due.clear()
            else:
                self._done[place] = place.stat().st_mtime_ns
        return None

    def _visit(self, place: Path, now_s: float) -> Path | None:
        if self._done.get(place) == place.stat().st_mtime_ns:
            return None
        finish(place)
        changed = place.stat().st_mtime_ns
        files = files_of(place)
        written = [path.stat().st_mtime for path in files if _WRITTEN.fullmatch(path.name)]
        if any(changed_s > now_s - self._params.merge_quiet_s for changed_s in written):
            return None
        settled = [path for path in files if self._is_settled(path)]
        sources = joining.fitting(settled, self._params.merged_mib * MIB)
        if len(sources) >= 2:
            return merge(self._folder, place, sources)
        if len(settled) == len(files):
            self._done[place] = changed
        return None

    def _is_settled(self, path: Path) -> bool:
        """Whether nobody will ever change this file: its partition's mark is beyond it."""
        written = _WRITTEN.fullmatch(path.name)
        if written is None:
            return _MERGED.fullmatch(path.name) is not None
        return int(written["last"]) < (mark_of(self._folder, written["stem"]).position or 0)


def closed(folder: Path, after_days: int) -> list[Path]:
    """The folders of a kind of all dates that are so many days before the newest; the oldest are last."""
    dates = {path: day for path in folder.glob("date=*") if (day := _day(path)) is not None}
    if not dates:
        return []
    over = max(dates.values()) - timedelta(days=after_days)
    found = sorted((path for path, day in dates.items() if day <= over), reverse=True)
    return [place for path in found for place in sorted(path.glob("kind=*"), reverse=True)]


def _day(path: Path) -> date | None:
    """The date of a folder; None where somebody has put another one there."""
    with suppress(ValueError):
        return date.fromisoformat(path.name.removeprefix("date="))
    return None


def merge(folder: Path, place: Path, sources: Sequence[Path]) -> Path:
    """Have one file in place of several, at least two, of one schema. Raises `OSError` and what Arrow raises."""
    generation = merging(place).generation + 1
    name = f"merged-{generation:07}.parquet"
    try:
        joining.join(sources, hidden(place, name))
    except (OSError, pa.ArrowException):
        # The next visit would remove it as well, but a full disk needs the space now.
        with suppress(OSError):
            hidden(place, name).unlink(missing_ok=True)
        raise
    note_merged(folder, _reached(sources))
    _say(place, Merging(generation, name, tuple(path.name for path in sources)))
    finish(place)
    return place / name


def finish(place: Path) -> None:
    """Go on from a commit that has been made, and remove what has not been committed."""
    found = merging(place)
    if found.replaces:
        merged = place / found.merged
        if hidden(place, found.merged).exists():
            hidden(place, found.merged).replace(merged)
            sync(place)
        if not merged.exists():
            raise pa.ArrowInvalid(f"{merged} is gone; {manifest(place)} names the files that it was made of")
        for name in found.replaces:
            (place / name).unlink(missing_ok=True)
        sync(place)
        _say(place, Merging(found.generation))
    for left in (*place.glob(".merged-*"), *place.glob("..merging*")):
        left.unlink()


def _say(place: Path, what: Merging) -> None:
    replace_bytes(manifest(place), msgspec.json.encode(what))


def _reached(sources: Sequence[Path]) -> dict[str, int]:
    """The last offset of each partition, by what precedes it in the names. Of merged files it is noted already."""
    found: dict[str, int] = {}
    for path in sources:
        written = _WRITTEN.fullmatch(path.name)
        if written is not None:
            found[written["stem"]] = max(int(written["last"]), found.get(written["stem"], -1))
    return found


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else merges in this archive; then nobody begins to."""
    path = folder / ".positions" / "merging.lock"
    if not path.parent.is_dir():
        yield False
        return
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
