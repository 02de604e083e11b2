"""Read the archive as tables: the one history for training, reports and replay."""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.dataset as ds

from streams.archive.kinds import schema
from streams.errors import BadInput


def read(folder: Path, kind: str, *, since: date | None = None, until: date | None = None) -> pd.DataFrame:
    """All events of a kind, in the order of topic, partition and offset; `since` and `until` are both included.

    Raises `BadInput` where the folder is no archive or the kind is none.
    """
    if not folder.is_dir():
        raise BadInput(f"there is no archive at {folder}; is archive.folder right?")
    try:
        columns = schema(kind)
    except KeyError:
        raise BadInput(f"there is no kind of event {kind!r}; here are {', '.join(kinds(folder))}") from None
    files = [
        str(path)
        for path in sorted(folder.glob(f"date=*/kind={kind}/*.parquet"))
        if _within(path.parent.parent.name.removeprefix("date="), since, until)
    ]
    table = ds.dataset(files, schema=columns, format="parquet").to_table()
    frame: pd.DataFrame = table.to_pandas()
    return frame.sort_values(["topic", "partition", "offset"], ignore_index=True)


def kinds(folder: Path) -> list[str]:
    """The kinds that the archive has."""
    return sorted({path.name.removeprefix("kind=") for path in folder.glob("date=*/kind=*")})


def _within(day: str, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since.isoformat()) and (until is None or day <= until.isoformat())
