"""A territory may have any name: its page is found, and so is everything on it."""

import http.client
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from streams.dashboard.addresses import named, page_of
from tests.support import board_day
from tests.support.board_server import States, board, commands
from tests.support.http import Client


def asked(client: Client, address: str, form: str | None = None) -> tuple[int, str]:
    """The address exactly as it is, as a browser sends it; the status, and where it leads or what it says."""
    connection = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=30)
    headers = {"origin": client.url, "content-type": "application/x-www-form-urlencoded"}
    connection.request("GET" if form is None else "POST", address, form, headers)
    answer = connection.getresponse()
    said = answer.getheader("location") or answer.read().decode()
    connection.close()
    return answer.status, said


HOSTILE = [
    "..",
    ".",
    "a/b",
    "a/board",
    "../../fleet",
    "/",
    "~2E",
    "%2e%2e",
    "?x=1#y",
    "a\\b",
    '"><b>',
    "Ä & ö",
    " ",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_territory_may_have_any_name(states: States, name: str) -> None:
    state = board_day.territory()
    states.territories = {name: replace(state, territory=name)}
    with board(states) as client:
        address = client.get("/").headers["location"]
        for part in ("", "/board", "/feed"):
            assert asked(client, address + part)[0] == 200
        assert f'hx-get="{address}/board"' in asked(client, address)[1]
        assert asked(client, f"{address}/accept", "proposal=p-1") == (303, address)
    (said,) = commands(states)
    assert said.territory == name  # type: ignore[attr-defined]


def test_a_name_with_slashes_that_somebody_wrote_out_is_found(states: States) -> None:
    states.territories = {"a/b": replace(board_day.territory(), territory="a/b")}
    with board(states) as client:
        assert client.get("/t/a/b").headers["location"] == "/t/a~2Fb"
        assert client.get("/t/").headers["location"] == "/"


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_an_address_means_anything_to_a_browser(name: str) -> None:
    part = page_of(name).removeprefix("/t/")
    assert not set(part) & set('/?#\\"<> ')
    assert part.lower().replace("%2e", ".").strip(".")


def test_an_address_leads_back_to_its_name() -> None:
    assert named("~2E~2E") == ".."
    assert named("a~2Fb~7E") == "a/b~"
    assert page_of("Ocotillo North") == "/t/Ocotillo%20North"
