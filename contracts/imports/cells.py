"""What a cell says: text, days and amounts as people write them."""

import re
from typing import Any

from django.core.exceptions import ValidationError

from contracts.forms.inputs import MoneyField

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")


def text_of(value: Any) -> str:
    return "" if value is None else str(value).strip()


def day_of(text: str) -> str | None:
    """2026-03-05 of 2026/3/5 or 2026年3月5日; None for what is no day."""
    day = _DATE.fullmatch(text)
    return day and f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"


def money_of(value: Any) -> Any:
    """As people write it; what is no amount stays, and is refused with its field."""
    text = text_of(value)
    try:
        return MoneyField(required=False).clean(text)
    except ValidationError:
        return text
