"""Names of tables and of their rows, and the address of the contracts behind a row."""

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from contracts.codes import CONTRACT_TYPES, PARTY_KIND_GROUPS
from insights.queries.tables import KINDS, Asked, Row
from marketplace.core import regions
from marketplace.core.codes import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLES: dict[str, Promise] = {
    "years": gettext_lazy("Contracts by year"),
    "types": gettext_lazy("Contracts by type"),
    "statistical-types": gettext_lazy("Contracts by the four types of statistics"),
    "fields": gettext_lazy("Contracts by technology field"),
    "regions": gettext_lazy("Contracts by region"),
    "sellers": gettext_lazy("Contracts by kind of seller"),
    "buyers": gettext_lazy("Contracts by kind of buyer"),
    "origins": gettext_lazy("Contracts by the seller’s place"),
    "destinations": gettext_lazy("Contracts by the buyer’s place"),
    "flows": gettext_lazy("Flows from place to place"),
    "months": gettext_lazy("Contracts by month"),
    "enterprises": gettext_lazy("Enterprises that registered contracts"),
    "institutions": gettext_lazy("Service figures of institutions"),
}
TABS: dict[str, Promise] = {
    "years": gettext_lazy("Years"),
    "types": gettext_lazy("Types"),
    "statistical-types": gettext_lazy("Four types"),
    "fields": pgettext_lazy("figures", "Fields"),
    "regions": gettext_lazy("Regions"),
    "sellers": gettext_lazy("Sellers"),
    "buyers": gettext_lazy("Buyers"),
    "origins": gettext_lazy("Seller’s place"),
    "destinations": gettext_lazy("Buyer’s place"),
    "flows": gettext_lazy("Flows"),
    "months": gettext_lazy("Months"),
    "enterprises": gettext_lazy("Enterprises"),
    "institutions": gettext_lazy("Institutions"),
}
HEADS: dict[str, Promise] = {
    "years": gettext_lazy("Year"),
    "types": gettext_lazy("Type"),
    "statistical-types": gettext_lazy("Type"),
    "fields": gettext_lazy("Technology field"),
    "regions": gettext_lazy("Region"),
    "sellers": gettext_lazy("Kind of seller"),
    "buyers": gettext_lazy("Kind of buyer"),
    "origins": gettext_lazy("Seller’s place"),
    "destinations": gettext_lazy("Buyer’s place"),
    "flows": gettext_lazy("From and to"),
    "months": gettext_lazy("Month"),
}


def row_name(asked: Asked, row: Row) -> str:
    """The row's name in the reader's language."""
    name, key = asked.kind.name, row.key
    if name == "years":
        return str(row.year)
    if name == "months":
        return f"{row.year}-{int(key):02d}"
    if key == "enterprises":
        return _("All enterprises")
    if key == "abroad":
        return _("All abroad")
    if not key or key == ">":
        return _("not stated")
    if name == "statistical-types" and key == "transfer":
        return _("Technology transfer and licence")
    if asked.kind.cube == "year" and name != "regions":
        return (FIELDS if name == "fields" else CONTRACT_TYPES).label(key)
    if name in ("sellers", "buyers"):
        return PARTY_KIND_GROUPS.label(key)
    if name == "flows":
        start, _arrow, end = key.partition(">")
        return f"{place_name(start)} → {place_name(end)}"
    return place_name(key)


def place_name(code: str) -> str:
    """A province, city or country; of a code without a name that of what it lies in."""
    language = get_language()
    if not code:
        return _("not stated")
    if len(code) == 2:
        return regions.country_name(code, language)
    region = regions.get(code) or regions.get(f"{code[:2]}0000")
    return region.name(language) if region else code


def rows_address(asked: Asked, row: Row, *, large: bool = False) -> str:
    """The page of the contracts that a row counts; "" where no page can tell them apart."""
    query: list[tuple[str, object]] = [("year", row.year)]
    key = row.key
    if asked.type:
        query.append(("type", asked.type))
    if asked.field:
        query.append(("field", asked.field))
    is_flow = asked.kind.cube == "flow"
    if asked.region:
        query.append(("seller_place" if is_flow else "region", asked.region))
    is_city = is_flow and asked.region[2:] not in ("", "0000")
    if is_city and key.endswith(f"{asked.region[:2]}0000"):
        return ""  # somewhere in the same province: the city is not stated
    added = _added(asked, key)
    if added is None:
        return ""
    query += added
    if large:
        query.append(("large", 1))
    return f"{reverse('figure_contracts')}?{urlencode(query)}"


def total_address(asked: Asked, row: Row) -> str:
    """The page of all contracts of a year; of tables that all contracts are in."""
    if asked.kind.cube not in ("year", "month"):
        return ""
    return rows_address(replace(asked, kind=KINDS["years"]), row)


def _added(asked: Asked, key: str) -> "Iterable[tuple[str, object]] | None":
    """What the row itself narrows by; None for rows of contracts that do not state it."""
    name = asked.kind.name
    if name == "years" or (asked.type and name in ("types", "statistical-types")):
        return []
    if not key:
        return None
    if name == "statistical-types" and key == "transfer":
        return [("type", "transfer"), ("type", "licence")]
    if name == "flows":
        start, _arrow, end = key.partition(">")
        return [("seller_place", start), ("buyer_place", end)] if start and end else None
    parameter = {
        "types": "type", "statistical-types": "type", "fields": "field", "regions": "region",
        "sellers": "seller", "buyers": "buyer", "origins": "seller_place",
        "destinations": "buyer_place", "months": "month",
    }[name]  # fmt: skip
    return [(parameter, key)]
