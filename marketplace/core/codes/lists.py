"""The lists themselves. Fields come from fields.yaml, the rest from lists.yaml beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.core.bilingual import is_chinese

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Code:
    """One entry; `parent` is set where a list hangs under another; help texts may be empty."""

    code: str
    en: str
    zh: str
    parent: str = ""
    help_en: str = ""
    help_zh: str = ""

    def name(self, language: str | None = None) -> str:
        return self.zh if is_chinese(language or get_language()) else self.en

    def help(self, language: str | None = None) -> str:
        return self.help_zh if is_chinese(language or get_language()) else self.help_en


class CodeList:
    """An ordered list of codes, found by code or by name in either language."""

    def __init__(self, name: str, codes: list[Code]) -> None:
        self.name = name
        self._codes = {entry.code: entry for entry in codes}
        self._names: dict[str, str] = {}
        for entry in codes:
            for text in (entry.code, entry.en, entry.zh):
                self._names.setdefault(text.strip().lower(), entry.code)

    def __iter__(self) -> Iterator[Code]:
        return iter(self._codes.values())

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __len__(self) -> int:
        return len(self._codes)

    def get(self, code: str | None) -> Code | None:
        return self._codes.get(code or "")

    def label(self, code: str | None, language: str | None = None) -> str:
        """The name in the (active) language; an unknown code is shown as it is."""
        entry = self._codes.get(code or "")
        return entry.name(language) if entry else (code or "")

    def find(self, text: str) -> str | None:
        """The code for a code or a name in either language, or None."""
        return self._names.get(text.strip().lower())

    def choices(self) -> list[tuple[str, str]]:
        """For forms, in the active language; pass the method itself so that it is asked late."""
        return [(entry.code, entry.name()) for entry in self]

    def under(self, parent: str) -> list[Code]:
        return [entry for entry in self if entry.parent == parent]


@deconstructible
class KnownCode:
    """Validator of a model field that holds a code of the named list."""

    def __init__(self, list_name: str) -> None:
        self.list_name = list_name

    def __call__(self, value: str) -> None:
        if value and value not in ALL_LISTS[self.list_name]:
            raise ValidationError(
                _("“%(code)s” is not a code of the list %(list)s."),
                code="unknown_code",
                params={"code": value[:60], "list": self.list_name},
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnownCode) and other.list_name == self.list_name

    __hash__ = object.__hash__


def _entry(raw: dict[str, Any], parent: str = "") -> Code:
    return Code(
        str(raw["code"]), raw["en"], raw["zh"], parent or raw.get("parent", ""),
        raw.get("help_en", ""), raw.get("help_zh", ""),
    )  # fmt: skip


_fields_raw = yaml.safe_load((_HERE / "fields.yaml").read_text(encoding="utf-8"))
_lists_raw = yaml.safe_load((_HERE / "lists.yaml").read_text(encoding="utf-8"))

FIELDS = CodeList("fields", [_entry(raw) for raw in _fields_raw])
SUB_FIELDS = CodeList(
    "sub_fields",
    [_entry(sub, parent=raw["code"]) for raw in _fields_raw for sub in raw["sub"]],
)


def _list(name: str) -> CodeList:
    return CodeList(name, [_entry(raw) for raw in _lists_raw[name]])


LISTING_KINDS = _list("listing_kinds")
ORGANISATION_KINDS = _list("organisation_kinds")
TTI_TYPES = _list("tti_types")
TRANSFER_MODES = _list("transfer_modes")
PRICE_KINDS = _list("price_kinds")
CURRENCIES = _list("currencies")
IP_KINDS = _list("ip_kinds")
IP_STATUSES = _list("ip_statuses")
PROJECT_SOURCES = _list("project_sources")
TIERS = _list("tiers")
COMPARATORS = _list("comparators")
TRL = _list("trl")

ALL_LISTS = {
    code_list.name: code_list
    for code_list in (
        FIELDS, SUB_FIELDS, LISTING_KINDS, ORGANISATION_KINDS, TTI_TYPES, TRANSFER_MODES,
        PRICE_KINDS, CURRENCIES, IP_KINDS, IP_STATUSES, PROJECT_SOURCES, TIERS, COMPARATORS, TRL,
    )
}  # fmt: skip
