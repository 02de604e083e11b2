"""Files of events: how their lines are read, sent and reported."""

import gzip
import io
import os
import threading
from pathlib import Path

import pytest

from streams.errors import BadInput, BrokerUnavailable
from streams.ingest.door import MAX_LETTER_BYTES, Door
from streams.ingest.files import BadLine, Report, numbered, opened, send
from streams.ports import Message
from tests.support.ingest import BAD, NOW_MS, PING, STATUS, TICK


class KeepingWriter:
    """Keeps what is sent; `breaks_after` so many messages Kafka is away."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.sent: list[Message] = []
        self.confirmed = 0
        self._breaks_after = breaks_after

    def send(self, message: Message) -> None:
        if len(self.sent) == self._breaks_after:
            raise BrokerUnavailable("Kafka at 127.0.0.1:1 does not answer.")
        self.sent.append(message)

    def flush(self) -> None:
        self.confirmed = len(self.sent)


@pytest.fixture
def writer() -> KeepingWriter:
    return KeepingWriter()


def sent_from(path: Path | None, door: Door, writer: KeepingWriter, given: bytes = b"") -> Report:
    with opened(path, io.BufferedReader(io.BytesIO(given))) as source:
        return send(door, source, writer, lambda: NOW_MS, lambda done: None)


def file_of(folder: Path, content: bytes, name: str = "events.ndjson") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_good_lines_are_sent_and_bad_ones_are_dead_letters_named_by_line(
    tmp_path: Path, door: Door, writer: KeepingWriter
) -> None:
    path = file_of(tmp_path, b"\n".join([PING, b"", BAD, TICK, STATUS]))
    report = sent_from(path, door, writer)
    assert (report.sent, report.rejected) == (2, {"malformed": 2})
    assert [bad.number for bad in report.bad_lines] == [3, 4]
    assert isinstance(report.bad_lines[0], BadLine)
    topics = [message.topic.removeprefix("headway.") for message in writer.sent]
    assert topics == ["technicians", "dead-letters", "dead-letters", "technicians"]
    assert writer.confirmed == 4


@pytest.mark.parametrize("name", ["events.ndjson.gz", "named_otherwise.ndjson"])
def test_packed_files_are_known_by_their_content(
    tmp_path: Path, door: Door, writer: KeepingWriter, name: str
) -> None:
    path = file_of(tmp_path, gzip.compress(PING + b"\r\n" + STATUS + b"\r\n", mtime=0), name)
    assert sent_from(path, door, writer).sent == 2
    assert [message.value for message in writer.sent] == [PING, STATUS]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_read_in_the_same_way(door: Door, writer: KeepingWriter, pack: object) -> None:
    assert sent_from(None, door, writer, pack(PING + b"\n" + STATUS)).sent == 2


def test_a_named_pipe_is_read_as_well(tmp_path: Path, door: Door, writer: KeepingWriter) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    filling = threading.Thread(target=pipe.write_bytes, args=(b"\n".join([PING] * 500),))
    filling.start()
    assert sent_from(pipe, door, writer).sent == 500
    filling.join()


def test_only_the_first_bad_lines_are_told_and_all_are_counted(
    tmp_path: Path, door: Door, writer: KeepingWriter
) -> None:
    old = PING[:-1] + b',"v":2}'
    report = sent_from(file_of(tmp_path, b"\n".join([BAD] * 20 + [old])), door, writer)
    assert (report.sent, report.rejected) == (0, {"malformed": 20, "unsupported_version": 1})
    assert [bad.number for bad in report.bad_lines] == [1, 2, 3, 4, 5]


def test_a_huge_line_does_not_fill_the_memory_and_the_next_one_is_read(
    tmp_path: Path, door: Door, writer: KeepingWriter
) -> None:
    huge = b"x" * (3 * MAX_LETTER_BYTES + 7)
    with opened(file_of(tmp_path, huge + b"\n" + PING), io.BytesIO()) as source:
        lines = list(numbered(source))
    assert [(number, len(line)) for number, line in lines] == [(1, MAX_LETTER_BYTES + 1), (2, len(PING))]


def test_a_missing_file_is_named(tmp_path: Path, door: Door, writer: KeepingWriter) -> None:
    with pytest.raises(BadInput, match=r"no\.ndjson: No such file"):
        sent_from(tmp_path / "no.ndjson", door, writer)
    with pytest.raises(BadInput, match="directory"):
        sent_from(tmp_path, door, writer)


def test_an_array_is_not_lines_and_nothing_is_sent(tmp_path: Path, door: Door, writer: KeepingWriter) -> None:
    with pytest.raises(BadInput, match="jq"):
        sent_from(file_of(tmp_path, b"\n[\n" + PING + b"]"), door, writer)
    assert not writer.sent


@pytest.mark.parametrize("broken", [lambda packed: packed[:-9], lambda packed: packed[:20] + b"\xff" * 40])
def test_a_broken_file_is_told_and_what_was_good_is_sent(
    tmp_path: Path, door: Door, writer: KeepingWriter, broken: object
) -> None:
    path = file_of(tmp_path, broken(gzip.compress(PING + b"\n" + STATUS + b"\n", mtime=0)))
    with pytest.raises(BadInput, match="is broken"):
        sent_from(path, door, writer)
    assert writer.confirmed == len(writer.sent)


def test_when_kafka_goes_away_the_line_to_go_on_from_is_named(tmp_path: Path, door: Door) -> None:
    path = file_of(tmp_path, b"\n".join([PING] * 12_000))
    with pytest.raises(BrokerUnavailable, match=r"does not answer\. Of .*, send line 10001 and on again"):
        sent_from(path, door, KeepingWriter(breaks_after=11_000))


def test_progress_is_told_in_bytes_of_the_file(tmp_path: Path, door: Door, writer: KeepingWriter) -> None:
    path = file_of(tmp_path, b"\n".join([PING] * 5_000))
    told: list[int] = []
    with opened(path, io.BytesIO()) as source:
        send(door, source, writer, lambda: NOW_MS, told.append)
        assert source.size_bytes == path.stat().st_size
    assert told == sorted(told)
    assert 0 < told[-1] <= path.stat().st_size
