"""Read the archive as tables: the one history for training, reports and replay."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from streams.archive.kinds import schema
from streams.archive.merged import TRIES, files_of
from streams.errors import BadInput, StoreUnavailable


def read(folder: Path, kind: str, *, since: date | None = None, until: date | None = None) -> pd.DataFrame:
    """All events of a kind, in the order of topic, partition and offset; `since` and `until` are both included.

    They are dates of the events' own times in UTC (`files.py` says why). Each event is there once, also while
    files are merged. Raises `BadInput` where the folder is no archive or the kind is none.
    """
    if not folder.is_dir():
        raise BadInput(f"there is no archive at {folder}; is archive.folder right?")
    try:
        columns = schema(kind)
    except KeyError:
        raise BadInput(f"there is no kind of event {kind!r}; here are {', '.join(kinds(folder))}") from None
    places = [
        place
        for place in sorted(folder.glob(f"date=*/kind={kind}"))
        if _within(place.parent.name.removeprefix("date="), since, until)
    ]
    frame: pd.DataFrame = _table(places, columns).to_pandas()
    return frame.sort_values(["topic", "partition", "offset"], ignore_index=True)


def _table(places: Sequence[Path], columns: pa.Schema) -> pa.Table:
    for _ in range(TRIES):
        files = [str(path) for place in places for path in files_of(place)]
        try:
            return ds.dataset(files, schema=columns, format="parquet").to_table()
        except FileNotFoundError:
            # Merged since it was listed: the next list has what it was merged into.
            continue
    raise StoreUnavailable("the archive is merged all the time; try again")


def kinds(folder: Path) -> list[str]:
    """The kinds that the archive has."""
    return sorted({path.name.removeprefix("kind=") for path in folder.glob("date=*/kind=*")})


def _within(day: str, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since.isoformat()) and (until is None or day <= until.isoformat())
