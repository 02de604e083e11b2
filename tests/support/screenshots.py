"""Pictures of the board with a day made by hand: `python -m tests.support.screenshots FOLDER`."""

import sys
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Page

from streams.dashboard.params import BoardParams
from tests.support import board_day
from tests.support.board_server import States, parts, served
from tests.support.browser import chromium

WIDTHS = {1280: 800, 1440: 900, 1920: 1080}


def settled(page: Page) -> None:
    """Until the map has drawn what the page shows, and every tile of it is there."""
    page.wait_for_selector("#map[data-drawn]")
    page.wait_for_timeout(300)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    params = BoardParams(port=0)
    address = f"/t/{board_day.TERRITORY}?appointment=A-214&sort=name"
    calm = States()
    calm.territories[board_day.TERRITORY] = board_day.calm()
    with chromium() as browser:
        with served(parts(States(), params)) as url:
            for width, height in WIDTHS.items():
                _shoot(browser, url + address, folder / f"board-{width}.png", width, height)
            _shoot(browser, url + address, folder / "board-dark.png", 1440, 900, dark=True)
            _shoot(browser, f"{url}/t/{board_day.TERRITORY}", folder / "board-unselected.png", 1440, 900)
            _shoot(browser, f"{url}/fleet", folder / "fleet.png", 1440, 900)
        with served(parts(calm, params, board_day.NOW_MS + 86_400_000)) as url:
            _shoot(browser, url + address, folder / "board-calm-replay.png", 1440, 900)
        with served(parts(States(), msgspec.structs.replace(params, read_only=True))) as url:
            _shoot(browser, url + address, folder / "board-read-only.png", 1440, 900)


def _shoot(browser: Browser, url: str, path: Path, width: int, height: int, *, dark: bool = False) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page.on("console", lambda said: print(f"{path.name}: {said.type}: {said.text}"))  # noqa: T201
    page.on("pageerror", lambda error: print(f"{path.name}: {error}"))  # noqa: T201
    page.goto(url)
    settled(page)
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
