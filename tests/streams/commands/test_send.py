"""`headway send`, on the embedded broker: what is sent, what is told, and how it ends."""

from pathlib import Path

import pytest

from streams.adapters.log import LogReader
from streams.settings import Settings
from streams.topics import Topics
from tests.support.cli import Headway, mistake
from tests.support.ingest import BAD, DECISION, OFFICE, PING, TICK


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def values(settings: Settings, topic: str) -> list[bytes | None]:
    with LogReader(settings, topic) as reader:
        return [record.value for record in reader.to_end()]


def test_a_day_and_the_pings_of_it_go_to_their_logs(headway: Headway, settings: Settings, file: Path) -> None:
    file.write_bytes(b"\n".join([*OFFICE, PING]))
    said = headway("send", str(file))
    assert (said.code, said.lines) == (0, ["6 events sent, 0 rejected"])
    assert values(settings, Topics.of(settings).territories) == list(OFFICE)
    assert values(settings, Topics.of(settings).technicians) == [PING]


def test_a_rejected_line_ends_it_with_1_and_the_others_are_sent(
    headway: Headway, settings: Settings, file: Path
) -> None:
    file.write_bytes(b"\n".join([PING, BAD, DECISION, OFFICE[0]]))
    said = headway("send", str(file))
    assert said.code == 1
    assert said.lines[0].startswith("line 2: malformed: lat is 91: ")
    assert said.lines[-1] == "2 events sent, 2 rejected (2 malformed); `headway dead-letters list` shows them"
    assert headway("dead-letters", "list").lines[-1] == "2 dead letters, 2 malformed"
    assert values(settings, Topics.of(settings).territories) == [OFFICE[0]]


def test_of_many_rejected_lines_a_few_are_told_and_all_are_counted(
    headway: Headway, settings: Settings, file: Path
) -> None:
    file.write_bytes(b"\n".join([TICK] * 9))
    said = headway("send", str(file))
    assert said.code == 1
    assert said.lines[-2:] == [
        "... and 4 more",
        "0 events sent, 9 rejected (9 malformed); `headway dead-letters list` shows them",
    ]


def test_what_looks_like_commands_to_a_terminal_is_not_obeyed(
    headway: Headway, settings: Settings, file: Path
) -> None:
    file.write_bytes(BAD.replace(b"91", '"\x9b2J\x7f"'.encode()))
    assert not {"\x9b", "\x7f"} & set(headway("send", str(file)).out)


def test_a_file_without_a_line_is_a_mistake(headway: Headway, settings: Settings, file: Path) -> None:
    file.write_bytes(b"\n \n")
    assert "held no event; `docs/events.schema.json`" in mistake(headway("send", str(file)))


def test_a_letter_of_a_territory_has_a_way_back(headway: Headway, settings: Settings, file: Path) -> None:
    file.write_bytes(DECISION)
    headway("send", str(file))
    assert headway("dead-letters", "replay", "--all").lines == [
        "1 dead letter sent back, 1 of them refused again"
    ]
