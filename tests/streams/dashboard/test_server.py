"""The server's process: what it takes from the settings, and how it ends."""

import http.client
import logging
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from streams.dashboard.params import BoardParams
from streams.dashboard.server import frozen_ms
from streams.settings import Settings
from tests.support.board_server import States, parts, served


def test_the_freeze_is_that_of_the_rebalancing() -> None:
    settings = Settings()
    rebalancing = replace(settings.decisions.rebalancing, order_frozen_s=1_200.0)
    changed = replace(settings, decisions=replace(settings.decisions, rebalancing=rebalancing))
    assert (frozen_ms(settings), frozen_ms(changed)) == (3_600_000, 1_200_000)


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
