"""What a reader looks for among listings: a question and filters, read from an address.

The address holds everything, so that a page can be reloaded, sent and kept. What it holds that is
not understood is left out and named, never an error.
"""

import dataclasses
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from django.http import QueryDict

from listings.quantities import MAX_ASKED, SpecificationAsked, read_specification
from marketplace.core import regions
from marketplace.core.codes import (
    CURRENCIES,
    FIELDS,
    IP_KINDS,
    ORGANISATION_KINDS,
    SUB_FIELDS,
    TRANSFER_MODES,
    CodeList,
)

_AMOUNT = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,2})?")
Number = TypeVar("Number", int, Decimal)
MAX_QUESTION = 300
MAX_VALUES = 20
SORTS = ("relevance", "newest", "deadline", "trl", "price")
LANGUAGES = ("en", "zh")
# Filters, by the name under which their counts are known; several parameters may be one filter.
PARAMETERS = {
    "field": ("field", "sub_field"),
    "sub_field": ("sub_field",),
    "trl": ("trl_min", "trl_max"),
    "mode": ("mode",),
    "price": ("price_min", "price_max", "currency"),
    "ip": ("ip",),
    "organisation_kind": ("organisation_kind",),
    "region": ("region",),
    "country": ("country",),
    "language": ("language",),
    "verified": ("verified",),
    "organisation": ("organisation",),
    "spec": ("spec",),
}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """kind is given by the page; the rest by the reader. Empty means: does not matter.

    price_min and price_max are in units of `currency`; any_word asks for some of the words only;
    exact: as it is written, without correction; unfolded: each listing on its own, also where
    several say the same.
    ignored: parameters that said nothing that is known.
    """

    kind: str
    question: str = ""
    any_word: bool = False
    exact: bool = False
    unfolded: bool = False
    field: tuple[str, ...] = ()
    sub_field: tuple[str, ...] = ()
    trl_min: int | None = None
    trl_max: int | None = None
    mode: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    currency: str = "CNY"
    ip: tuple[str, ...] = ()
    organisation_kind: tuple[str, ...] = ()
    region: str = ""
    country: str = ""
    language: str = ""
    verified: bool = False
    organisation: str = ""
    specifications: tuple[SpecificationAsked, ...] = ()
    sort: str = ""
    ignored: tuple[str, ...] = dataclasses.field(default=(), compare=False)

    @property
    def active(self) -> tuple[str, ...]:
        """Names of the filters that are set."""
        set_ = {
            "field": self.field, "sub_field": self.sub_field,
            "trl": self.trl_min or self.trl_max, "mode": self.mode,
            "price": self.price_min is not None or self.price_max is not None, "ip": self.ip,
            "organisation_kind": self.organisation_kind, "region": self.region,
            "country": self.country, "language": self.language, "verified": self.verified,
            "organisation": self.organisation, "spec": self.specifications,
        }  # fmt: skip
        return tuple(name for name, value in set_.items() if value)

    @property
    def is_plain(self) -> bool:
        """Nothing asked: the newest of everything."""
        return not self.question and not self.active

    @property
    def order(self) -> str:
        """The sort in force: relevance needs a question."""
        if self.sort and (self.sort != "relevance" or self.question):
            return self.sort
        return "relevance" if self.question else "newest"


def read_wanted(kind: str, query: QueryDict) -> Wanted:
    """The Wanted of an address."""
    reader = _Reader(query)
    trl = _ordered(reader.level("trl_min"), reader.level("trl_max"))
    price = _ordered(reader.amount("price_min"), reader.amount("price_max"))
    fields = reader.codes("field", FIELDS)
    sub_fields = reader.codes("sub_field", SUB_FIELDS)
    if fields:  # a sub-field goes with its field
        sub_fields = tuple(code for code in sub_fields if SUB_FIELDS[code].parent in fields)
    return Wanted(
        kind=kind,
        question=reader.question(),
        any_word=query.get("words") == "any",
        exact=query.get("exact") == "1",
        unfolded=query.get("unfold") == "1",
        field=fields,
        sub_field=sub_fields,
        trl_min=trl[0],
        trl_max=trl[1],
        mode=reader.codes("mode", TRANSFER_MODES),
        price_min=price[0],
        price_max=price[1],
        currency=reader.one("currency", lambda value: value in CURRENCIES) or "CNY",
        ip=reader.codes("ip", IP_KINDS),
        organisation_kind=reader.codes("organisation_kind", ORGANISATION_KINDS),
        region=reader.one("region", lambda value: regions.get(value) is not None),
        country=reader.one("country", lambda value: value in dict(regions.countries("en"))),
        language=reader.one("language", lambda value: value in LANGUAGES),
        verified=reader.one("verified", lambda value: value == "1") == "1",
        organisation=reader.one("organisation", lambda value: len(value) == 10 and value.isalnum()),
        specifications=reader.specifications(),
        sort=reader.one("sort", lambda value: value in SORTS),
        ignored=tuple(reader.ignored),
    )


def _ordered(low: Number | None, high: Number | None) -> tuple[Number | None, Number | None]:
    """Both ends of a range, the lower one first however they were given."""
    if low is not None and high is not None and low > high:
        return high, low
    return low, high


def _plain(raw: str) -> str:
    """Without what cannot be seen, single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in raw).split())


class _Reader:
    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.ignored: list[str] = []

    def question(self) -> str:
        """Control characters and marks of direction do not belong to a question."""
        return _plain(self.query.get("q", "")[: 4 * MAX_QUESTION])[:MAX_QUESTION]

    def codes(self, name: str, known: CodeList) -> tuple[str, ...]:
        values = list(dict.fromkeys(value for value in self.query.getlist(name) if value))
        kept = tuple(value for value in values[:MAX_VALUES] if value in known)
        if len(kept) < len(values):
            self.ignored.append(name)
        return kept

    def one(self, name: str, is_known: Callable[[str], bool]) -> str:
        value = self.query.get(name, "").strip()
        if value and not is_known(value):
            self.ignored.append(name)
            return ""
        return value

    def specifications(self) -> tuple[SpecificationAsked, ...]:
        """Of `spec`, each "metric sign value unit"."""
        found: list[SpecificationAsked] = []
        given = [text for value in self.query.getlist("spec") if (text := _plain(value))]
        for value in given[:MAX_ASKED]:
            asked, _rest = read_specification(value[:120], any_metric=True)
            found += asked
        if len(found) < len(given):
            self.ignored.append("spec")
        return tuple(found[:MAX_ASKED])

    def level(self, name: str) -> int | None:
        value = self.one(name, lambda text: text in {"1", "2", "3", "4", "5", "6", "7", "8", "9"})
        return int(value) if value else None

    def amount(self, name: str) -> Decimal | None:
        """In units of the currency; grouping commas and spaces are taken as such."""
        raw = self.query.get(name, "").replace(",", "").replace("，", "").replace(" ", "")
        if not raw:
            return None
        if not _AMOUNT.fullmatch(raw):
            self.ignored.append(name)
            return None
        return Decimal(raw)
