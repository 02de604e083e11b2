"""Which files of a date and kind count, while small ones are being merged into one: what readers go by.

`.merging.json` beside the files says which merged file takes the place of which others. It is put there whole
when the merged file is, still under a name with a dot, and from that moment the merged one counts and the
others don't, whatever names are there. When the merged file has its name and the others are gone it is put
there again, and names none. Its generation grows with each merge: it is the same before and after a listing only
where nothing was merged meanwhile.

So whoever lists by `files_of` has every event once, at any moment and after any crash. Whoever lists the folder
by other means has every event at least once, and twice those that are just being merged, for as long as the
small files take to be removed: there, keep one row of each topic, partition and offset.
"""

from pathlib import Path

import msgspec

from streams.errors import StoreUnavailable

TRIES = 100
SUFFIX = ".parquet"


class Merging(msgspec.Struct, frozen=True):
    """The last merge of a folder. While `replaces` has names, `merged` counts in their place."""

    generation: int = 0
    merged: str = ""
    replaces: tuple[str, ...] = ()


def manifest(place: Path) -> Path:
    return place / ".merging.json"


def hidden(place: Path, merged: str) -> Path:
    """Where a merged file is before it has its name."""
    return place / f".{merged}"


def merging(place: Path) -> Merging:
    """What is being merged in a folder of one date and kind."""
    try:
        return msgspec.json.decode(manifest(place).read_bytes(), type=Merging)
    except FileNotFoundError:
        return Merging()


def files_of(place: Path) -> list[Path]:
    """The files of one date and kind that have every event once, in the order of their names.

    One of them may be merged before it is opened: on `FileNotFoundError` list anew. Raises `StoreUnavailable`
    where merges follow one another faster than a folder can be listed.
    """
    for _ in range(TRIES):
        before = merging(place)
        names = {path.name for path in place.glob(f"*{SUFFIX}") if not path.name.startswith(".")}
        if merging(place) == before:
            return sorted(_counting(place, names, before))
    raise StoreUnavailable(f"{place} is merged all the time; try again")


def _counting(place: Path, names: set[str], found: Merging) -> set[Path]:
    if not found.replaces:
        return {place / name for name in names}
    merged = place / found.merged if found.merged in names else hidden(place, found.merged)
    return {place / name for name in names - {*found.replaces, found.merged}} | {merged}
