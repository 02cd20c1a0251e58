"""The filters of a list as a page shows them: choices with counts and addresses, chips to remove.

Pure: from a Found (counts) and the page's address.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from listings.quantities import without_figure
from listings.queries.facets import PRICE_STEPS, Counts
from listings.question import Question
from listings.wanted import PARAMETERS, Wanted
from marketplace.core import regions
from marketplace.core.codes import (
    FIELDS,
    IP_KINDS,
    ORGANISATION_KINDS,
    SUB_FIELDS,
    TRANSFER_MODES,
    CodeList,
)
from marketplace.core.components.navigation import with_query
from marketplace.core.formatting import amount_text, join_text, range_text

TRL_STEPS = ((1, 3), (4, 6), (7, 9))


@dataclass(frozen=True)
class Group:
    """One filter: title, items for components/facet.html, whether it stands open."""

    key: str
    title: str
    items: list[dict[str, Any]]
    open: bool = True
    chosen: int = 0


class Choices:
    """Builds the groups of one page."""

    def __init__(self, request: HttpRequest, wanted: Wanted, counts: Counts) -> None:
        self.request, self.wanted, self.counts = request, wanted, counts
        self.language = get_language() or "en"

    def groups(self) -> list[Group]:
        """All filters that have anything to choose, most used first."""
        wanted, need = self.wanted, self.wanted.kind == "need"
        made = [
            self._codes("field", _("Technology field"), FIELDS, wanted.field),
            self._sub_fields(),
            self._trl(_("Readiness wanted") if need else _("Readiness (TRL)")),
            self._codes("mode", _("Transfer mode"), TRANSFER_MODES, wanted.mode),
            self._price(_("Budget") if need else _("Price")),
            self._places("region", _("Region"), lambda code: code.endswith("0000")),
            self._cities(),
            self._countries(),
            self._codes("ip", _("IP rights"), IP_KINDS, wanted.ip, open_=False, present=True),
            self._codes(
                "organisation_kind", _("Posted by"), ORGANISATION_KINDS, wanted.organisation_kind,
                open_=False, present=True,
            ),
            self._languages(),
            self._verified(),
        ]  # fmt: skip
        return [group for group in made if group is not None and group.items]

    # --- groups ---------------------------------------------------------------------------------

    def _codes(
        self, key: str, title: str, codes: CodeList, chosen: tuple[str, ...],
        *, open_: bool = True, present: bool = False,
    ) -> Group | None:  # fmt: skip
        """One item per code; present: only those that would give something."""
        named = [(code.code, code.name()) for code in codes]
        if present:
            named = [(code, name) for code, name in named if self._count(key, code)]
            named += [(c, codes.label(c)) for c in chosen if c not in dict(named)]
        return self._many(key, title, named, chosen, open_)

    def _sub_fields(self) -> Group | None:
        if not self.wanted.field:
            return None
        named = [(sub.code, sub.name()) for code in self.wanted.field for sub in _subs(code)]
        return self._many("sub_field", _("Sub-field"), named, self.wanted.sub_field, True)

    def _many(
        self, key: str, title: str, named: Iterable[tuple[str, str]], chosen: tuple[str, ...],
        open_: bool,
    ) -> Group:  # fmt: skip
        items = []
        for value, label in named:
            after = [v for v in chosen if v != value] if value in chosen else [*chosen, value]
            items.append(self._item(key, value, label, {key: after or None}, value in chosen))
        return _group(key, title, items, open_)

    def _single(
        self, key: str, parameter: str, title: str, named: Iterable[tuple[str, str]],
        chosen: str, open_: bool = True,
    ) -> Group:  # fmt: skip
        items = [
            self._item(key, v, label, {parameter: None if v == chosen else v}, v == chosen)
            for v, label in named
        ]
        return _group(key, title, items, open_)

    def _trl(self, title: str) -> Group:
        names = {1: _("1–3 idea to proof"), 4: _("4–6 laboratory to pilot"),
                 7: _("7–9 in operation")}  # fmt: skip
        levels = self.counts.choices.get("trl", {})
        items = []
        for low, high in TRL_STEPS:
            chosen = (self.wanted.trl_min, self.wanted.trl_max) == (low, high)
            change = (None, None) if chosen else (low, high)
            number = sum(levels.get(str(level), 0) for level in range(low, high + 1))
            items.append(
                self._item(
                    "trl", str(low), names[low],
                    {"trl_min": change[0], "trl_max": change[1]}, chosen, number,
                )
            )  # fmt: skip
        return _group("trl", title, items, True)

    def _price(self, title: str) -> Group:
        ends: list[int | None] = [None, *PRICE_STEPS, None]
        items = []
        for step in range(len(PRICE_STEPS) + 1):
            low, high = ends[step], ends[step + 1]
            chosen = (self.wanted.price_min, self.wanted.price_max) == (low, high)
            change = {"price_min": None, "price_max": None} if chosen else {
                "price_min": low, "price_max": high
            }  # fmt: skip
            label = price_label(low, high, self.wanted.currency)
            items.append(self._item("price", str(step), label, change, chosen))
        return _group("price", title, items, False)

    def _places(self, key: str, title: str, wanted: Callable[[str], bool]) -> Group | None:
        counted = self.counts.choices.get(key, {})
        codes = sorted((code for code in counted if wanted(code)), key=lambda c: -counted[c])
        chosen = self.wanted.region
        if chosen and wanted(chosen) and chosen not in codes:
            codes.append(chosen)
        named = [(code, name) for code in codes if (name := regions.name(code, self.language))]
        return self._single(key, "region", title, named, chosen)

    def _cities(self) -> Group | None:
        """Cities of the province that was chosen, or that the chosen city lies in."""
        if not self.wanted.region:
            return None
        province = self.wanted.region[:2]
        return self._places(
            "city", _("City"), lambda code: code[:2] == province and not code.endswith("0000")
        )

    def _countries(self) -> Group | None:
        counted = self.counts.choices.get("country", {})
        codes = sorted(counted, key=lambda code: -counted[code])
        if self.wanted.country and self.wanted.country not in codes:
            codes.append(self.wanted.country)
        if codes in ([], ["CN"]) and not self.wanted.country:
            return None
        named = [(code, regions.country_name(code, self.language)) for code in codes]
        return self._single(
            "country", "country", _("Country"), named, self.wanted.country, open_=False
        )

    def _languages(self) -> Group:
        named = [("en", _("English")), ("zh", _("Chinese"))]
        return self._single(
            "language", "language", _("Readable in"), named, self.wanted.language, open_=False
        )

    def _verified(self) -> Group:
        chosen = "1" if self.wanted.verified else ""
        return self._single(
            "verified", "verified", _("Trust"), [("1", _("Verified organisations"))], chosen,
            open_=False,
        )  # fmt: skip

    # --- items ----------------------------------------------------------------------------------

    def _count(self, key: str, value: str) -> int:
        return self.counts.choices.get(key, {}).get(value, 0)

    def _item(
        self, key: str, value: str, label: str, changes: Mapping[str, Any], selected: bool,
        number: int | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        number = self._count(key, value) if number is None else number
        more = key in self.counts.open_ended
        return {
            "id": f"by-{key}-{value}", "label": label, "selected": selected,
            # of a set that was cut, a choice without a hit may have some beyond
            "count": None if more and not number else number,
            "more": more, "dead": not number and not selected and not more,
            "url": with_query(self.request, changes),
        }  # fmt: skip


def _group(key: str, title: str, items: list[dict[str, Any]], open_: bool) -> Group:
    chosen = sum(item["selected"] for item in items)
    return Group(key, title, items, open_ or bool(chosen), chosen)


def _subs(field: str) -> list[Any]:
    return SUB_FIELDS.under(field)


def price_label(low: Decimal | int | None, high: Decimal | int | None, currency: str) -> str:
    """¥0.5–2 M; up to ¥500,000; ¥10 M and more."""
    if low is None and high is not None:
        return _("up to %(amount)s") % {"amount": amount_text(high, currency)}
    if high is None and low is not None:
        return _("%(amount)s and more") % {"amount": amount_text(low, currency)}
    return range_text(low or 0, high or 0, currency)


@dataclass(frozen=True)
class Chip:
    """A filter in force in words; left: what is found without it; url: the page without it."""

    label: str
    url: str
    left: int = 0


def chips(
    request: HttpRequest, wanted: Wanted, counts: Counts, organisation_name: str = ""
) -> list[Chip]:
    """The filters in force, each with the way to leave it."""
    language = get_language() or "en"
    names = {
        "field": lambda: join_text(FIELDS.label(code) for code in wanted.field),
        "sub_field": lambda: join_text(SUB_FIELDS.label(code) for code in wanted.sub_field),
        "trl": lambda: _trl_label(wanted.trl_min, wanted.trl_max),
        "mode": lambda: join_text(TRANSFER_MODES.label(code) for code in wanted.mode),
        "price": lambda: price_label(wanted.price_min, wanted.price_max, wanted.currency),
        "ip": lambda: join_text(IP_KINDS.label(code) for code in wanted.ip),
        "organisation_kind": lambda: join_text(
            ORGANISATION_KINDS.label(code) for code in wanted.organisation_kind
        ),
        "region": lambda: regions.short_name(wanted.region, language),
        "country": lambda: regions.country_name(wanted.country, language),
        "language": lambda: (
            _("Readable in Chinese") if wanted.language == "zh" else _("Readable in English")
        ),
        "verified": lambda: _("Verified organisations"),
        "organisation": lambda: organisation_name or _("One organisation"),
        "spec": lambda: join_text(asked.printed for asked in wanted.specifications),
    }
    return [
        Chip(
            names[name](),
            with_query(request, dict.fromkeys(PARAMETERS[name])),
            counts.without.get(name, 0),
        )
        for name in wanted.active
    ]


def figure_chips(request: HttpRequest, question: Question) -> list[Chip]:
    """The figures that were read in the question, each as it was read, with the way to ask for the
    metric's name alone."""
    return [
        Chip(one.printed, with_query(request, {"q": without_figure(question.text, one)}))
        for one in question.specifications
    ]


def _trl_label(low: int | None, high: int | None) -> str:
    if low and high:
        return f"TRL {low}" if low == high else f"TRL {low}–{high}"
    if low:
        return _("TRL %(level)s or higher") % {"level": low}
    return _("TRL %(level)s or lower") % {"level": high}
