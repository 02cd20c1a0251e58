"""Fixtures of journeys in a browser."""

from tests.browsers import browser, new_page, page  # noqa: F401 (fixtures)
