"""Units of specifications: parsed and converted by pint, plus the spellings the field uses."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pint
from django.utils.translation import gettext_lazy as _
from pint.facets.nonmultiplicative.definitions import LogarithmicConverter

from marketplace.core.errors import field_error

# How people and Chinese texts write units -> what pint reads.
SPELLINGS = {
    "℃": "degC", "°c": "degC", "°C": "degC", "摄氏度": "degC", "°f": "degF", "°F": "degF",
    "%": "percent", "％": "percent", "‰": "permille", "μm": "um", "µm": "um", "Ω": "ohm",
    "次": "count", "个": "count", "pcs": "count", "cycles": "count", "cycle": "count",
    "小时": "h", "分钟": "min", "秒": "s", "天": "day", "年": "year", "米": "m", "毫米": "mm",
    "㎡": "m**2", "㎥": "m**3",
    "微米": "um", "纳米": "nm", "千克": "kg", "公斤": "kg", "克": "g", "吨": "t", "升": "L",
    "毫升": "mL", "伏": "V", "安": "A", "瓦": "W", "千瓦": "kW", "兆帕": "MPa", "元": "CNY",
    "万元": "wan_CNY",
    "rpm": "rpm", "dB(A)": "dB_A", "dBA": "dB_A", "dB": "dB_plain", "亩": "mu",
}  # fmt: skip
COMMON = [
    "%", "degC", "K", "MPa", "GPa", "kPa", "N", "N*m", "h", "min", "s", "day", "year", "kg", "g",
    "t", "mg/L", "ug/m^3", "g/cm^3", "mS/cm", "W/(m*K)", "Wh/kg", "kWh", "kWh/t", "kW", "V", "mV",
    "A", "mA", "mm", "um", "nm", "m", "km", "m/min", "m/s", "m^2", "m^3/h", "t/day", "L/min",
    "Hz", "kHz", "MHz", "GHz", "dB", "dB(A)", "ppm", "rpm", "count", "Pa*s", "CNY", "CNY/kg",
    "CNY/t", "CNY/m^2", "USD",
]  # fmt: skip


@lru_cache(maxsize=1)
def registry() -> Any:
    """The one pint registry; decibels and money are dimensions of their own, never converted."""
    ureg: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)
    for line in (
        "dB_plain = [level]", "dB_A = [level_a]", "CNY = [money_cny]", "wan_CNY = 10000 * CNY",
        "USD = [money_usd]",
        "EUR = [money_eur]", "GBP = [money_gbp]", "HKD = [money_hkd]", "JPY = [money_jpy]",
        "mu = 666.6666667 * meter ** 2", "CFU = [colony]", "NTU = [turbidity]",
        "HV = [hardness_vickers]", "HRC = [hardness_rockwell]", "pH_unit = [acidity]",
    ):  # fmt: skip
        ureg.define(line)
    return ureg


@dataclass(frozen=True)
class Unit:
    """A known unit: as shown, and the dimension two specifications must share to be compared."""

    text: str
    dimension: str
    pint_unit: Any


_TOKEN = re.compile(r"dB\(A\)|[^\s*/^()·]+|\S")


def _spell(text: str) -> str:
    parts = (SPELLINGS.get(token, token) for token in _TOKEN.findall(text.strip()))
    return (
        "".join(parts).replace("·", "*").replace("²", "**2").replace("³", "**3").replace("^", "**")
    )


# Names with a small power, products, quotients, one level of brackets. pint evaluates what it is
# given: 9**9**9 would keep a process busy for hours.
_FACTOR = r"(?:[^\W\d]\w*(?:\*\*(?:-?[1-9](?:\.5)?|\(-?[1-9]\)|0\.5))?|1)"
_PRODUCT = rf"{_FACTOR}(?:[*/]{_FACTOR})*"
_EXPRESSION = re.compile(rf"(?:{_FACTOR}|\({_PRODUCT}\))(?:[*/](?:{_FACTOR}|\({_PRODUCT}\)))*")


@lru_cache(maxsize=4096)
def _parse(text: str) -> Unit | None:
    if not text.strip():
        return Unit("", "dimensionless", registry().dimensionless)
    if len(text) > 40 or not _EXPRESSION.fullmatch(spelled := _spell(text)):
        return None
    try:
        unit = registry().parse_units(spelled)
        if _is_logarithmic(unit):
            return None
    except Exception:  # pint raises many kinds for text that is no unit
        return None
    dimension = str(unit.dimensionality)
    return Unit(text.strip(), "dimensionless" if dimension == "dimensionless" else dimension, unit)


def parse_unit(text: str, *, field: str = "unit") -> Unit:
    """The unit a text names, in either language; raises Invalid with suggestions."""
    unit = _parse(text or "")
    if unit is None:
        near = [known for known in COMMON if _is_near(text, known)][:3]
        said = (
            _("“%(unit)s” is not a unit we know. Did you mean %(near)s?")
            if near
            else _("“%(unit)s” is not a unit we know. Units are written as %(near)s.")
        )
        names = ", ".join(near or ("%", "°C", "MPa", "Wh/kg", "m^3/h"))
        raise field_error(field, said % {"unit": text[:40], "near": names}, code="unknown_unit")
    return unit


def _is_near(text: str, known: str) -> bool:
    """Whether it is the unit but for capitals, blanks and signs, or but for one letter."""
    first, second = (re.sub(r"[\s^*·.()]", "", one).lower() for one in (text, known))
    if first == second:
        return True
    if min(len(first), len(second)) < 3 or abs(len(first) - len(second)) > 1:
        return False
    short, long = sorted((first, second), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


def _is_logarithmic(unit: Any) -> bool:
    """dBm and the like, which grow beyond all bounds when converted; dB and dB(A) are our own."""
    known = registry()._units
    return any(
        isinstance(getattr(known.get(name), "converter", None), LogarithmicConverter)
        for name in unit._units
    )


def to_base(value: Decimal | float, unit: Unit) -> float:
    """The value in the base units of its dimension (percent as a fraction, degC as kelvin).

    Raises OverflowError when that is beyond what a float holds.
    """
    base = float(registry().Quantity(float(value), unit.pint_unit).to_base_units().magnitude)
    if not math.isfinite(base):
        raise OverflowError
    return base


def convert(value: Decimal | float, source: str, target: str) -> float | None:
    """The value in another unit, or None when the two do not convert."""
    first, second = _parse(source), _parse(target)
    if first is None or second is None or first.dimension != second.dimension:
        return None
    return float(registry().Quantity(float(value), first.pint_unit).to(second.pint_unit).magnitude)
