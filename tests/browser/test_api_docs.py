"""The page that documents the API: its program runs under the content security policy."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_operations_are_listed_and_open(page: Any) -> None:
    page.goto("/")
    page.get_by_role("link", name="API", exact=True).click()
    group = page.locator("#operations-tag-technologies")
    group.wait_for(timeout=20_000)  # the document is made for the first reader
    group.click()
    operation = page.locator("#operations-technologies-technologies_list")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_text("Parameters", exact=True).wait_for()
    expect(operation.get_by_text("Responses", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
