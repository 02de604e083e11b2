"""The pages in a real Chromium, over states that the test moves as it likes."""

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from streams.dashboard.params import BoardParams
from streams.day_codec import decode_territory
from tests.support import board_day
from tests.support.board_server import BOARD, Shown, States, parts, served


def order(page: Page, rows: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all(f"#{rows} > li", "all => all.map(one => one.id)")
    return found


def test_one_selection_rules_all_columns_and_the_back_button_undoes_it(shown: Shown) -> None:
    page = shown.open()
    page.locator("#card-A-305 a").click()
    expect(page).to_have_url(f"{shown.url}{BOARD.replace(' ', '%20')}?appointment=A-305")
    expect(page.locator("#row-garcia.selected")).to_be_visible()
    expect(page.locator("#bar-A-305[aria-current]")).to_have_count(1)
    expect(page.locator("#map-title")).to_have_text("Garcia, Leo · remaining route")
    page.locator("#row-lopez .who").click()
    expect(page.locator("#row-lopez.selected")).to_be_visible()
    expect(page.locator("#card-A-305 a[aria-current]")).to_have_count(0)
    page.go_back()
    expect(page.locator("#card-A-305 a[aria-current]")).to_have_count(1)
    expect(page.locator("#row-lopez.selected")).to_have_count(0)


def test_a_link_opens_what_it_names(shown: Shown) -> None:
    page = shown.open(f"{BOARD}?appointment=A-118&sort=name")
    expect(page.locator("#card-A-118 a[aria-current]")).to_be_visible()
    assert order(page, "rows")[:2] == ["row-alvarez", "row-becker"]


def test_the_map_is_drawn_and_moves_to_what_is_selected(shown: Shown) -> None:
    page = shown.open(drawn=True)
    expect(page.locator("#map")).to_have_attribute("data-drawn", f"{board_day.TERRITORY} p-1")
    page.locator("#row-lopez .who").click()
    expect(page.locator("#map")).to_have_attribute("data-drawn", f"{board_day.TERRITORY} lopez ")


def test_changes_come_by_themselves_and_what_changed_is_tinted(shown: Shown) -> None:
    page = shown.open()
    state = shown.states.territories[board_day.TERRITORY]
    risk = replace(state.risks["A-214"], probability=0.93)
    page.evaluate(
        "() => { Element.prototype.animate = function () { (window.tinted ??= []).push(this.textContent); }; }"
    )
    shown.become(replace(state, risks={**state.risks, "A-214": risk}))
    expect(page.locator("#card-A-214 .probability")).to_have_text("93\u00a0%")
    assert page.evaluate("window.tinted") == ["86\u00a0%"]


def test_rows_keep_their_place_for_a_while_after_a_change_of_rank(shown: Shown) -> None:
    page = shown.open()
    before = order(page, "cards")
    state = shown.states.territories[board_day.TERRITORY]
    risk = replace(state.risks["A-266"], level="LATE", probability=1.0)
    shown.become(replace(state, risks={**state.risks, "A-266": risk}))
    expect(page.locator("#card-A-266 .level")).to_have_text("late")
    assert order(page, "cards") == before
    expect(page.locator("#cards > li").first).to_have_attribute("id", "card-A-266", timeout=15_000)


def test_enter_accepts_and_says_so(shown: Shown) -> None:
    page = shown.open()
    page.locator("body").press("Enter")
    expect(page.locator("#said")).to_have_text("Accepted. Routes change in a moment.")
    (sent,) = shown.states.sent
    assert getattr(decode_territory(sent.value, sent.key), "proposal", None) == "p-1"


def test_enter_on_a_link_follows_the_link(shown: Shown) -> None:
    page = shown.open()
    page.locator("#card-A-118 a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card-A-118 a[aria-current]")).to_be_visible()
    assert shown.states.sent == []


def test_a_refusal_is_said_and_the_page_stays_as_it_is(shown: Shown) -> None:
    page = shown.open()
    old = "document.querySelector('#proposal [name=proposal]').value = 'p-0'"
    page.evaluate(f"() => {{ {old}; document.getElementById('accept').click(); }}")
    expect(page.locator("#said")).to_contain_text("no longer open")
    expect(page.locator("body.away")).to_have_count(0)


def test_an_expired_proposal_says_so_and_offers_to_look_anew(shown: Shown) -> None:
    page = shown.open()
    shown.become(board_day.territory(proposal=board_day.proposal(expires_ms=board_day.NOW_MS)))
    expect(page.locator("#proposal .verdict")).to_contain_text("expired unanswered")
    expect(page.locator("#accept")).to_have_count(0)
    expect(page.get_by_role("button", name="Look for a better plan")).to_be_visible()


def test_where_nothing_is_at_risk_it_says_what_went_well_and_when_it_looks_again(shown: Shown) -> None:
    shown.become(board_day.calm())
    page = shown.open()
    expect(page.locator("#calm")).to_contain_text("Nothing is at risk.")
    expect(page.locator("#calm")).to_contain_text("13 of 13 visits done today began in time")
    expect(page.locator("#calm")).to_contain_text("Last checked at 10:07")


def test_event_time_that_is_not_now_is_said(shown: Shown, browser: Browser) -> None:
    with served(parts(States(), BoardParams(port=0), board_day.NOW_MS + 86_400_000)) as url:
        page = browser.new_page()
        page.goto(url + BOARD)
        expect(page.locator("#clock.not-now")).to_contain_text("Tue 17 Mar, not now")
        page.close()


def test_what_is_hostile_is_text(shown: Shown) -> None:
    state = shown.states.territories[board_day.TERRITORY]
    hostile = "</title><img src=x onerror=alert(1)>\"'<script>alert(2)</script>"
    planned = state.appointments["A-214"]
    named = replace(state.roster["becker"], name=hostile)
    worse = replace(planned, job=replace(planned.job, title=hostile))
    shown.become(
        replace(
            state,
            roster={**state.roster, "becker": named},
            appointments={**state.appointments, "A-214": worse},
        )
    )
    shown.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page = shown.open(f"{BOARD}?appointment=A-214")
    expect(page.locator("#card-A-214 .title")).to_have_text(hostile)
    expect(page.locator("#row-becker .who")).to_contain_text(hostile)
    assert page.locator("img[src=x]").count() == 0


def test_without_a_map_everything_else_works(shown: Shown) -> None:
    page = shown.open()
    expect(page.locator("#said")).to_contain_text("cannot draw the map")
    expect(page.locator("#card-A-214")).to_be_visible()


def test_a_hundred_rows_scroll_under_the_hours(shown: Shown) -> None:
    state = board_day.territory()
    roster = {f"t{n}": replace(state.roster["chen"], name=f"Technician {n:03d}") for n in range(100)}
    shown.become(replace(state, roster={**state.roster, **roster}))
    page = shown.open()
    top = page.locator(".hours").bounding_box()
    page.locator("#row-t99").scroll_into_view_if_needed()
    assert page.locator(".hours").bounding_box() == top
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_the_fleet_page_shows_broken_rules(shown: Shown) -> None:
    page = shown.open("/fleet")
    expect(page.locator("#breaches")).to_contain_text("entered the no-go area Old Mill")
    page.locator("#breaches a").click()
    expect(page.locator("#breaches a[aria-current]")).to_be_visible()
