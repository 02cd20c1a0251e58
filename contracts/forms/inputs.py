"""Inputs that several forms of this room share."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Organisation
from contracts.codes import PARTY_KIND_GROUPS, PARTY_KINDS
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes.lists import Code

_MULTIPLES = {"万": 10_000, "亿": 100_000_000}
_SEPARATORS = str.maketrans("", "", ",， \u00a0\u202f¥￥")


class MoneyField(forms.DecimalField):
    """An amount as people write it: grouped by commas or spaces, with a yuan sign or without, or
    in ten thousands (30万) or hundred millions (1.2亿)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        text = value.translate(_SEPARATORS).removesuffix("元")
        for sign, times in _MULTIPLES.items():
            if text.endswith(sign):
                amount = super().to_python(text.removesuffix(sign))
                return None if amount is None else amount * times
        return super().to_python(text)


def line(label: Any, limit: int, help_text: Any = "", **attrs: Any) -> forms.CharField:
    """One line of text; nothing is required while one drafts."""
    return forms.CharField(
        label=label, max_length=limit, required=False, help_text=help_text,
        widget=forms.TextInput(attrs=attrs),
    )  # fmt: skip


def day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=False, help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip


def chosen(codes: Iterable[Code], blank: Any = "") -> list[tuple[str, str]]:
    """Choices in the reader's language, with a first empty one unless blank is None."""
    listed = [(entry.code, entry.name()) for entry in codes]
    return listed if blank is None else [("", str(blank) or "—"), *listed]


def explained(entry: Code) -> str:
    """The name with its help behind it."""
    if not entry.help():
        return entry.name()
    return _("%(name)s (%(help)s)") % {"name": entry.name(), "help": entry.help()}


def party_kinds() -> list[Any]:
    """Kinds of party under their groups; a group of one stands by itself."""
    choices: list[Any] = [("", "—")]
    for group in PARTY_KIND_GROUPS:
        kinds = [(entry.code, entry.name()) for entry in PARTY_KINDS.under(group.code)]
        choices.append((group.name(), kinds) if len(kinds) > 1 else kinds[0])
    return choices


def own_name(organisation: Organisation) -> str:
    """The name that the reader sees."""
    return pick(organisation, "name", get_language()).value


def countries() -> list[tuple[str, str]]:
    return regions.countries(get_language())


def region_options() -> list[tuple[str, str]]:
    """Code and full name of provinces and cities, for a datalist; districts may be typed."""
    language = get_language()
    found = []
    for province in regions.children():
        found.append((province.code, regions.full_name(province.code, language)))
        found += [
            (city.code, regions.full_name(city.code, language))
            for city in regions.children(province.code)
            if city.level == "city"
        ]
    return found
