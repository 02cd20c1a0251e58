"""Cells that no table program takes for a formula."""

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils import timezone

from marketplace.core.cleaning import without_xml_faults

# Excel and its like begin a formula with these; the full-width ones count in East Asian settings.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
WIDEST, NARROWEST = 48, 8  # characters of a column
MAX_CELL = 32_000  # characters; Excel opens no more than 32,767


def harmless(text: str) -> str:
    """The text of a CSV cell: with an apostrophe in front where it could start a formula. An import
    takes the apostrophe off again (listings.imports.unpacking)."""
    return f"'{text}" if text.startswith(_STARTS) else text


def fitting(text: str) -> str:
    """The text of an Excel cell: no control characters, which XML cannot hold, and not too long."""
    text = without_xml_faults(text)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def text_of(value: Any) -> str:
    """A value as the text of a cell; amounts without needless zeros, moments as days."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.datetime):
        return timezone.localdate(value).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def value_of(value: Any) -> Any:
    """What an Excel cell holds: figures and days as such, so that they can be sorted and summed;
    all else is text."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return value
    if isinstance(value, dt.datetime):
        return timezone.localdate(value)
    return value if isinstance(value, dt.date) else fitting(text_of(value))


def width_of(value: Any) -> int:
    """How many Latin characters wide a value is at its widest line; Chinese ones count twice."""
    lines = text_of(value)[: 4 * WIDEST].splitlines()
    return max((sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in line)
                for line in lines), default=0)  # fmt: skip
