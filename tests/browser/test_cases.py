"""The board of cases in a real browser: cards moved by mouse, by keyboard and without script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import expect

from deals.actions.case_parts import add_client
from deals.actions.cases import move_case
from tests.browser.test_accounts import sign_in
from tests.browser.test_introductions import sign_in_chinese
from tests.deals.cases.factories import opened

if TYPE_CHECKING:
    from deals.models import Case
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOARD = "/cases/board/?pipeline=need_brokerage"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def with_client(cast: Cast, title: str) -> Case:
    case = opened(cast, title=title)
    add_client(actor=cast.broker.actor, case_id=case.pk, name="Kite works")
    case.refresh_from_db()
    return case


def column(page: Any, stage: str) -> Any:
    return page.locator(f"[data-stage='{stage}']")


def test_a_card_goes_by_mouse_and_by_keyboard_and_a_stale_move_says_what_changed(
    new_page: Any, cast: Cast
) -> None:
    case = with_client(cast, "Coating that holds")
    page = new_page()
    sign_in(page, cast.broker.user)
    page.goto(BOARD)
    card = page.locator(f"[data-card='{case.public_id}']")

    card.drag_to(column(page, "search"))
    expect(column(page, "search").get_by_text("Coating that holds")).to_be_visible()
    expect(page.locator(".case-told")).to_contain_text("is in “Search” now")

    link = page.get_by_role("link", name="Coating that holds")
    expect(link).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "introduction").get_by_text("Coating that holds")).to_be_visible()
    case.refresh_from_db()
    assert case.stage == "introduction"

    # somebody else is quicker
    move_case(actor=cast.broker.actor, case_id=case.pk, stage="search")
    expect(link).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".case-told")).to_contain_text("has changed meanwhile")
    expect(page.locator(".case-told")).to_contain_text("Introduction → Search")
    expect(column(page, "search").get_by_text("Coating that holds")).to_be_visible()
    case.refresh_from_db()
    assert case.stage == "search"


def test_what_blocks_a_move_is_said_and_the_card_stays(new_page: Any, cast: Cast) -> None:
    case = opened(cast, title="Nobody yet")  # without a client
    page = new_page()
    sign_in(page, cast.broker.user)
    page.goto(BOARD)
    page.locator(f"[data-card='{case.public_id}']").drag_to(column(page, "negotiation"))
    expect(page.locator(".case-told")).to_contain_text("Name a client.")
    expect(column(page, "contact").get_by_text("Nobody yet")).to_be_visible()


def test_arrows_go_from_card_to_card(new_page: Any, cast: Cast) -> None:
    for title in ("First", "Second"):
        with_client(cast, title)
    far = with_client(cast, "Far")
    move_case(actor=cast.broker.actor, case_id=far.pk, stage="introduction")
    page = new_page()
    sign_in(page, cast.broker.user)
    page.goto(BOARD)
    page.get_by_role("link", name="Second").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="First")).to_be_focused()
    page.keyboard.press("ArrowRight")  # past the empty stage
    expect(page.get_by_role("link", name="Far")).to_be_focused()


def test_without_script_marked_cards_are_moved_by_the_form(new_page: Any, cast: Cast) -> None:
    case = with_client(cast, "Plain")
    page = new_page(java_script_enabled=False, width=390)
    sign_in(page, cast.broker.user)
    page.goto(BOARD)
    page.get_by_label(f"Mark {case.docket}").check(force=True)
    page.get_by_label("To which stage").select_option(label="Search")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(column(page, "search").get_by_text("Plain")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("en-GB", 1440), ("zh-CN", 390)])
def test_the_pages_have_no_barriers(new_page: Any, cast: Cast, language: str, width: int) -> None:
    case = with_client(cast, "Coating that holds")
    task = case.tasks.earliest("pk")
    page = new_page(language=language, width=width)
    sign_in(page, cast.broker.user) if language == "en-GB" else sign_in_chinese(page, cast)
    root = case.get_absolute_url()
    for address in (BOARD, "/cases/", root, f"{root}edit/", f"/cases/tasks/{task.public_id}/edit/",
                    "/cases/new/", "/cases/barriers/", "/cases/calendar/", "/cases/projects/",
                    "/cases/projects/import/", "/desk/"):  # fmt: skip
        page.goto(address)
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert not found.response["violations"], (address, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
