"""How figures of a listing are written, for pages of this room and of those above."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from marketplace.core import units
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


@dataclass(frozen=True)
class _Figure:
    comparator: str
    value: Decimal
    upper: Decimal | None
    unit: str


def value_text_in(specification: Any, unit: str, language: str | None = None) -> str:
    """`value_text` in another unit; "" where it is stated in it already or does not convert."""
    if specification.unit == unit:
        return ""
    value = units.convert(specification.value, specification.unit, unit)
    if value is None:
        return ""
    stated = specification.upper
    upper = None if stated is None else units.convert(stated, specification.unit, unit)
    figure = _Figure(
        specification.comparator, _short(value), None if upper is None else _short(upper), unit
    )
    return value_text(figure, language)


def _short(value: float) -> Decimal:
    """Six significant digits: what a conversion adds beyond is noise."""
    return Decimal(f"{value:.6g}")


def metric_text(specification: Any, language: str | None = None) -> Text:
    return pick(specification, "metric", language or get_language())
