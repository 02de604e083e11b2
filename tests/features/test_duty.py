"""Duties, as (second, duty)."""

from typing import get_args

from features import duty
from features.duty import Shift
from features.events import Duty, StatusChanged
from tests.support.days import at_ms, status


def serve(*duties: tuple[float, str]) -> tuple[Shift, list[str]]:
    shift, told = Shift(), []
    for second, word in duties:
        shift, made = duty.advance(shift, status(second, word), word, at_ms(second))
        told += [
            one.after if isinstance(one, StatusChanged) else getattr(one, "detail", "outdated")
            for one in made
        ]
    return shift, told


def test_a_shift_with_a_break() -> None:
    day = [(0, "on_shift"), (10, "on_break"), (20, "on_shift"), (30, "off_shift")]
    assert serve(*day)[1] == [word for _, word in day]


def test_a_break_off_shift_is_impossible() -> None:
    shift, told = serve((0, "off_shift"), (10, "on_break"))
    assert shift == Shift("off_shift", at_ms(0))
    assert told == ["off_shift", "duty off_shift -> on_break of technician 'ada'"]


def test_the_same_duty_again_says_nothing_and_an_older_one_is_outdated() -> None:
    shift, told = serve((10, "on_shift"), (20, "on_shift"), (5, "off_shift"))
    assert (shift, told) == (Shift("on_shift", at_ms(10)), ["on_shift", "outdated"])


def test_two_duties_of_one_time_are_no_error() -> None:
    assert serve((0, "off_shift"), (0, "on_break"))[1] == ["off_shift", "outdated"]


def test_the_table_names_every_duty() -> None:
    assert set(duty.NEXT) == {*get_args(Duty), None}
