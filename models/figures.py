"""The numbers of a risk assessment: many routes through one roll-forward, in blocks that fit the cache.

The chances depend on the seed and the version of the route's plan alone: the same log gives the same figures.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.eta import Inputs
from models.rollforward import Array, Draws, Routes, draws, roll

BLOCK = 64
"""Routes rolled at once."""
_AT = (0.1, 0.5, 0.8, 0.9)
"""Quantiles told of starts; of ends, all but the third."""


class Figures(msgspec.Struct, frozen=True):
    """By route and stop: probability of a late start, its median lateness in minutes, and the quantiles of
    starts and ends in Unix milliseconds. Lists of Python numbers: they are read one by one."""

    late: list[list[float]]
    late_min: list[list[float]]
    times_ms: list[list[list[int]]]


def figures(
    given: Inputs, versions: NDArray[np.int64], seed: int, *, samples: int, day_sigma: float
) -> Figures:
    """All routes, of which each has the version of its plan (R)."""
    routes, closes_s = given.routes, given.closes_s
    late: Array = np.zeros(closes_s.shape, dtype=np.float32)
    times_s = np.zeros((*closes_s.shape, 2 * len(_AT) - 1), dtype=np.float32)
    lengths = np.array([len(chain) for chain in given.stops])
    places = [min(samples - 1, int(share * samples)) for share in _AT]
    for rows, chances in _blocks(lengths, versions, samples, seed):
        stops = int(lengths[rows].max())
        starts, ends = roll(_cut(routes, rows, stops), chances, given.pace, day_sigma=day_sigma)
        closes = closes_s[rows, :stops].T
        late[rows, :stops] = (np.count_nonzero(starts > closes[:, :, None], axis=2) / samples).T
        starts.sort(axis=2)
        ends.sort(axis=2)
        times_s[rows, :stops, : len(_AT)] = starts[:, :, places].swapaxes(0, 1)
        times_s[rows, :stops, len(_AT) :] = ends[:, :, [places[0], places[1], places[3]]].swapaxes(0, 1)
    late_min = (times_s[:, :, 1] - closes_s) / 60
    times_ms = np.rint(times_s.astype(np.float64) * 1000).astype(np.int64) + given.origin_ms
    columns: list[Any] = [late.tolist(), late_min.tolist(), times_ms.tolist()]
    return Figures(*columns)


def _blocks(
    lengths: NDArray[np.int64], versions: NDArray[np.int64], samples: int, seed: int
) -> Iterator[tuple[NDArray[np.intp], Draws]]:
    """Rows of one plan version and of about one length, with their chances."""
    for version in np.unique(versions).tolist():
        rows = np.flatnonzero((versions == version) & (lengths > 0))
        if not rows.size:
            continue
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        chances = draws(seed ^ version, int(lengths[rows].max()), samples)
        for at in range(0, len(rows), BLOCK):
            yield rows[at : at + BLOCK], chances


def _cut(routes: Routes, rows: NDArray[np.intp], stops: int) -> Routes:
    return Routes(
        free_s=routes.free_s[rows],
        leg_s=routes.leg_s[rows, :stops],
        spread=routes.spread[rows, :stops],
        work_s=routes.work_s[rows, :stops],
        opens_s=routes.opens_s[rows, :stops],
        slow=routes.slow[rows, :stops],
        break_from_s=routes.break_from_s[rows],
        break_s=routes.break_s[rows],
    )
