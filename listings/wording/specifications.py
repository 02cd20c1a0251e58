"""Specifications in words: `Energy density ≥ 330 Wh/kg (25 °C); Noise 30–38 dB(A)`.

An item is a metric, a comparison, a value or a range, a unit; in brackets or after a comma its
condition, `vs` what it is compared with, `wish`, and who may see it.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language

from listings.display import unit_text
from listings.metrics import completed
from listings.wording.items import BETWEEN, Unread, both_of, both_text, bracketed, items_of
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import TIERS
from marketplace.core.errors import Invalid
from marketplace.core.formatting import number_text
from marketplace.core.units import parse_unit
from marketplace.core.words import has_chinese

_NARROW = str.maketrans(
    "０１２３４５６７８９．＋－％＞＜＝＜≧≦﹥﹤−\u00a0\u202f", "0123456789.+-%><=<≥≤><-  "
)
_LOW, _HIGH = ("低于", "小于", "少于", "短于"), ("高于", "大于", "超过", "多于", "长于")
_UNDER = ("less than", "lower than", "smaller than", "fewer than", "shorter than", "below", "under")
_ABOVE = ("more than", "greater than", "higher than", "longer than", "above", "over", "exceed",
          "exceeding")  # fmt: skip


def _denied(chinese: tuple[str, ...], english: tuple[str, ...]) -> tuple[str, ...]:
    """不得低于, not under: what is denied asks for the opposite."""
    never = ("不", "不得", "不应", "不能", "不可", "不宜")
    nor = ("not", "no", "never", "cannot", "must not", "shall not", "should not")
    return (
        *(f"{no}{word}" for no in never for word in chinese),
        *(f"{no} {word}" for no in nor for word in english),
    )


_SAID = {
    "ge": (*_denied(_LOW, _UNDER),
           "≥", ">=", "=>", ">", "at least", "not less than", "no less than", "not below",
           "not lower than", "no lower than", "more than", "greater than", "higher than", "above",
           "over", "exceeding", "大于等于", "大于或等于", "不低于", "不小于", "不少于", "不短于",
           "至少", "大于", "高于", "超过", "优于"),
    "le": (*_denied(_HIGH, _ABOVE),
           "≤", "<=", "=<", "<", "at most", "not more than", "no more than", "not above",
           "not higher than", "no higher than", "less than", "lower than", "below", "under",
           "within", "小于等于", "小于或等于", "不高于", "不大于", "不超过", "不多于", "不长于",
           "至多", "最多", "小于", "低于", "少于"),
    "eq": ("=", "equal to", "equals", "等于"),
    "between": ("between", "介于"),
}  # fmt: skip
_CODES = {said: code for code, words in _SAID.items() for said in words}
_SORTED = sorted(_CODES, key=len, reverse=True)
_SIGNS = "|".join(word for word in _SORTED if not word[0].isalpha())
_WORDS = "|".join(
    rf"\b{word}\b" if word.isascii() else word for word in _SORTED if word[0].isalpha()
)
_NUMBER = r"[-+]?\d+(?:[,，]\d{3})*(?:\.\d+)?(?:[eE][-+]?\d{1,2})?"
_TO = r"\s*(?:–|—|~|～|-|至|到|\bto\b|\band\b|和|与)\s*"
_FIGURE = (
    rf"(?:(?P<value>{_NUMBER})(?:\s*±\s*(?P<around>{_NUMBER})|"
    rf"(?:\s*(?P<first>[^\s\d,，(（–—~～至到]{{1,12}}))?{_TO}(?P<upper>{_NUMBER})(?!\w*/))?"
    rf"|±\s*(?P<within>{_NUMBER}))"
)
# Signs go before words, which names hold, too: Fibres above 50 um retained ≥ 95%.
_BOUNDS = [
    re.compile(rf"[\s:：,，]*(?P<sign>{said})\s*{_FIGURE}", re.IGNORECASE)
    for said in (_SIGNS, _WORDS)
]
_BARE = re.compile(rf"(?:(?<=[\s:：)）])|(?<=[\u3400-\u9fff])){_FIGURE}", re.IGNORECASE)
_VERSUS = re.compile(r"(?:vs\.?|versus|compared with|对比)[\s:：]+", re.IGNORECASE)
_NEUTRAL = re.compile(r"(?!.*[A-Za-z]{3})[^|\u3400-\u9fff]*")
_STRENGTHS = {
    "must": "must",
    "wish": "wish",
    "必须": "must",
    "必达": "must",
    "期望": "wish",
    "希望": "wish",
}
_TIMES = {"count": "次"}
# A metric that ends so was cut out of a sentence that says the opposite.
_DENIAL = re.compile(
    r"(?:不[得应能可宜]?|未|勿|\b(?:not|no|never|must|shall|cannot|n't))\s*$", re.IGNORECASE
)
_MOST = 500  # characters of an item that are looked at for figures


def read_specifications(text: str) -> list[dict[str, Any]] | Unread:
    """The rows that listings.actions.content takes, or the first item that is none.

    A unit is taken as it stands; whether it is known is judged with the row.
    """
    rows = []
    for number, item in enumerate(items_of(text), 1):
        row = _row(item[:_MOST], number)
        if isinstance(row, Unread):
            return row
        rows.append(row)
    return rows


def specifications_text(rows: Iterable[Any]) -> str | None:
    """The rows as a cell in the active language, None where that would not be read back."""
    rows = list(rows)
    text = "; ".join(_written(row) for row in rows)
    return text if _is_same(read_specifications(text), rows) else None


# --- reading --------------------------------------------------------------------------------------


def _row(item: str, number: int) -> dict[str, Any] | Unread:
    narrow = item.translate(_NARROW)  # sign for sign: places in it are places in the item
    match = _bound(narrow)
    if match is None:
        return Unread(number, "figure", item)
    metric = item[: match.start()].strip(" :：,，")
    metric_en, metric_zh = completed(*both_of(metric))
    if not (metric_en or metric_zh) or _DENIAL.search(metric):
        return Unread(number, "metric", item)
    unit, end = _unit(narrow, match.end())
    if (first := match["first"]) and _canonical(first) != unit:
        return Unread(number, "figure", item)
    row = {
        "metric_en": metric_en, "metric_zh": metric_zh, "unit": unit, "condition_en": "",
        "condition_zh": "", "compared_with_en": "", "compared_with_zh": "", "strength": "must",
        "tier": "public", **_values(match),
    }  # fmt: skip
    lost = _notes(row, item[end:], chinese=has_chinese(metric) and BETWEEN not in metric)
    return Unread(number, "rest", lost) if lost else row


def _bound(item: str) -> re.Match[str] | None:
    """Comparison and figure. Without a comparison it is the first figure that a unit follows,
    since names hold figures, too: Voltage at 2 A/cm2 1.8 V."""
    for pattern in _BOUNDS:
        for match in pattern.finditer(item):
            if not _is_inside(item, match.start()):
                return match
    bare = [match for match in _BARE.finditer(item) if not _is_inside(item, match.start())]
    for match in bare:
        if _is_unit(_unit(item, match.end())[0]):
            return match
    return bare[-1] if bare else None


def _is_inside(item: str, place: int) -> bool:
    before = item[:place]
    return sum(before.count(sign) for sign in "(（") > sum(before.count(sign) for sign in ")）")


def _values(match: re.Match[str]) -> dict[str, Any]:
    sign = _CODES.get((match.groupdict().get("sign") or "=").lower(), "eq")
    if within := match["within"]:
        return {"comparator": "le", "value": _plain(within), "upper": None}
    low = _plain(match["value"])
    if around := match["around"]:
        middle, width = Decimal(low), abs(Decimal(_plain(around)))
        return {
            "comparator": "between", "value": str(middle - width), "upper": str(middle + width),
        }  # fmt: skip
    if upper := match["upper"]:
        return {"comparator": "between", "value": low, "upper": _plain(upper)}
    return {"comparator": sign, "value": low, "upper": None}


def _plain(number: str) -> str:
    return re.sub("[,，]", "", number)


def _unit(item: str, start: int) -> tuple[str, int]:
    """(the unit from there on, where it ends): the longest that is known, else up to a bracket or
    comma."""
    ends = [match.start() for match in re.compile(r"[(（,，]|(?<=[)）])|$").finditer(item, start)]
    for end in reversed(ends):
        unit = _canonical(item[start:end])
        if _is_unit(unit):
            return unit, end
    return _canonical(item[start : ends[0]]), ends[0]


def _canonical(text: str) -> str:
    """As units are stored: the reverse of listings.display.unit_text."""
    text = text.strip()
    for written, plain in (
        ("²", "^2"), ("³", "^3"), ("·", "*"), ("°C", "degC"), ("℃", "degC"), ("µ", "u"),
        ("μ", "u"), ("Ω", "ohm"),
    ):  # fmt: skip
        text = text.replace(written, plain)
    return next((unit for unit, name in _TIMES.items() if name == text), text)


def _is_unit(text: str) -> bool:
    try:
        parse_unit(text)
    except Invalid:
        return False
    return True


def _notes(row: dict[str, Any], rest: str, *, chinese: bool) -> str:
    """Fill in what follows the figure; returns what was not understood. chinese: what is of no
    language, as 45 ℃, is of the metric's."""
    rest = rest.strip()
    groups = bracketed(rest)
    if groups is None:
        if rest[:1] not in ",，":
            return rest
        groups = [rest.strip(" ,，")]
    for group in groups:
        lower = group.lower()
        if lower in _STRENGTHS:
            row["strength"] = _STRENGTHS[lower]
        elif (tier := TIERS.find(group)) is not None:
            row["tier"] = tier
        elif versus := _VERSUS.match(group):
            row["compared_with_en"], row["compared_with_zh"] = _noted(
                group[versus.end() :], chinese
            )
        elif not (row["condition_en"] or row["condition_zh"]):
            row["condition_en"], row["condition_zh"] = _noted(group, chinese)
        else:
            return group
    return ""


def _noted(text: str, chinese: bool) -> tuple[str, str]:
    return ("", text) if chinese and _NEUTRAL.fullmatch(text) else both_of(text)


# --- writing --------------------------------------------------------------------------------------


def _written(row: Any) -> str:
    chinese = is_chinese(get_language())
    mine = row.metric_zh if chinese else row.metric_en
    known = mine and completed(*both_of(mine)) == (row.metric_en, row.metric_zh)
    sign = {"ge": "≥", "le": "≤"}.get(row.comparator, "=")
    figure = number_text(row.value)
    if row.comparator == "between":
        figure += f"{'～' if chinese else '–'}{number_text(row.upper)}"
    unit = (
        (_TIMES[row.unit] if chinese else row.unit) if row.unit in _TIMES else unit_text(row.unit)
    )
    gap = "" if unit.startswith("%") or not unit else " "
    name = mine if known else both_text(row.metric_en, row.metric_zh)
    alone = has_chinese(name) and BETWEEN not in name
    notes = []
    if row.condition_en or row.condition_zh:
        notes.append(_note(row.condition_en, row.condition_zh, alone))
    if row.compared_with_en or row.compared_with_zh:
        versus = "对比" if chinese else "vs"
        notes.append(f"{versus} {_note(row.compared_with_en, row.compared_with_zh, alone)}")
    if row.strength == "wish":
        notes.append("希望" if chinese else "wish")
    if row.tier != "public":
        notes.append(TIERS.label(row.tier))
    return f"{name} {sign} {figure}{gap}{unit}" + "".join(f" ({note})" for note in notes)


def _note(en: str, zh: str, chinese: bool) -> str:
    """What `_noted` reads back."""
    if (only := (en or zh) if not (en and zh) else "") and _noted(only, chinese) == (en, zh):
        return only
    return f"{en}{BETWEEN}{zh}"


def _is_same(read: Sequence[dict[str, Any]] | Unread, rows: Sequence[Any]) -> bool:
    if isinstance(read, Unread) or len(read) != len(rows):
        return False
    return all(_is_row(one, row) for one, row in zip(read, rows, strict=True))


def _is_row(one: dict[str, Any], row: Any) -> bool:
    return (
        all(
            one[name] == getattr(row, name)
            for name in ("metric_en", "metric_zh", "comparator", "condition_en", "condition_zh",
                         "compared_with_en", "compared_with_zh", "strength", "tier")
        )
        and _number(one["value"]) == row.value
        and _number(one["upper"]) == row.upper
        and unit_text(one["unit"]) == unit_text(_canonical(row.unit))
    )  # fmt: skip


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
