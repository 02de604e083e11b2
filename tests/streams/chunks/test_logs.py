"""What an operator gets to read."""

import io
import logging
from collections.abc import Iterator

import pytest

from streams.chunks import logs


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def out(complaints: list[str]) -> Iterator[io.StringIO]:
    """Where the log goes; the configuration before is put back."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()
    stream = io.StringIO()
    logs.configure("INFO", complaints.append, stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def read(out: io.StringIO) -> list[str]:
    """The lines without their times."""
    return [line[24:] for line in out.getvalue().splitlines()]


def test_our_own_lines_are_read(out: io.StringIO) -> None:
    logging.getLogger("streams.agents.telemetry").info("reading %d", 3)
    assert read(out) == ["INFO    reading 3"]


def test_a_line_begins_with_its_time(out: io.StringIO) -> None:
    logging.getLogger("streams").warning("here")
    time, _, rest = out.getvalue().partition(" WARNING ")
    assert len(time) == len("2026-01-01 00:00:00,000")
    assert rest == "here\n"


@pytest.mark.parametrize("library", logs.LIBRARIES)
def test_what_libraries_tell_in_passing_is_not(out: io.StringIO, library: str) -> None:
    logging.getLogger(f"{library}.somewhere").info("Joined group")
    assert read(out) == []


def test_a_warning_of_a_library_is(out: io.StringIO, complaints: list[str]) -> None:
    logging.getLogger("aiokafka.cluster").error("Topic %s is not authorized for this client", "technicians")
    assert read(out) == ["ERROR   Topic technicians is not authorized for this client"]
    assert complaints == []


@pytest.mark.parametrize(
    ("logger", "text"),
    [
        ("aiokafka.client", "Unable connect to node with id 1: [Errno 111] Connect call failed"),
        ("aiokafka.consumer.fetcher", "Failed fetch messages from 1: NodeNotReadyError"),
        ("aiokafka.consumer.group_coordinator", "Heartbeat send request failed: Node. Will retry."),
        ("kafka.conn", "Connect attempt returned error 111. Disconnecting."),
        ("librdkafka", "FAIL [rdkafka#producer-1] [thrd:127.0.0.1:9092/1]: Connection refused"),
    ],
)
def test_complaints_about_a_broker_go_to_who_watches_it(
    out: io.StringIO, complaints: list[str], logger: str, text: str
) -> None:
    logging.getLogger(logger).error(text)
    assert read(out) == []
    assert complaints == [text]


@pytest.mark.parametrize(
    ("logger", "text"),
    [
        ("aiokafka.consumer.group_coordinator", "Heartbeat failed for group %s because it is rebalancing"),
        ("faust.transport.consumer", "[^--Fetcher]: Crashed reason=ZeroDivisionError()"),
        ("streams.chunks.consumer", "[^-ChunkConsumer]: Timer commit woke up too late, with a drift of +0.2"),
        ("mode.timers", "Timer commit woke up too late, with a drift of +0.2"),
    ],
)
def test_what_a_rebalance_or_a_failure_brings_along_is_not_read(
    out: io.StringIO, logger: str, text: str
) -> None:
    logging.getLogger(logger).error(text)
    assert read(out) == []


def test_services_of_faust_under_our_name_are_not_us(out: io.StringIO) -> None:
    logging.getLogger("streams.chunks.worker").info("[^ChunkApp]: Starting...")
    assert read(out) == []


def test_a_bug_is_read_with_its_traceback(out: io.StringIO) -> None:
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        logging.getLogger("streams.chunks.handover").error("stopping", exc_info=error)
    assert "Traceback" in out.getvalue()
    assert "ZeroDivisionError: a bug" in out.getvalue()
