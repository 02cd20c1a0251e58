"""Choices that the forms of posting offer, in the reader's language, asked when a form is made."""

from django.utils.translation import gettext as _

from marketplace.core import regions
from marketplace.core.codes import FIELDS, SUB_FIELDS, TRL, CodeList

Choice = tuple[str, str]
Grouped = list[tuple[str, str | list[Choice]]]


def codes(code_list: CodeList, *, empty: str | None = None) -> list[Choice]:
    """All codes, with an empty choice in front when `empty` is given."""
    start = [] if empty is None else [("", empty)]
    return [*start, *code_list.choices()]


def subjects() -> Grouped:
    """Fields and their sub-fields in one list: `field` or `field/sub_field`."""
    groups: Grouped = [("", _("Choose a field"))]
    for field in FIELDS:
        inside = [(field.code, _("%(field)s, in general") % {"field": field.name()})]
        inside += [(f"{field.code}/{sub.code}", sub.name()) for sub in SUB_FIELDS.under(field.code)]
        groups.append((field.name(), inside))
    return groups


def readiness(empty: str) -> list[Choice]:
    """TRL 1 to 9, each with what it means."""
    return [("", empty), *((code.code, f"{code.code} · {code.name()}") for code in TRL)]


def places(language: str) -> Grouped:
    """Provinces with their cities, by GB/T 2260 code."""
    groups: Grouped = [("", _("Not stated"))]
    for province in regions.children():
        name = province.name(language)
        inside = [(province.code, _("%(province)s, all of it") % {"province": name})]
        inside += [(city.code, city.name(language)) for city in regions.children(province.code)]
        groups.append((name, inside))
    return groups
