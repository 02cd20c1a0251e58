"""Cursor pages: stable while rows are added, and as quick on page 1,000 as on page 1."""

from typing import Any

from django.db import DataError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound as InvalidCursor
from rest_framework.pagination import CursorPagination

from marketplace.core.errors import field_error


class NewestFirst(CursorPagination):
    ordering = ("-id",)
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    cursor_query_description = "Opaque place in the list, from `next` or `previous`."
    page_size_query_description = "Rows in one answer, at most 100."

    def paginate_queryset(self, *args: Any, **kwargs: Any) -> list[Any] | None:
        """The rows of one page. A cursor that was not made here is refused, not guessed at."""
        try:
            return super().paginate_queryset(*args, **kwargs)
        except (InvalidCursor, ValueError, DataError):
            raise field_error(
                "cursor",
                _("This is no place in the list. Take the address from `next` or `previous`."),
                code="invalid_cursor",
            ) from None
