"""A specification that a reader asks for, read from words: "energy density >= 300 Wh/kg"."""

import re
from dataclasses import dataclass
from decimal import Decimal

from listings import metrics
from marketplace.core.errors import DomainError
from marketplace.core.units import parse_unit, to_base

MAX_ASKED = 5
_SIGNS = {">=": "ge", "≥": "ge", "≧": "ge", ">": "gt", "<=": "le", "≤": "le", "≦": "le", "<": "lt"}
_ASKED = re.compile(
    r"(?P<metric>[^\d<>=≤≥≦≧,;，；。\"]{2,80})(?P<sign>>=|<=|≥|≤|≧|≦|>|<)\s*"
    r"(?P<value>[-−]?\d{1,12}(?:\.\d{1,6})?)\s*(?P<unit>[^\s\d,;，；。<>=≥≤\"][^\s,;，；。<>=≥≤\"]{0,30})?"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class SpecificationAsked:
    """metric: all names by which listings may call it, lower case; comparator: ge, gt, le or lt;
    base: the value in base units of the dimension; text: as a person reads it; name: the metric as
    it was asked."""

    metric: tuple[str, ...]
    comparator: str
    base: float
    dimension: str
    text: str
    name: str = ""


def read_specification(
    text: str, *, any_metric: bool = False
) -> tuple[tuple[SpecificationAsked, ...], str]:
    """The specifications asked for in a text, and the text without them.

    A metric is the longest known name that ends at the sign; with any_metric also an unknown one,
    the last words before it. What has no sign, or a unit or metric unknown, stays in the text.
    """
    found: list[SpecificationAsked] = []
    rest = text
    for match in _ASKED.finditer(text):
        before, name = _split(match["metric"].strip())
        if not any_metric and metrics.find(name) is None:
            continue
        asked = _asked(name, match["sign"], match["value"], match["unit"] or "")
        if asked is None or len(found) >= MAX_ASKED:
            continue
        found.append(asked)
        rest = rest.replace(match[0], f"{before} ", 1)
    return tuple(found), rest


def _split(words: str) -> tuple[str, str]:
    """(what stands before, the metric's name)."""
    pieces = words.split()
    for start in range(len(pieces)):
        name = " ".join(pieces[start:])
        if metrics.find(name):
            return " ".join(pieces[:start]), name
    if _HAN.search(words):
        for start in range(len(words)):
            if metrics.find(words[start:]):
                return words[:start], words[start:]
        return " ".join(pieces[:-1]), pieces[-1]
    return " ".join(pieces[:-3]), " ".join(pieces[-3:])


def _asked(name: str, sign: str, value: str, unit_text: str) -> SpecificationAsked | None:
    try:
        unit = parse_unit(unit_text)
        base = to_base(Decimal(value.replace("−", "-")), unit)
    except (DomainError, OverflowError):
        return None
    known = metrics.find(name)
    names = (known.en, known.zh) if known else (name,)
    text = f"{name} {sign} {value} {unit_text}".strip()
    return SpecificationAsked(
        tuple(one.lower() for one in names), _SIGNS[sign], base, unit.dimension[:120], text, name
    )
