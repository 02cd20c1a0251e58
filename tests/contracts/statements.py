"""Counting the statements that this room makes."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def own_queries(load: Callable[[], object]) -> int:
    """Statements over the tables of this room; what every page costs is held elsewhere."""
    with CaptureQueriesContext(connection) as captured:
        load()
    return sum('"contracts_' in query["sql"] for query in captured)
