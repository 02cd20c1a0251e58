"""A search as an address and in words: what a saved search and a feed are made of.

Every search is kind + the parameters of its address (listings.wanted). Here they are brought into
one form, so that the same search is the same text.
"""

from dataclasses import fields
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from listings.choices import price_label
from listings.models.listings import Kind
from listings.models.saved import MAX_NAME, MAX_QUERY
from listings.wanted import Wanted, read_wanted
from marketplace.core import regions
from marketplace.core.codes import (
    FIELDS,
    IP_KINDS,
    ORGANISATION_KINDS,
    SUB_FIELDS,
    TRANSFER_MODES,
)
from marketplace.core.errors import field_error
from marketplace.core.formatting import join_text

# Every filter stands in the address under the name it has in Wanted; these do not.
_OWN = {"kind", "question", "any_word", "exact", "unfolded", "specifications", "ignored"}


def parameters(kind: str, query: QueryDict) -> dict[str, list[str]]:
    """The parameters that say something about the search, by name, without the page number and
    what is not understood."""
    wanted = read_wanted(kind, query)
    known = {part.name for part in fields(Wanted)} - _OWN
    kept: dict[str, list[str]] = {"q": [wanted.question]} if wanted.question else {}
    if wanted.any_word and wanted.question:
        kept["words"] = ["any"]
    if wanted.specifications:
        kept["spec"] = [asked.text for asked in wanted.specifications]
    for name in sorted(known):
        # a code list may hold good codes beside an unknown one
        values = getattr(wanted, name)
        given = [value.strip() for value in query.getlist(name) if value.strip()]
        if isinstance(values, tuple):
            given = sorted(value for value in dict.fromkeys(given) if value in values)
        elif _says_nothing(values) or name in wanted.ignored:
            given = []
        if given and (name, given[-1:]) not in (("currency", ["CNY"]),):
            kept[name] = given if isinstance(values, tuple) else given[-1:]
    return kept


def _says_nothing(value: object) -> bool:
    """Whether a filter is not set: an amount of 0 is."""
    return value is None or value is False or value == ""


def canonical(kind: str, query: QueryDict) -> str:
    """The address parameters of a search in one form, "" for everything of the kind.

    Raises Invalid when they are longer than can be kept.
    """
    text = urlencode(parameters(kind, query), doseq=True)
    if len(text) > MAX_QUERY:
        raise field_error("query", _("This search has too many filters to be kept."), "too_long")
    return text


def wanted_of(kind: str, query: str) -> Wanted:
    """The Wanted of a stored search."""
    return read_wanted(kind, QueryDict(query))


def address_of(kind: str, query: str, **more: str) -> str:
    """The page of a search, with the host left out."""
    page = reverse("needs" if kind == Kind.NEED else "technologies")
    given = QueryDict(query, mutable=True)
    for name, value in more.items():
        given[name] = value
    text = given.urlencode()
    return f"{page}?{text}" if text else page


def describe(wanted: Wanted) -> str:
    """The search in words of the active language: “coating”, New materials, TRL 6–9."""
    language = get_language() or "en"
    parts = [_("“%(question)s”") % {"question": wanted.question}] if wanted.question else []
    for codes, names in (
        (wanted.field, FIELDS), (wanted.sub_field, SUB_FIELDS), (wanted.mode, TRANSFER_MODES),
        (wanted.ip, IP_KINDS), (wanted.organisation_kind, ORGANISATION_KINDS),
    ):  # fmt: skip
        if codes:
            parts.append(join_text(names.label(code) for code in codes))
    if wanted.trl_min or wanted.trl_max:
        low, high = wanted.trl_min or 1, wanted.trl_max or 9
        parts.append(f"TRL {low}" if low == high else f"TRL {low}–{high}")
    if wanted.price_min is not None or wanted.price_max is not None:
        parts.append(price_label(wanted.price_min, wanted.price_max, wanted.currency))
    parts += [asked.text for asked in wanted.specifications]
    if wanted.region:
        parts.append(regions.short_name(wanted.region, language))
    if wanted.country:
        parts.append(regions.country_name(wanted.country, language))
    if wanted.language:
        parts.append(_("Readable in Chinese") if wanted.language == "zh"
                     else _("Readable in English"))  # fmt: skip
    if wanted.verified:
        parts.append(_("Verified organisations"))
    if wanted.organisation:
        parts.append(_("One organisation"))
    if not parts:
        parts.append(_("All needs") if wanted.kind == Kind.NEED else _("All technologies"))
    return ("，" if language.startswith("zh") else ", ").join(parts)[:MAX_NAME]
