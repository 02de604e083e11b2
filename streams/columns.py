"""Columns of text to values, a whole column at once. What can't be read is marked, with what was needed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.wire import LATEST_MS

SPEEDS: Mapping[str, float] = {"mps": 1.0, "kmh": 1 / 3.6, "mph": 0.44704, "knots": 1852 / 3600}
"""Metres a second in one of each."""
LENGTHS: Mapping[str, float] = {"m": 1.0, "ft": 0.3048}
"""Metres in one of each."""
LONGEST_NAME = 128

_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?"
_OFFSET = r"(?:Z|[+-]\d\d:?\d\d)"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class Column(msgspec.Struct, frozen=True, eq=False):
    """`values` of a column, None where nothing is said; `bad` (booleans) marks what can't be read.

    `need` completes the sentence "column is 'text'; needed is ...".
    """

    values: Sequence[Any]
    bad: NDArray[np.bool_]
    need: str

    def at(self, row: int) -> Any:
        """What a row says, None where that can't be read."""
        return None if self.bad[row] else self.values[row]


Texts: TypeAlias = "pd.Series[str]"


def numbers(texts: Texts, low: float, high: float, *, factor: float = 1.0, required: bool = False) -> Column:
    """Numbers, times `factor`, of which the result lies between `low` and `high`."""
    values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float) * factor
    with np.errstate(invalid="ignore"):
        good = (values >= low) & (values <= high)
    shown = f"a number from {low / factor:g} to {high / factor:g}"
    return _column(texts, np.where(good, values, None), good, shown, required=required)


def integers(texts: Texts, low: int, high: int) -> Column:
    """Whole numbers, exact also where floats are not."""
    values = [int(text) if re.fullmatch(r"\+?\d{1,19}", text) else None for text in texts]
    good = np.array([value is not None and low <= value <= high for value in values], dtype=bool)
    return _column(texts, values, good, f"a whole number from {low} to {high}")


def times(texts: Texts, form: str, zone: str | None) -> Column:
    """Unix milliseconds. `form` is iso8601, unix_s, unix_ms or a pattern of strptime.

    `zone` is where clocks without an offset stand; an hour that they show twice or never is bad.
    """
    if form in ("unix_s", "unix_ms"):
        factor = 1000.0 if form == "unix_s" else 1.0
        column = numbers(texts, 0, LATEST_MS, factor=factor, required=True)
        # The bad ones are dropped later; they only have to pass.
        whole = [0 if value is None else round(value) for value in column.values]
        return Column(whole, column.bad, f"{column.need} ({form})")
    moments = _iso(texts, zone) if form == "iso8601" else _patterned(texts, form, zone)
    epoch_ms = moments.astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    good = moments.notna().to_numpy() & (epoch_ms >= 0) & (epoch_ms <= LATEST_MS)
    told = "" if zone else "; one without an offset needs units.zone"
    return _column(texts, epoch_ms.tolist(), good, f"a time as {form} from 1970 on{told}", required=True)


def names(texts: Texts, prefix: str = "", *, required: bool = False) -> Column:
    """Names, `prefix` before each: not too long, and without control characters."""
    good = {
        text: 0 < len(prefix + text) <= LONGEST_NAME and not _UNPRINTABLE.search(text) for text in set(texts)
    }
    need = f"a name of at most {LONGEST_NAME - len(prefix)} printable characters"
    return _column(texts, (prefix + texts).tolist(), texts.map(good).to_numpy(bool), need, required=required)


def words(texts: Texts, meanings: Mapping[str, Any], *, required: bool = False) -> Column:
    """Words that stand for something else."""
    values = [meanings.get(text) for text in texts]
    good = np.array([value is not None for value in values], dtype=bool)
    return _column(texts, values, good, f"one of {', '.join(meanings)}", required=required)


def _column(
    texts: Texts,
    values: Sequence[Any] | NDArray[Any],
    good: NDArray[np.bool_],
    need: str,
    *,
    required: bool = False,
) -> Column:
    """Where nothing is said there is no value, which is bad only where one is required."""
    empty = (texts == "").to_numpy(dtype=bool)
    said = [None if nothing else value for value, nothing in zip(values, empty, strict=True)]
    return Column(said, ~good & (required | ~empty) | (required & empty), need)


def _iso(texts: Texts, zone: str | None) -> "pd.Series[pd.Timestamp]":
    aware = texts.str.fullmatch(_ISO + _OFFSET).to_numpy(bool)
    moments = pd.to_datetime(texts.where(aware), utc=True, format="ISO8601", errors="coerce")
    local = texts.str.fullmatch(_ISO).to_numpy(bool)
    if zone is None or not local.any():
        return moments
    placed = pd.to_datetime(texts.where(local), format="ISO8601", errors="coerce")
    return moments.where(aware, _placed(placed, zone))


def _patterned(texts: Texts, pattern: str, zone: str | None) -> "pd.Series[pd.Timestamp]":
    if "%z" in pattern:
        return pd.to_datetime(texts, utc=True, format=pattern, errors="coerce")
    placed = pd.to_datetime(texts, format=pattern, errors="coerce")
    return _placed(placed, zone or "UTC")


def _placed(clocks: Any, zone: str) -> "pd.Series[pd.Timestamp]":
    """Clocks on a wall, of that zone, as moments."""
    return clocks.dt.tz_localize(ZoneInfo(zone), ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
