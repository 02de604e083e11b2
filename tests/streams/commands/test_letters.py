"""`headway dead-letters`: list, show and replay, on a topic that also holds what is no letter."""

from pathlib import Path
from typing import Any

import pytest

from features.rejection import Rejection
from streams.adapters.log import LogReader, write_all
from streams.dead_letters import OUTSIDE, dead_letter
from streams.ingest.door import Arrival
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics
from tests.support.cli import Headway, mistake
from tests.support.ingest import PING


def letter(
    settings: Settings, offset: int, value: bytes | None = b"junk", reason: Any = "malformed", **more: Any
) -> Message:
    """The letter of a record of `technicians`, partition 1."""
    names = Topics.of(settings)
    came = Arrival(offset, 1_750_000_000_000 + offset, more.get("key", b"ada"), value, ())
    source = more.get("source", names.technicians)
    rejection = Rejection(reason, more.get("detail", "it is junk"))
    return dead_letter(names.dead_letters, source, more.get("partition", 1), came, rejection)


def foreign(settings: Settings) -> Message:
    return Message(Topics.of(settings).dead_letters, b"k", b"foreign", headers=(("reason", b"\xff"),))


def put(settings: Settings, *messages: Message) -> None:
    """One after another, so that they stand in this order."""
    write_all(settings, messages)


def returned(settings: Settings) -> list[tuple[bytes | None, bytes | None, int, int]]:
    with LogReader(settings, Topics.of(settings).technicians) as reader:
        return [(one.key, one.value, one.partition, one.timestamp) for one in reader.to_end()]


def ids(headway: Headway, *words: str) -> list[str]:
    lines = headway("dead-letters", "list", *words).lines
    return [line.split()[0] for line in lines if line[:1].isdigit() and ":" in line.split()[0]]


def test_without_any_there_is_nothing_to_list_or_replay(headway: Headway, settings: Settings) -> None:
    assert headway("dead-letters", "list").lines == ["0 dead letters"]
    assert headway("dead-letters", "replay", "--all").lines == ["0 dead letters sent back"]


def test_the_list_says_reasons_sources_and_counts(headway: Headway, settings: Settings) -> None:
    put(settings, letter(settings, 1), letter(settings, 2, reason="future", key=b"bo"), letter(settings, 1))
    lines = headway("dead-letters", "list").lines
    assert len(lines) == 4
    assert f"{settings.namespace}.technicians:1:1" in lines[1]
    assert "it is junk" in lines[1]
    assert lines[3] == "2 dead letters, 1 malformed, 1 future"


def test_the_list_can_be_narrowed(headway: Headway, settings: Settings) -> None:
    put(settings, *(letter(settings, n, key=b"ada" if n % 2 else b"bo") for n in range(6)))
    put(settings, letter(settings, 9, reason="future"))
    assert headway("dead-letters", "list", "--reason", "future").lines[-1] == "1 dead letter, 1 future"
    assert headway("dead-letters", "list", "--technician", "bo").lines[-1] == "3 dead letters, 3 malformed"
    newest = headway("dead-letters", "list", "--last", "2").lines
    assert ["future" in line for line in newest[1:3]] == [False, True]
    assert newest[-1].startswith("7 dead letters (the last 2 shown; --last N shows more), 6 malformed")
    assert "there is malformed, unsupported_version" in mistake(
        headway("dead-letters", "list", "--reason", "nix")
    )


def test_what_somebody_else_wrote_breaks_neither_the_list_nor_the_replay(
    headway: Headway, settings: Settings
) -> None:
    put(settings, foreign(settings), letter(settings, 1))
    assert "1 unreadable" in headway("dead-letters", "list").lines[-1]
    said = headway("dead-letters", "replay", "--all")
    assert said.lines == ["1 dead letter sent back"]
    assert "1 can't be sent back; the first: " in mistake(said)
    assert len(returned(settings)) == 1


def test_what_looks_like_commands_to_a_terminal_is_shown_and_not_obeyed(
    headway: Headway, settings: Settings
) -> None:
    put(settings, letter(settings, 1, b"\x1b[2Jgone\n", key=b"\x1b]0;x\x07", detail="[red]\x1b[31m\nno"))
    (found,) = ids(headway)
    for said in (headway("dead-letters", "list"), headway("dead-letters", "show", found)):
        assert "\x1b" not in said.out
        assert r"[red]\x1b[31m\nno" in said.out
    assert r"value      \x1b[2Jgone\n" in headway("dead-letters", "show", found).lines


def test_show_tells_a_null_from_nothing(headway: Headway, settings: Settings) -> None:
    put(settings, letter(settings, 1, None, key=None), letter(settings, 2, b""))
    null, nothing = (headway("dead-letters", "show", found).lines for found in ids(headway))
    assert [line for line in null if line[:5] in ("key  ", "value")] == [
        "key        (none)",
        "value      (null)",
    ]
    assert "value" in nothing
    assert "there is no dead letter '7:7'" in mistake(headway("dead-letters", "show", "7:7"))


def test_a_replayed_letter_goes_back_byte_for_byte_and_only_once(
    headway: Headway, settings: Settings
) -> None:
    put(settings, letter(settings, 1, b"\x00\xff"), letter(settings, 2, None, key=None), letter(settings, 1))
    assert headway("dead-letters", "replay", "--all").lines == ["2 dead letters sent back"]
    assert sorted(returned(settings), key=repr) == [
        (None, None, 1, 1_750_000_000_002),
        (b"ada", b"\x00\xff", 1, 1_750_000_000_001),
    ]
    assert headway("dead-letters", "replay", "--all").lines == ["0 dead letters sent back"]
    assert len(returned(settings)) == 2
    assert headway("dead-letters", "list").lines == [
        "0 dead letters",
        "2 more were sent back; --all shows them",
    ]
    assert len(ids(headway, "--all")) == 2


def test_one_letter_is_replayed_by_its_id_and_again_only_when_that_is_said(
    headway: Headway, settings: Settings
) -> None:
    put(settings, letter(settings, 1), letter(settings, 2))
    first, second = ids(headway)
    assert headway("dead-letters", "replay", second).lines == ["1 dead letter sent back"]
    assert ids(headway) == [first]
    assert "--again sends it once more" in mistake(headway("dead-letters", "replay", second))
    assert headway("dead-letters", "replay", second, "--again").code == 0
    assert len(returned(settings)) == 2


def test_letters_of_a_reason_are_replayed_and_the_others_wait(headway: Headway, settings: Settings) -> None:
    put(settings, letter(settings, 1), letter(settings, 2, reason="future"))
    assert headway("dead-letters", "replay", "--reason", "future").lines == ["1 dead letter sent back"]
    assert headway("dead-letters", "list").lines[-2] == "1 dead letter, 1 malformed"


@pytest.mark.parametrize("more", [{"source": "other.technicians"}, {"partition": 99}])
def test_a_letter_that_points_elsewhere_goes_nowhere(
    headway: Headway, settings: Settings, more: dict[str, Any]
) -> None:
    put(settings, letter(settings, 1, **more))
    said = mistake(headway("dead-letters", "replay", "--all"))
    assert "other.technicians" in said or "has no partition 99" in said
    assert returned(settings) == []


def test_what_to_replay_must_be_said_in_one_way(headway: Headway, settings: Settings) -> None:
    for words in ((), ("--all", "--reason", "future"), ("0:1", "--all")):
        said = mistake(headway("dead-letters", "replay", *words))
        assert said == "say which dead letters to replay: an ID, --reason REASON, or --all (one of them)"


def test_what_a_door_turned_away_comes_through_it_again(
    headway: Headway, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"junk\n" + PING)
    assert "1 events sent, 1 rejected" in headway("send", str(file)).out
    assert headway("dead-letters", "replay", "--all").lines == [
        "1 dead letter sent back, 1 of them refused again"
    ]
    # It has taken the place of the first, and waits.
    assert headway("dead-letters", "list").lines[-1] == "1 dead letter, 1 malformed"
    assert len(returned(settings)) == 1


def test_an_event_that_is_good_by_now_goes_to_its_technician(headway: Headway, settings: Settings) -> None:
    put(settings, letter(settings, 1, PING, partition=OUTSIDE, key=None))
    assert headway("dead-letters", "replay", "--all").lines == ["1 dead letter sent back"]
    ((key, value, _, _),) = returned(settings)
    assert (key, value) == (b"t1", PING)
