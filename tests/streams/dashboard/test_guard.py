"""Who may talk to the board, and what it never lets through."""

import pytest

from features.territory_events import AcceptProposal, PinAppointment, RejectProposal
from tests.support import board_day
from tests.support.board_server import BOARD, States, board, commands
from tests.support.http import Client


def own(client: Client) -> dict[str, str]:
    """What a browser says of a command that a page of the board itself sends."""
    return {"origin": client.url, "sec-fetch-site": "same-origin"}


def test_a_decision_becomes_a_command_keyed_by_its_territory(client: Client, states: States) -> None:
    answer = client.post(
        f"{BOARD}/accept", data={"proposal": "p-1"}, headers={**own(client), "hx-request": "true"}
    )
    assert answer.status == 202
    assert commands(states) == [
        AcceptProposal(
            territory=board_day.TERRITORY, time_ms=board_day.NOW_MS, by="the board", proposal="p-1"
        )
    ]


def test_a_rejection_carries_its_reason_without_control_characters(client: Client, states: States) -> None:
    client.post(
        f"{BOARD}/reject", data={"proposal": "p-1", "why": "not\ntoday" + "!" * 500}, headers=own(client)
    )
    (said,) = commands(states)
    assert isinstance(said, RejectProposal)
    assert said.why.startswith("not today!")
    assert len(said.why) == 256


def test_a_pin_can_be_let_go(client: Client, states: States) -> None:
    client.post(f"{BOARD}/pin", data={"appointment": "A-118", "pinned": "false"}, headers=own(client))
    (said,) = commands(states)
    assert isinstance(said, PinAppointment)
    assert not said.pinned


def test_a_browser_without_scripts_gets_its_page_back(client: Client) -> None:
    answer = client.post(f"{BOARD}/accept", data={"proposal": "p-1"}, headers=own(client))
    assert (answer.status, answer.headers["location"]) == (303, "/t/Ocotillo%20North")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9"},
        {"origin": "here", "sec-fetch-site": "cross-site"},
    ],
)
def test_a_command_from_another_page_is_refused(
    client: Client, states: States, headers: dict[str, str]
) -> None:
    said = {name: client.url if value == "here" else value for name, value in headers.items()}
    answer = client.post(f"{BOARD}/accept", data={"proposal": "p-1"}, headers=said)
    assert answer.status == 403
    assert states.sent == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8010", "", "[", "127.0.0.1.evil.example"])
def test_a_name_that_is_not_the_boards_is_refused_also_for_reading(client: Client, host: str) -> None:
    assert client.get(BOARD, headers={"host": host}).status == 403


def test_further_names_can_be_allowed(states: States) -> None:
    with board(states, names=("board.example",)) as client:
        assert client.get(BOARD, headers={"host": "board.example"}).status == 200


def test_who_may_only_look_has_no_buttons_and_no_commands(states: States) -> None:
    with board(states, read_only=True) as client:
        page = client.get(BOARD).text
        assert "<button" not in page
        assert "Give A-214 to Haddad" in page
        for verb in ("accept", "reject", "pin", "request"):
            about = {"proposal": "p-1", "appointment": "A-118"}
            assert client.post(f"{BOARD}/{verb}", data=about, headers=own(client)).status == 403
    assert states.sent == []


def test_nothing_runs_or_loads_but_what_the_board_serves(client: Client) -> None:
    policy = client.get(BOARD).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_only_tiles_may_come_from_elsewhere(states: States) -> None:
    with board(states, tiles="https://tiles.example/{z}/{x}/{y}.png") as client:
        policy = client.get(BOARD).headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://tiles.example;" in policy


@pytest.mark.parametrize(
    ("verb", "data", "says"),
    [
        ("accept", {"proposal": "p-0"}, "no longer open"),
        ("pin", {"appointment": "A-000"}, "no appointment of today"),
        ("request", {"appointment": "<b>"}, "no appointment of today"),
    ],
)
def test_a_decision_about_what_is_not_there_is_refused_with_its_reason(
    client: Client, states: States, verb: str, data: dict[str, str], says: str
) -> None:
    answer = client.post(f"{BOARD}/{verb}", data=data, headers=own(client))
    assert answer.status == 409
    assert says in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert states.sent == []


def test_an_expired_proposal_cannot_be_accepted(client: Client, states: States) -> None:
    over = board_day.proposal(expires_ms=board_day.NOW_MS)
    states.territories[board_day.TERRITORY] = board_day.territory(proposal=over)
    answer = client.post(f"{BOARD}/accept", data={"proposal": "p-1"}, headers=own(client))
    assert (answer.status, states.sent) == (409, [])


def test_a_territory_that_is_not_there_is_a_page_that_says_so(client: Client) -> None:
    answer = client.get("/t/nowhere")
    assert answer.status == 404
    assert "nowhere has no plan today" in answer.text
    assert "Ocotillo North" in answer.text


def test_the_first_address_leads_to_the_first_territory(client: Client) -> None:
    answer = client.get("/")
    assert answer.headers["location"] == "/t/Ocotillo%20North"


def test_the_feed_goes_on_or_is_replaced_whole(client: Client) -> None:
    newer = client.get(f"{BOARD}/feed?after=1-0-0")
    assert newer.text.count("<li") == 1
    assert "hx-reswap" not in newer.headers
    whole = client.get(f"{BOARD}/feed?after=9-9-9")
    assert whole.headers["hx-reswap"] == "innerHTML"
    assert whole.text.count("<li") == 6
