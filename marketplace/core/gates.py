"""Gates: fetch one object that the actor may see, or refuse as if it did not exist."""

from typing import Any, TypeVar

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
