"""Gatherings in a real browser, in both languages, on a phone and a desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache

from tests.browser.test_accounts import sign_in
from tests.browser.test_introductions import sign_in_chinese
from tests.deals.gatherings import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 390), ("en-GB", 1440)])
def test_every_page_fits_and_can_be_read_by_all(
    new_page: Any, cast: Cast, language: str, width: int
) -> None:
    row = factories.published(cast, words_zh="两个案例。")
    for player in (cast.owner, cast.outsider, cast.rival):
        factories.registered(row, player.actor)
    draft = factories.drafted(cast, kind="fair", hours=None)
    factories.held(cast, cast.broker.actor)
    ended = factories.published(cast)
    factories.registered(ended, cast.owner.actor)
    factories.over(ended)
    page = new_page(language=language, width=width)
    for address in ("/gatherings/", row.get_absolute_url()):
        _looks_right(page, address, width)
    if language == "zh-CN":
        sign_in_chinese(page, cast)
    else:
        sign_in(page, cast.broker.user)
    for address in (
        "/gatherings/?part=past", "/gatherings/desk/", "/gatherings/new/",
        "/gatherings/qualification/", f"/gatherings/brokers/{cast.tti.public_id}/",
        row.get_absolute_url(), draft.get_absolute_url(), ended.get_absolute_url(),
        f"{ended.get_absolute_url()}register/", f"{row.get_absolute_url()}edit/",
    ):  # fmt: skip
        _looks_right(page, address, width)


def _looks_right(page: Any, address: str, width: int) -> None:
    answer = page.goto(address)
    assert answer.status == 200, address
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    found = Axe().run(page)
    assert found.violations_count == 0, (address, found.generate_report())
