"""An introduction between two people, in a real browser: talk, agreement, details, broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import expect

from tests.browser.test_accounts import sign_in
from tests.deals import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "Lithium difluoro(oxalato)borate at 1.7 percent"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def accept(page: Any, address: str, name: str) -> None:
    page.goto(f"{address}nda/")
    page.get_by_label("Your full name").fill(name)
    page.get_by_label("I have read the agreement").check()
    page.get_by_role("button", name="Accept the agreement").click()
    page.get_by_text("Accepted. The other side was told.").wait_for()


def test_two_sides_talk_accept_the_agreement_and_open_their_details(
    new_page: Any, cast: Cast
) -> None:
    made = factories.introduced(
        cast, technology={"confidential_text_en": SECRET, "is_anonymous": True}
    )
    address = made.get_absolute_url()
    ours, theirs = new_page(), new_page(width=390)
    sign_in(ours, cast.owner.user)
    sign_in(theirs, cast.outsider.user)

    ours.goto(address)
    expect(ours.get_by_text("No non-disclosure agreement yet")).to_be_visible()
    assert not ours.get_by_text("Lakeside University").count()
    ours.get_by_label("Message").fill("May we see how it was tested?")
    ours.get_by_role("button", name="Send").click()
    theirs.goto(address)
    expect(theirs.get_by_text("May we see how it was tested?")).to_be_visible()

    accept(ours, address, "Lin Lan")
    accept(theirs, address, "Wu Di")
    expect(theirs.get_by_text("Non-disclosure agreement in force")).to_be_visible()
    with theirs.expect_navigation():
        theirs.get_by_role("button", name="Show our name").first.click()
    theirs.get_by_role("button", name="Release").first.click()
    theirs.get_by_text("Your confidential details are open to the other side.").wait_for()
    ours.goto(address)

    expect(ours.get_by_text("Lakeside University").first).to_be_visible()
    ours.goto(f"/technologies/{made.technology.public_id}/")
    expect(ours.get_by_text(SECRET).first).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("en-GB", 1440), ("zh-CN", 390)])
def test_the_pages_have_no_barriers(new_page: Any, cast: Cast, language: str, width: int) -> None:
    made = factories.with_broker(cast)
    factories.accept(made, cast.owner.actor)
    page = new_page(language=language, width=width)
    sign_in(page, cast.broker.user) if language == "en-GB" else sign_in_chinese(page, cast)

    for address in (made.get_absolute_url(), f"{made.get_absolute_url()}nda/",
                    f"{made.get_absolute_url()}close/", "/introductions/", "/desk/",
                    "/notifications/", "/account/mail/", "/figures/"):  # fmt: skip
        page.goto(address)
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert not found.response["violations"], (address, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def sign_in_chinese(page: Any, cast: Cast) -> None:
    """The same form, by name instead of by label."""
    from allauth.account.models import EmailAddress

    from tests.cast import PASSWORD

    user = cast.broker.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)
