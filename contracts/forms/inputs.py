"""Inputs that several forms of this room share."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Organisation
from contracts.codes import PARTY_KIND_GROUPS, PARTY_KINDS
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes.lists import Code

_MOST_DIGITS = 18
_MULTIPLES = {"万": 10_000, "亿": 100_000_000}
_GROUPED = re.compile("[,， \u00a0\u202f]\\S")
_IN_GROUPS = re.compile(
    r"[-+]?(?:\d{1,3}(?:[,， \u00a0\u202f]\d{3})+|\d{1,4}(?:[,， \u00a0\u202f]\d{4})+)(?:\.\d+)?"
)
_SEPARATORS = str.maketrans("", "", ",， \u00a0\u202f¥￥")


class MoneyInput(forms.TextInput):
    """Shows a stored amount in groups of three, as it is read again; what was typed stays."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal) or not value.is_finite():
            return super().format_value(value)
        return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


class MoneyField(forms.DecimalField):
    """An amount as people write it: grouped by commas or spaces, with a yuan sign or without, or
    in ten thousands (30万) or hundred millions (1.2亿)."""

    widget = MoneyInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": gettext_lazy("Write an amount as a number, such as 120000, 120,000.50 or 12万."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", _MOST_DIGITS)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        text = value.strip().removesuffix("元").strip()
        number = text.strip("¥￥万亿 \u00a0")
        if _GROUPED.search(number) and not _IN_GROUPS.fullmatch(number):
            # a decimal comma read as a group would make the amount a hundred times as large
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        text = text.translate(_SEPARATORS)
        for sign, times in _MULTIPLES.items():
            if text.endswith(sign):
                amount = super().to_python(text.removesuffix(sign))
                if amount is None:
                    return None
                if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
                    raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
                return amount * times
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


def put_errors(form: forms.Form, name: str, messages: Iterable[Any]) -> None:
    """Show messages at an input, also of a form that was not posted; at the first one when it has
    none of this name."""
    name = name if name in form.fields else next(iter(form.fields))
    for message in messages:
        if form.is_bound:
            form.add_error(name, str(message))
        else:
            form.errors.setdefault(name, form.error_class()).append(str(message))
