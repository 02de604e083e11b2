"""The server's process, and how it ends."""

import http.client
import logging
from urllib.parse import urlsplit

import pytest

from streams.dashboard.params import BoardParams
from tests.support.board_server import States, parts, served


def test_a_page_that_listens_when_the_board_stops_is_let_go_without_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The server's log does not propagate where somebody configured it before.
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    try:
        with served(parts(States(), BoardParams(port=0, beat_s=600, stream_s=600))) as url:
            listening = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
            listening.request("GET", "/live")
            answer = listening.getresponse()
            assert answer.read(12) == b"retry: 1000\n"
        rest = answer.read()
    finally:
        log.removeHandler(caplog.handler)
    assert b"event: changed" in rest
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
