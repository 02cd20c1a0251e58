"""How figures of a listing are written, for pages of this room and of those above."""

from typing import Any

from django.utils.translation import get_language

from marketplace.core.bilingual import Text, is_chinese, pick
from marketplace.core.formatting import number_text


def unit_text(unit: str, language: str | None = None) -> str:
    """The unit as written in text: µm, ℃, m³/h, W/(m·K); a plain count has none."""
    if unit in ("count", ""):
        return ""
    chinese = is_chinese(language or get_language())
    text = unit.replace("**", "^")
    for plain, written in (("^2", "²"), ("^3", "³"), ("*", "·"), ("degC", "℃" if chinese else "°C"),
                           ("um", "µm"), ("ug", "µg"), ("ohm", "Ω")):  # fmt: skip
        text = text.replace(plain, written)
    return text


def value_text(specification: Any, language: str | None = None) -> str:
    """≥ 84%, 10–20 MPa, ≤ 38 dB(A): comparator, value and unit in the reader's language."""
    language = language or get_language()
    unit = unit_text(specification.unit, language)
    gap = "" if unit.startswith("%") or not unit else "\u00a0"
    low = number_text(specification.value)
    if specification.comparator == "between":
        dash = "～" if is_chinese(language) else "–"
        return f"{low}{dash}{number_text(specification.upper)}{gap}{unit}"
    sign = {"ge": "≥\u00a0", "le": "≤\u00a0", "eq": ""}.get(specification.comparator, "")
    return f"{sign}{low}{gap}{unit}"


def metric_text(specification: Any, language: str | None = None) -> Text:
    return pick(specification, "metric", language or get_language())
