"""What becomes of buttons and of the time that is left, in a real Chromium."""

import re

from msgspec.structs import replace
from playwright.sync_api import Browser, expect

from streams.dashboard.params import BoardParams
from tests.support import board_day
from tests.support.board_server import BOARD, Shown, States, parts, served


def test_an_answer_is_given_once(shown: Shown) -> None:
    page = shown.open()
    page.locator("#accept").click()
    expect(page.locator("#proposal .verdict")).to_contain_text("Accepted at 10:08")
    expect(page.locator("#accept")).to_have_count(0)
    expect(page.locator("#reject-open")).to_have_count(0)
    assert len(shown.states.sent) == 1


def test_while_an_answer_is_on_its_way_its_buttons_are_off(shown: Shown) -> None:
    page = shown.open()
    page.route("**/accept", lambda route: None)
    page.locator("#accept").click()
    expect(page.locator("#accept")).to_be_disabled()
    expect(page.locator("#reject-open")).to_be_disabled()
    page.evaluate("htmx.trigger('#board', 'refresh')")
    page.wait_for_timeout(500)
    expect(page.locator("#accept")).to_be_disabled()
    page.unroute_all()


def test_what_could_not_be_sent_can_be_sent_again(shown: Shown) -> None:
    page = shown.open()
    page.route("**/accept", lambda route: route.abort())
    page.locator("#accept").click()
    expect(page.locator("#said")).to_contain_text("Nothing was sent")
    expect(page.locator("#accept")).to_be_enabled()


def test_a_rejection_takes_the_buttons_as_well(shown: Shown) -> None:
    page = shown.open()
    page.locator("body").press("r")
    page.locator("#why").press("Enter")
    expect(page.locator("#proposal .verdict")).to_contain_text("Rejected at 10:08")
    expect(page.locator("#accept")).to_have_count(0)


def test_a_pin_turns_into_unpin_while_it_has_the_focus(shown: Shown) -> None:
    shown.become(board_day.calm())
    page = shown.open(f"{BOARD}?appointment=A-118")
    page.locator("#pin").click()
    expect(page.locator("#said")).to_contain_text("A-118 stays where it is.")
    state = shown.states.territories[board_day.TERRITORY]
    held = replace(state.appointments["A-118"], pinned=True)
    shown.become(replace(state, appointments={**state.appointments, "A-118": held}))
    expect(page.locator("#pin")).to_have_text("Unpin")
    page.locator("#pin").click()
    expect(page.locator("#said")).to_contain_text("A-118 may move again.")


def test_a_proposal_whose_time_is_over_says_so_before_the_server_does(shown: Shown) -> None:
    shown.become(board_day.territory(proposal=board_day.proposal(expires_ms=board_day.NOW_MS + 2_000)))
    page = shown.open()
    expect(page.locator("#expires")).to_have_text("expired at 10:08")
    expect(page.locator("#accept")).to_be_disabled()
    expect(page.locator("#proposal.over")).to_be_visible()


def test_at_speed_up_the_time_that_is_left_is_said_in_the_days_time_and_in_ones_own(browser: Browser) -> None:
    made = parts(States(), BoardParams(port=0), board_day.NOW_MS + 86_400_000)
    made.news._clocks.extend([(0, 0), (20_000, 400_000)])
    with served(made) as url:
        page = browser.new_page()
        page.goto(url + BOARD)
        left = page.locator("#expires")
        expect(left).to_have_text(re.compile(r"expires 10:12, in 0:\d\d here"))
        expect(left).not_to_have_text(left.inner_text())
        # That it has expired is for the server to say, whose time may stand still.
        expect(left).to_have_text("expires 10:12, in 0:00 here")
        expect(page.locator("#accept")).to_be_enabled()
        page.close()


def test_what_is_shortened_is_whole_when_it_is_copied(shown: Shown) -> None:
    name = "job-20260317-0105"
    state = board_day.territory()
    offered = replace(board_day.proposal().moves[0], appointment=name)
    planned = state.appointments["A-214"]
    shown.become(
        replace(
            state,
            appointments={**state.appointments, name: planned},
            proposal=board_day.proposal(moves=(offered,), routes={}),
        )
    )
    page = shown.open()
    short = page.locator(f"[data-id='{name}']")
    expect(short).to_have_text("0105")
    expect(short).to_have_attribute("title", name)
    copied = page.evaluate(
        """() => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(".changes [data-id]"));
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            const data = new DataTransfer();
            const said = { clipboardData: data, bubbles: true, cancelable: true };
            document.dispatchEvent(new ClipboardEvent("copy", said));
            return data.getData("text/plain");
        }"""
    )
    assert copied == name


def test_a_territory_with_a_hostile_name_has_a_page_that_lives(shown: Shown) -> None:
    state = board_day.territory()
    shown.states.territories = {"..": replace(state, territory="..")}
    shown._made.reading._sources.territories.states = shown.states.territories  # type: ignore[attr-defined]
    page = shown.open("/")
    expect(page).to_have_url(f"{shown.url}/t/~2E~2E")
    page.locator("#card-A-118 a").click()
    expect(page.locator("#card-A-118 a[aria-current]")).to_be_visible()
    page.locator("#accept").click()
    expect(page.locator("#said")).to_have_text("Accepted. Routes change in a moment.")
