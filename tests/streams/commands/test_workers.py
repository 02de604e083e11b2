"""Which logs each role reads."""

import pytest

from streams.commands.running import ROLES
from streams.commands.workers import logs_of
from streams.settings import Settings
from streams.topics import READERS, group_of

SETTINGS = Settings(namespace="x")
READING = [role for role in ROLES if role != "http"]


@pytest.mark.parametrize("ticks", [True, False])
def test_the_roles_read_what_the_table_of_readers_says(ticks: bool) -> None:
    found = [options for role in READING for options, _ in logs_of(role, SETTINGS, ticks=ticks)]
    assert {options.role: options.topic for options in found} == {
        reader: f"x.{topic.name}" for reader, topic in READERS.items()
    }
    assert [options.group for options in found] == [group_of(SETTINGS, options.role) for options in found]
    assert len(found) == len(READERS)


def told(role: str, *, ticks: bool) -> set[bool]:
    return {options.tick_every_s is not None for options, _ in logs_of(role, SETTINGS, ticks=ticks)}


@pytest.mark.parametrize("role", ["telemetry", "rebalance"])
def test_those_who_own_a_clock_say_the_time_unless_the_log_has_its_own(role: str) -> None:
    assert (told(role, ticks=True), told(role, ticks=False)) == ({True}, {False})


def test_the_archive_looks_at_the_clock_whatever_the_log_has() -> None:
    assert told("archive", ticks=False) == {True}


@pytest.mark.parametrize("role", ["risk", "dispatch"])
def test_others_hear_the_time_on_their_log(role: str) -> None:
    assert told(role, ticks=True) == {False}
