"""The board over states in memory: a client without a browser, and a page in a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from streams.dashboard.params import BoardParams
from tests.support.board_server import Shown, States, board, parts, served
from tests.support.http import Client

expect.set_options(timeout=20_000)


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
def client(states: States) -> Iterator[Client]:
    with board(states) as running:
        yield running


@pytest.fixture
def shown(browser: Browser) -> Iterator[Shown]:
    states, errors = States(), list[str]()
    made = parts(states, BoardParams(port=0, beat_s=0.2, refresh_every_s=0.3))
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    with served(made) as url:
        yield Shown(page, url, made, states)
        page.close()
    assert errors == []
