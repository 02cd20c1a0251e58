"""A real Chromium, driven by Playwright, at a live server."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from marketplace.runner import browser as system_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The browser of all journeys of a module.

    Playwright keeps an event loop running in this thread, which Django takes for a mistake; the
    permission is withdrawn with the browser, before other tests of this process have their turn.
    """
    program = system_browser.find()
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium in the path, and none could be installed")
        pytest.skip("no Chromium in the path")
    from playwright.sync_api import sync_playwright

    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(program), args=system_browser.arguments()
        )
        yield chromium
        chromium.close()
    patch.undo()


@pytest.fixture
def new_page(browser: Any, live_server: Any, transactional_db: None) -> Iterator[Any]:
    """`new_page(language="zh-CN", width=1440, **context options)`: a page of a person of its own.

    Each page has its own cookies and `/` as the live server's home. A test fails when a page threw
    an error, wrote one to its console or broke the content security policy.
    """
    contexts = []
    faults: list[str] = []

    def make(*, language: str = "en-GB", width: int = 1440, height: int = 900, **more: Any) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            locale=language,
            viewport={"width": width, "height": height},
            **more,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(message, faults))
        return page

    make.faults = faults  # type: ignore[attr-defined]
    yield make
    for context in contexts:
        context.close()
    assert not faults, faults


def _note(message: Any, faults: list[str]) -> None:
    # An answer of 4xx is logged as an error too, and journeys ask for some of those on purpose.
    if message.type == "error" and "Failed to load resource" not in message.text:
        faults.append(message.text)


@pytest.fixture
def page(new_page: Any) -> Any:
    """One page in English on a desktop."""
    return new_page()
