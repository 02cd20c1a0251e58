"""Gates: fetch one object that the actor may see, or refuse as if it did not exist."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from marketplace.core.errors import NotFound

M = TypeVar("M", bound=Model)


def get_visible(queryset: QuerySet[M], **lookup: Any) -> M:
    """The one row of an already narrowed queryset; raises NotFound."""
    if any(isinstance(value, str) and "\x00" in value for value in lookup.values()):
        raise NotFound  # PostgreSQL refuses to look for a null byte
    try:
        found = queryset.filter(**lookup).first()
    except (ValueError, TypeError):  # an id of the wrong shape names nothing
        found = None
    if found is None:
        raise NotFound
    return found


def lock(queryset: QuerySet[M], pk: Any) -> M:
    """The row, locked until the transaction ends (`of self`, so joins stay free)."""
    found = queryset.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else is between the same two lines by this name, on any machine. Held without
    a transaction; the database lets go when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        row = cursor.fetchone()
    is_alone = bool(row and row[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
