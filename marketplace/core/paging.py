"""Pages of a list whose length is known otherwise."""

from typing import Any

from django.core.paginator import Paginator


class Counted(Paginator):  # type: ignore[type-arg]
    """Pages of a list that was counted already, or is listed up to a bound: no statement counts."""

    def __init__(self, rows: Any, per_page: int, total: int) -> None:
        super().__init__(rows, per_page)
        self.total = total

    @property
    def count(self) -> int:
        return self.total
