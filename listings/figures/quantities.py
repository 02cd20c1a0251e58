"""Where a sentence holds a number with a unit, a range of them, or a tolerance."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from listings.figures.numerals import NUMBER, SIGN, read_number, signed
from listings.figures.units import UNIT, canonical, sort_of

_RANGE = r"\s?(?:-|–|—|−|~|～|〜|至|到|\.\.\.?|…|\bto\b)\s?"
_DEGREES = r"度(?![量过数假角电])"
# A number after a letter, a digit or a dash belongs to a name: R-410A, GB18030, COD50, 第3次.
_FRESH = r"(?<![A-Za-z0-9.,_/\-−–第])"
_QUANTITY = re.compile(
    rf"(?:(?P<between>\bbetween\s+)|{_FRESH})"
    rf"(?P<sign>{SIGN})?(?P<low>{NUMBER})"
    rf"(?:(?:\s?(?:{UNIT}|{_DEGREES}))?(?:{_RANGE}|(?(between)\s+and\s+|(?!)))"
    rf"(?P<sign2>{SIGN})?(?P<high>{NUMBER})|\s?[±]\s?(?P<tolerance>{NUMBER}))?"
    rf"\s?-?(?P<unit>{UNIT}|{_DEGREES})"
)
_SHARE = re.compile(
    rf"(?P<of>百分之|千分之)(?P<low>{NUMBER})(?:(?:{_RANGE})(?:百分之|"
    rf"千分之)?(?P<high>{NUMBER}))?(?!\s?{UNIT})"
)
_TENTHS = re.compile(
    r"(?<![零一二两三四五六七八九十百千万第])([一二两三四五六七八九])成(?=以上|的|左右|$|"
    r"[，。；、])"
)
_PLAIN = re.compile(
    rf"(?P<sign>{SIGN})?(?P<low>\d{{1,6}}(?:\.\d{{1,6}})?)(?![\d.%A-Za-z]|\s?(?:{UNIT}|{_RANGE}\d))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Quantity:
    """value and upper in `unit`, spelled as marketplace.core.units does; sort: what the unit
    measures; is_tolerance: written ±0.02; is_degree: 度 alone, which may be an angle."""

    start: int
    end: int
    value: Decimal
    upper: Decimal | None
    unit: str
    sort: str
    is_tolerance: bool = False
    is_degree: bool = False
    is_below_zero_in_words: bool = False


def quantities_in(text: str) -> list[Quantity]:
    """All of a sentence, in order, none over another."""
    found: list[Quantity] = []
    for one in sorted([*_measured(text), *_shares(text)], key=lambda row: row.start):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def plain_number_at(text: str, start: int) -> Quantity | None:
    """A number without a unit that begins here."""
    match = _PLAIN.match(text, start)
    if match is None:
        return None
    value = signed(Decimal(match["low"]), match["sign"] or "")
    return Quantity(match.start(), match.end(), value, None, "", "")


def _measured(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        low, sign = read_number(match["low"]), match["sign"] or ""
        unit = "degC" if match["unit"] == "度" else canonical(match["unit"])
        if low is None or unit is None:
            continue
        if (unit == "year" and _YEAR.fullmatch(match["low"])) or (
            unit == "s" and (_YEAR.fullmatch(match["low"]) and match.group().endswith("s"))
        ):
            continue
        value, upper = signed(low, sign), None
        if match["high"]:
            high = read_number(match["high"])
            if high is None:
                continue
            upper = signed(high, match["sign2"] or "")
            scale = _shared_scale(match["low"], match["high"])
            value *= scale
            if upper <= value:
                continue  # "from 90 to 60" is no range that is asked for
        if match["tolerance"]:
            width = read_number(match["tolerance"])
            if width is None or width <= 0:
                continue
            value, upper = value - width, value + width
        yield Quantity(
            match.start(), match.end(), value, upper, unit, sort_of(unit),
            is_tolerance="±" in sign, is_degree=match["unit"] == "度",
            is_below_zero_in_words=sign.startswith("零下"),
        )  # fmt: skip


def _shared_scale(low: str, high: str) -> int:
    """1～2万: the scale of the second is the first's, too."""
    for char, scale in (("万", 10**4), ("亿", 10**8)):
        if high.strip().endswith(char) and not low.strip().endswith(("万", "亿")):
            return scale
    return 1


def _shares(text: str) -> Iterator[Quantity]:
    for match in _SHARE.finditer(text):
        low = read_number(match["low"])
        high = read_number(match["high"]) if match["high"] else None
        unit = "%" if match["of"] == "百分之" else "‰"
        if low is not None and (high is None or high > low):
            yield Quantity(match.start(), match.end(), low, high, unit, "share")
    for match in _TENTHS.finditer(text):
        value = read_number(match[1])
        if value is not None:
            yield Quantity(match.start(), match.end(), value * 10, None, "%", "share")
