"""Fixtures of journeys."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.browsers import browser, new_page, page  # noqa: F401 (fixtures)


@pytest.fixture(autouse=True)
def _language_stays_here() -> Iterator[None]:
    """A request in Chinese leaves the thread in Chinese; other tests expect English."""
    yield
    translation.deactivate()
