"""Fixtures of journeys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils import translation

from tests.browsers import browser, new_page, page  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cast import Cast, Player


@pytest.fixture(autouse=True)
def _language_stays_here() -> Iterator[None]:
    """A request in Chinese leaves the thread in Chinese; other tests expect English."""
    yield
    translation.deactivate()


@pytest.fixture
def sit_down(
    new_page: Any,  # noqa: F811 (the fixture)
    live_server: Any, settings: Any, tmp_path: Path, cast: Cast,
) -> Any:  # fmt: skip
    """`sit_down(player, "zh-hans", width)`: that person at a browser, signed in; None visits.

    The market is this process: `run_jobs()` is its worker, files and seal keys are the test's own.
    """
    from contracts.actions.certificates import settings_for
    from contracts.certificates.keys import make_key_file
    from tests.journeys.people import Person, sign_in

    cache.clear()
    settings.PUBLIC_URL = live_server.url
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEAL_KEYS_DIR = str(tmp_path / "keys")
    make_key_file(settings_for(cast.point).code)

    def make(player: Player | None, language: str = "en", width: int = 1440) -> Person:
        tab = new_page(language="zh-CN" if language == "zh-hans" else "en-GB", width=width)
        tab.context.set_default_navigation_timeout(30_000)  # a busy machine's first page
        person = Person(tab, language)
        if player:
            sign_in(person, player)
        return person

    return make
