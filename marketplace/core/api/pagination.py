"""Cursor pages: stable while rows are added, and as quick on page 1,000 as on page 1."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    ordering = ("-id",)
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    cursor_query_description = "Opaque place in the list, from `next` or `previous`."
    page_size_query_description = "Rows in one answer, at most 100."
