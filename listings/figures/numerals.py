"""Numbers as people write them: 1,200 · 1.2万 · 3×10^-4 · 两千五百 · 零下四十 · minus 40."""

import re
from decimal import Decimal, InvalidOperation

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_SCALES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "百": 100, "千": 1000, **_MYRIADS,
    "百万": 10**6, "千万": 10**7, "万亿": 10**12,
}  # fmt: skip
_SUPERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−–", "0123456789---")

SIGN = r"(?:[-−–]\s?|[+±]\s?|零下\s?|负\s?|minus\s)"
ARABIC = (
    r"(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,12})(?:\.\d{1,8})?(?:[eE][-−]?\d{1,2})?"
    r"(?:\s?[×xX*·]\s?10(?:\^\s?\(?[-−+]?\d{1,2}\)?|[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))?"
    r"(?:\s?(?:百万|千万|万亿|[百千万亿])|\s(?:thousand|million|billion)\b)?"
)
CHINESE = (
    r"[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万亿]{0,11}"
    r"(?:点[零〇一二三四五六七八九]{1,6})?"
)
# Atomic, and words only from their first: a long row of digits or numerals is read once.
NUMBER = rf"(?>{ARABIC}|(?<![零〇一二两三四五六七八九十百千万亿]){CHINESE})"

_PARTS = re.compile(
    r"(?P<plain>[\d,]+(?:\.\d+)?)(?:[eE](?P<exp>[-−]?\d{1,2}))?"
    r"(?:\s?[×xX*·]\s?10\^?\s?\(?(?P<power>[-−+⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})\)?)?"
    r"\s?(?P<scale>\D*)"
)
_WIDTHS = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in map(chr, range(0xFF01, 0xFF5F))}
_KEPT = "，；：！？"
_FOLDED = {code: char for code, char in _WIDTHS.items() if chr(code) not in _KEPT}


def narrowed(text: str) -> str:
    """The text with full-width digits, letters and signs as narrow ones, each in its place;
    Chinese punctuation stays."""
    return text.translate(_FOLDED)


def read_number(text: str) -> Decimal | None:
    """The value of what NUMBER matched, or None."""
    text = text.strip()
    try:
        return _chinese(text) if text[0] in "一二两三四五六七八九十" else _arabic(text)
    except (InvalidOperation, KeyError):
        return None


def signed(value: Decimal, sign: str) -> Decimal:
    """value below zero when the sign that stands before it says so."""
    return -value if sign and sign.strip() not in ("+", "±") else value


def _arabic(text: str) -> Decimal | None:
    match = _PARTS.fullmatch(text)
    if match is None:
        return None
    value = Decimal(match["plain"].replace(",", ""))
    for power in (match["exp"], match["power"]):
        if power:
            value = value.scaleb(int(power.translate(_SUPERS)))
    scale = match["scale"].strip()
    return value * _SCALES[scale] if scale else value


def _chinese(text: str) -> Decimal:
    """Numerals in words; a plain row of digits is read digit by digit."""
    whole, _point, part = text.partition("点")
    total = section = digit = 0
    if not any(char in _TENS or char in _MYRIADS for char in whole):
        total = int("".join(str(_DIGITS[char]) for char in whole))
        whole = ""
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        else:
            total = (total + section + digit) * _MYRIADS[char]
            section = digit = 0
    value = Decimal(total + section + digit)
    if part:
        value += Decimal("0." + "".join(str(_DIGITS[char]) for char in part))
    return value
