"""What a cell that cannot be taken is told: what is wrong, and what to write instead."""

from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.imports.places import regions_named
from marketplace.core.codes.lists import Code
from marketplace.core.errors import Message

_SHOWN = 12  # names that are listed; of more, those that are most alike


def unknown_code(text: str, entries: Iterable[Code]) -> Message:
    """For a cell that names none of a list."""
    names = [entry.name() for entry in entries]
    if len(names) > _SHOWN:
        names = get_close_matches(text, names, n=5, cutoff=0.3) or [*names[:_SHOWN], "…"]
    return _("“%(text)s” is not known. Write one of these: %(names)s.") % {
        "text": _short(text), "names": pgettext("list", "; ").join(names),
    }  # fmt: skip


def no_day(text: str) -> Message:
    return _("“%(text)s” is no day. Write it as 2026-03-05, 2026/3/5 or 2026年3月5日.") % {
        "text": _short(text)
    }


def no_amount(text: str) -> Message:
    return _(
        "“%(text)s” is no amount. Write a number with at most two decimals, such as 120000, "
        "120,000.50 or 12万."
    ) % {"text": _short(text)}


def no_rate(text: str) -> Message:
    return _("“%(text)s” is no rate. Write CNY for one unit as a number, such as 7.1234.") % {
        "text": _short(text)
    }


def no_country(text: str) -> Message:
    return _(
        "“%(text)s” is no country or area. Write its name in Chinese or English, or its code of "
        "two letters: Germany, 德国 or DE."
    ) % {"text": _short(text)}


def no_region(text: str) -> Message:
    if len(named := regions_named(text)) > 1:
        return _("“%(text)s” is the name of several places. Write which: %(names)s.") % {
            "text": _short(text), "names": pgettext("list", "; ").join(named),
        }  # fmt: skip
    return _(
        "“%(text)s” is no region of China. Write a province or city by name, or the code of six "
        "digits: 深圳市, Shenzhen or 440300."
    ) % {"text": _short(text)}


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
