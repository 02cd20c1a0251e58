"""Which cell of which table a list of contracts belongs to, and how many it counts."""

from dataclasses import replace

from django.db.models import QuerySet

from contracts.models import Contract
from contracts.queries.behind import Cell, behind
from insights.queries.tables import KINDS, Asked, figure_of


def place_of(cell: Cell) -> tuple[Asked, str | None] | None:
    """The question and the key of the row, None for the total; None where no table tells it.
    Of several types this is the first's."""
    asked = Asked(
        KINDS["years"], cell.year, cell.year, cell.types[0] if cell.types else "", cell.field,
        cell.region, cell.exact,
    )  # fmt: skip
    is_flow = bool(cell.origin or cell.destination)
    if sum((bool(cell.month), bool(cell.seller), bool(cell.buyer), is_flow)) > 1:
        return None
    if cell.month:
        return replace(asked, kind=KINDS["months"]), str(cell.month)
    if cell.seller:
        return replace(asked, kind=KINDS["sellers"]), cell.seller
    if cell.buyer:
        return replace(asked, kind=KINDS["buyers"]), cell.buyer
    if is_flow:
        return None if cell.region else _flow_of(cell, asked)
    return asked, None


def number_of(cell: Cell, own: QuerySet[Contract] | None = None) -> int:
    """How many contracts `behind` lists, from the sums; `own` as there."""
    number = sum(_number(replace(cell, types=(one,))) for one in cell.types) if cell.types else (
        _number(cell)
    )  # fmt: skip
    if own is not None and cell.asks_parties and not cell.exact:
        hidden = behind(cell, own).exclude(public_facts__contains=["parties"])
        number += hidden.order_by().count()
    return number


def _number(cell: Cell) -> int:
    place = place_of(cell)
    assert place is not None
    figure = figure_of(*place)
    return figure.large if cell.large else figure.contracts


def _flow_of(cell: Cell, asked: Asked) -> tuple[Asked, str | None] | None:
    start, end = cell.origin, cell.destination
    if _is_city(end) and (not _is_city(start) or start[:2] != end[:2]):
        return None  # a buyer's city is told apart only among sellers of a city of its province
    if _is_city(start) and end == f"{start[:2]}0000":
        return None
    if len(start) == 2:  # a country has no tables of its own
        if end == "abroad":
            return None
        name = "flows" if end else "origins"
        return replace(asked, kind=KINDS[name]), f"{start}>{end}" if end else start
    return replace(asked, kind=KINDS["destinations"], region=start), end or None


def _is_city(code: str) -> bool:
    return len(code) == 6 and code.isdigit() and not code.endswith("0000")
