"""The board in a real Chromium, on a real Kafka and Redis, with the real agents that decide behind it."""

import os
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from features.events import Tick
from features.plan import Job, Shift
from features.territory_events import (
    AppointmentCancelled,
    AppointmentRequested,
    RoutesPlanned,
    ShiftPlanned,
    TerritoryInbound,
)
from features.wire import Place
from streams import topics
from streams.adapters.log import write_all
from streams.codec import encode
from streams.day_codec import key_of
from streams.embedded.guarded import Guarded, free_port
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings, variables
from streams.topics import Topics
from tests.support.chaos import Supervised

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

EIGHT_MS = 1_773_759_600_000
"""8:00 in Phoenix, 17 March 2026."""
WITHIN_S = 30.0
HOME = Place(33.45, -112.07)
TECHNICIANS = {"ana": "Ana Lund", "ben": "Ben Ortiz", "cy": "Cy Rao"}


class System:
    """The board and the rebalance agent, each in a process of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self._folder, self.port = settings, folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._worker = Supervised(settings, folder / "rebalance.log", role="rebalance")
        self._board = self._started()

    def say(self, *events: TerritoryInbound) -> None:
        """On the log of territories; a tick to each partition."""
        topic, parts = Topics.of(self.settings).territories, self.settings.kafka.partitions
        write_all(
            self.settings,
            [
                Message(topic, key_of(event), encode(event), partition, event.time_ms)
                for event in events
                for partition in (range(parts) if isinstance(event, Tick) else (None,))
            ],
        )

    def wait(self) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not (self._worker.at_work() and self._answers()):
            assert time.monotonic() < deadline, self._board.tail(30)
            self._worker.check()
            time.sleep(0.1)

    def stop_board(self) -> None:
        self._board.stop()

    def board_log(self) -> str:
        return (self._folder / "board.log").read_text()

    def start_board(self) -> None:
        self._board = self._started()

    def end(self) -> None:
        self._board.stop()
        self._worker.end()

    def _started(self) -> Guarded:
        command = [sys.executable, "-m", "streams.cli", "board", "--port", str(self.port)]
        environ = {**os.environ, **variables(self.settings)}
        return Guarded(command, self._folder / "board.log", environ=environ)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="module")
def system(
    kafka: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[System]:
    made = Settings(namespace="test-board", kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))
    topics.ensure(made, history=True)
    running = System(made, tmp_path_factory.mktemp("board"))
    try:
        running.wait()
        yield running
    finally:
        running.end()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """No page may have an error in its scripts."""
    errors: list[str] = []
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(WITHIN_S * 1000)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


expect.set_options(timeout=WITHIN_S * 1000)


def at(minutes: float) -> int:
    return EIGHT_MS + round(minutes * 60_000)


def job(name: str, window: tuple[float, float], **more: object) -> Job:
    said: dict[str, object] = {"title": f"Work at {name}"} | more
    return Job(
        appointment=name,
        place=HOME,
        window_start_ms=at(window[0]),
        window_end_ms=at(window[1]),
        expected_s=2_400.0,
        **said,  # type: ignore[arg-type]
    )


def morning(territory: str, **more: object) -> Sequence[TerritoryInbound]:
    """Three technicians; Ana has two appointments, Ben one, Cy none. Names are those of this territory."""
    shift = Shift(start_ms=at(0), end_ms=at(540), start=HOME, end=HOME)
    said: list[TerritoryInbound] = [
        ShiftPlanned(
            territory=territory, time_ms=at(0), technician=f"{who}-{territory}", shift=shift, name=name
        )
        for who, name in TECHNICIANS.items()
    ]
    for name, window in {"a1": (30, 90), "a2": (120, 180), "b1": (60, 120)}.items():
        wanted = job(name, window, **more)
        said.append(AppointmentRequested(territory=territory, time_ms=at(0), job=wanted))
    routes = {f"ana-{territory}": ("a1", "a2"), f"ben-{territory}": ("b1",)}
    return [*said, RoutesPlanned(territory=territory, time_ms=at(0), routes=routes), Tick(time_ms=at(1))]


def emergency(territory: str) -> Sequence[TerritoryInbound]:
    wanted = job("e1", (30, 120), emergency=True, priority=1)
    return [AppointmentRequested(territory=territory, time_ms=at(2), job=wanted), Tick(time_ms=at(3))]


def test_an_accepted_proposal_changes_the_route_on_the_page_that_stays(system: System, page: Page) -> None:
    system.say(*morning("accepting"), *emergency("accepting"))
    page.goto(f"{system.url}/t/accepting")
    expect(page.locator("#proposal .summary")).to_contain_text("e1")
    expect(page.locator("#row--nobody #bar-e1")).to_be_visible()
    page.evaluate("window.stays = true")
    page.locator("body").press("Enter")
    # The plan takes it up a moment later: until then nothing is there to press any more.
    expect(page.locator("#accept:enabled")).to_have_count(0, timeout=500)
    expect(page.locator(".row:not(#row--nobody) #bar-e1")).to_be_visible()
    expect(page.locator("#row--nobody")).to_have_count(0)
    expect(page.locator("#feed")).to_contain_text("The board accepted the proposal")
    expect(page.locator("#feed")).to_contain_text("The proposal is applied")
    assert page.evaluate("window.stays")


def test_a_rejected_proposal_disappears_and_its_reason_stands_in_the_feed(system: System, page: Page) -> None:
    system.say(*morning("rejecting"), *emergency("rejecting"))
    page.goto(f"{system.url}/t/rejecting")
    expect(page.locator("#accept")).to_be_visible()
    page.locator("body").press("r")
    page.locator("#why").fill("The customer will <call> back")
    page.locator("#why").press("Enter")
    expect(page.locator("#proposal .summary")).to_have_text("No proposal is open.")
    expect(page.locator("#feed")).to_contain_text("The customer will <call> back")
    expect(page.locator("#row--nobody #bar-e1")).to_be_visible()


def test_a_pin_is_drawn_and_can_be_let_go_on_the_page_that_stays(system: System, page: Page) -> None:
    system.say(*morning("pinning"))
    page.goto(f"{system.url}/t/pinning?appointment=a1")
    expect(page.locator("#pin")).to_have_text("Pin")
    page.evaluate("window.stays = true")
    page.locator("#pin").click()
    expect(page.locator("#bar-a1 .pin")).to_be_visible()
    expect(page.locator("#pin")).to_have_text("Unpin")
    page.locator("#pin").click()
    expect(page.locator("#bar-a1 .pin")).to_have_count(0)
    expect(page.locator("#pin")).to_have_text("Pin")
    assert page.evaluate("window.stays")


def test_a_page_survives_a_restart_of_the_server_and_misses_nothing(system: System, page: Page) -> None:
    system.say(*morning("restarting"))
    page.goto(f"{system.url}/t/restarting")
    expect(page.locator("#bar-a2")).to_be_visible()
    page.evaluate("window.stays = true")
    system.stop_board()
    assert "Traceback" not in system.board_log()
    expect(page.locator("#lost")).to_contain_text("Connection lost since")
    expect(page.locator("body.away")).to_be_visible()
    system.say(
        AppointmentCancelled(territory="restarting", time_ms=at(5), appointment="a2"), Tick(time_ms=at(6))
    )
    system.start_board()
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#bar-a2")).to_have_count(0)
    expect(page.locator("#feed")).to_contain_text("a2 was cancelled")
    assert page.evaluate("window.stays")


def test_what_somebody_typed_is_shown_as_text(system: System, page: Page) -> None:
    hostile = '<img src=x onerror="window.stolen=1"></title><script>window.stolen=1</script>\'}{{7*7}}'
    system.say(*morning("hostile", title=hostile), *emergency("hostile"))
    page.goto(f"{system.url}/t/hostile?appointment=a1")
    expect(page.locator("#accept")).to_be_visible()
    page.wait_for_selector("#map[data-drawn]")
    assert hostile in (page.locator("#bar-a1 title").text_content() or "")
    assert page.evaluate("window.stolen") is None
    assert page.locator("img[src=x]").count() == 0
