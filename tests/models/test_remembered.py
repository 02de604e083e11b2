"""A duration model that remembers its answers."""

from collections.abc import Sequence

import numpy as np

from features.duration import Asked
from models.duration import BaselineDurations
from models.remembered import Remembered
from models.rollforward import Array


class Counted:
    """A duration model that tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def quantiles(self, asked: Sequence[Asked]) -> Array:
        self.asked += asked
        return BaselineDurations().quantiles(asked)


def question(number: int, jobs_before: int = 0) -> Asked:
    return Asked("repair", f"t{number}", 9.0, 1, 3, 600.0 * (1 + number), jobs_before)


def test_each_question_is_asked_once() -> None:
    model = Counted()
    remembered = Remembered(model)
    first = remembered.quantiles([question(1), question(2), question(1)])
    again = remembered.quantiles([question(2), question(3), question(1)])
    assert model.asked == [question(1), question(2), question(3)]
    assert np.array_equal(again[[2, 0]], first[:2])


def test_another_state_of_the_day_is_another_question() -> None:
    model = Counted()
    remembered = Remembered(model)
    remembered.quantiles([question(1)])
    remembered.quantiles([question(1, jobs_before=1)])
    assert len(model.asked) == 2


def test_it_says_what_the_model_says_also_after_it_was_full() -> None:
    remembered = Remembered(Counted(), most=4)
    for begin in range(6):
        asked = [question(number) for number in range(begin, begin + 3)]
        assert np.array_equal(remembered.quantiles(asked), BaselineDurations().quantiles(asked))


def test_no_question_has_no_answer() -> None:
    assert Remembered(BaselineDurations()).quantiles([]).shape == (0, 11)
