"""The frame around every page, in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(("language", "lang"), [("en-GB", "en"), ("zh-CN", "zh-hans")])
def test_home_opens_in_the_readers_language(
    new_page: Any, language: str, lang: str, width: int
) -> None:
    page = new_page(language=language, width=width)
    answer = page.goto("/")
    assert answer.status == 200
    assert page.locator("html").get_attribute("lang").lower() == lang
    # No page may be wider than the screen.
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_home_can_be_read_without_scripts(new_page: Any) -> None:
    page = new_page(java_script_enabled=False)
    assert page.goto("/").status == 200
    expect(page.get_by_role("main")).to_be_visible()
