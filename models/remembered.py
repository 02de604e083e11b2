"""A duration model that remembers what it was asked: a stop ahead is asked about every few minutes, and its
answer stays the same until the day of its technician goes on."""

from collections.abc import Sequence

import numpy as np

from features.duration import Asked
from models.duration import Durations
from models.rollforward import LEVELS, Array


class Remembered:
    """`Durations` over another. It holds the answers to `most` questions; when they are full it begins anew."""

    def __init__(self, durations: Durations, most: int = 65_536) -> None:
        self._durations, self._most = durations, most
        self._places: dict[Asked, int] = {}
        self._answers: Array = np.empty((0, len(LEVELS)), dtype=np.float32)

    def quantiles(self, asked: Sequence[Asked]) -> Array:
        """(n, K) seconds at `LEVELS`."""
        places = self._places
        at = [places.get(one, -1) for one in asked]
        if -1 in at:
            at = self._learn(asked)
        answers: Array = self._answers[np.array(at, dtype=np.intp)]
        return answers

    def _learn(self, asked: Sequence[Asked]) -> list[int]:
        if len(self._places) + len(asked) > self._most:
            self._places, self._answers = {}, self._answers[:0]
        new = [one for one in dict.fromkeys(asked) if one not in self._places]
        found = np.asarray(self._durations.quantiles(new), dtype=np.float32)
        self._places.update({one: len(self._places) + at for at, one in enumerate(new)})
        self._answers = np.concatenate([self._answers, found])
        return [self._places[one] for one in asked]
