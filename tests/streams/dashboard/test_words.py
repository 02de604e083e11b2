"""Times and figures as people read them."""

import pytest

from features.territory_events import Reason
from streams.dashboard.words import Hours, minutes, percent, reason, short_id, short_name, slug, span


def test_times_are_those_of_the_zone() -> None:
    assert Hours("America/Phoenix").hour(1_773_730_800_000) == "00:00"
    assert Hours("Europe/Berlin").hour(1_773_730_800_000) == "08:00"
    assert Hours("America/Phoenix").day(1_773_730_800_000) == "Tue 17 Mar"


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0"), (0.001, "1"), (0.5, "50"), (0.999, "99"), (1.0, "100")]
)
def test_only_what_is_certain_is_called_certain(share: float, said: str) -> None:
    assert percent(share) == f"{said}\u00a0%"


@pytest.mark.parametrize(("number", "said"), [(31.4, "+31 min"), (-28.0, "−28 min"), (0.2, "0 min")])  # noqa: RUF001
def test_minutes_say_their_direction(number: float, said: str) -> None:
    assert minutes(number) == said


def test_reasons_name_what_they_come_from() -> None:
    assert reason(Reason("overrun", 22, "A-187")) == "overrun at A-187 +22"
    assert reason(Reason("late_predecessor", 11, "A-214")) == "follows A-214 +11"
    assert reason(Reason("no_data", 5)) == "no data +5"


@pytest.mark.parametrize(
    ("name", "short"),
    [("A-214", "A-214"), ("job-20260317-0105", "0105"), ("longerthaneight", "longerthaneight")],
)
def test_long_names_of_appointments_are_shortened_to_their_last_part(name: str, short: str) -> None:
    assert short_id(name) == short


def test_family_names_are_found_in_both_orders() -> None:
    assert (short_name("Becker, Tom"), short_name("Tom Becker"), short_name("")) == ("Becker", "Becker", "")


def test_any_name_makes_an_id_and_no_two_the_same() -> None:
    names = ["ana", "ana b", "ana/b", 'ana"b', "Ána", "x"]
    assert len({slug(name) for name in names}) == len(names)
    assert all(slug(name).isascii() and " " not in slug(name) and '"' not in slug(name) for name in names)


def test_spans_count_down_in_minutes_and_seconds() -> None:
    assert (span(250_000), span(-1), span(7_200_000)) == ("4:10", "0:00", "2 h")
