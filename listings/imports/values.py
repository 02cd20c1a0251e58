"""What people write in a cell, as a listing keeps it: names of codes, amounts, dates, yes and no.

What is not understood is given back as it stands; the judge of content then says what is wrong.
"""

import datetime as dt
import json
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from listings.actions.content import PARTS
from listings.snapshots import LIST_FIELDS
from listings.wording.items import Unread
from listings.wording.rights import read_rights
from listings.wording.specifications import read_specifications
from marketplace.core import regions
from marketplace.core.codes import (
    CURRENCIES,
    FIELDS,
    PRICE_KINDS,
    PROJECT_SOURCES,
    SUB_FIELDS,
    TIERS,
    TRANSFER_MODES,
    TRL,
    CodeList,
)

# target -> the list whose codes or names (in either language) its values are
CODES: dict[str, CodeList] = {
    "field": FIELDS, "sub_field": SUB_FIELDS, "more_fields": FIELDS, "modes": TRANSFER_MODES,
    "price_kind": PRICE_KINDS, "currency": CURRENCIES, "project_source": PROJECT_SOURCES,
    "visibility": TIERS, "trl": TRL,
}  # fmt: skip
# target -> what reads its words
WORDED = {"specifications": read_specifications, "ip_rights": read_rights}
# What offices write instead of the names on our lists.
_ALSO = {
    "price_kind": {
        "固定价": "firm", "固定价格": "firm", "一口价": "firm", "fixed": "firm",
        "参考价": "indicative", "参考价格": "indicative", "意向价": "indicative",
        "协商": "negotiable", "面谈": "negotiable", "议价": "negotiable", "协商定价": "negotiable",
        "价格面议": "negotiable",
    },
    "modes": {
        "技术转让": "assignment", "专利转让": "assignment", "专利权转让": "assignment",
        "独占实施许可": "exclusive_licence", "排他实施许可": "sole_licence",
        "普通实施许可": "ordinary_licence", "合作研发": "joint_development",
        "联合开发": "joint_development", "联合研发": "joint_development",
        "委托研发": "commissioned_development", "技术入股": "equity_contribution",
        "作价投资": "equity_contribution", "技术作价入股": "equity_contribution",
    },
}  # fmt: skip
_SEPARATORS = re.compile(r"[;；|、\n]+")
_LEVEL = re.compile(r"(?:TRL|第)?[\s:：-]*([1-9])\s*(?:级)?(?:\s*[·.:：-].*)?", re.IGNORECASE)
_AMOUNT = re.compile(r"[¥￥$€£]?\s*(\d[\d,，\s]*(?:\.\d+)?)\s*(亿|万|千)?\s*元?")
# In a column of prices: there is none, which the kind of price says anyway.
_NO_AMOUNT = frozenset(
    {"面议", "面谈", "协商", "待定", "negotiable", "to be agreed", "-", "–", "/"}
)
_TIMES = {None: 1, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?")
_YES = frozenset({"yes", "y", "true", "1", "是", "匿名", "anonymous"})
_NO = frozenset({"no", "n", "false", "0", "否", "实名", "不匿名"})


def listed(value: Any) -> list[str]:
    """A list of texts, from a list or from one text with ; or | or 、 between them."""
    items = value if isinstance(value, list) else _SEPARATORS.split(str(value))
    return [text for item in items if (text := str(item).strip())]


def read_value(target: str, value: Any) -> Any:
    """The value of a cell (or of a JSON member) for this target."""
    if target in LIST_FIELDS:
        items = listed(value)
        return [_code(target, item) for item in items] if target in CODES else items
    if target in PARTS:
        return _part(target, value)
    if not isinstance(value, str):
        return value if isinstance(value, bool) else str(value)
    text = value.strip()
    if target == "trl" and (level := _LEVEL.fullmatch(text)):
        return level[1]
    if target in CODES:
        return _code(target, text)
    if target in ("price_min", "price_max"):
        return "" if text.lower() in _NO_AMOUNT else _amount(text)
    if target in ("deadline", "valid_until") and (day := _DATE.fullmatch(text)):
        return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
    if target == "region":
        return _places().get(text.lower(), text)
    if target == "country":
        return _countries().get(text.lower(), text)
    if target == "is_anonymous" and text.lower() in _YES | _NO:
        return text.lower() in _YES
    return value


def is_amount(value: Any) -> bool:
    """Whether a value of `read_value` is a number."""
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def unlisted(target: str, value: Any) -> str:
    """The first of a value's codes that is on no list, "" where all are or the target has none."""
    if target not in CODES:
        return ""
    found = value if isinstance(value, list) else [value]
    return next(
        (text[:60] for one in found if (text := str(one)) and text not in CODES[target]), ""
    )


def is_day(value: Any) -> bool:
    """Whether it is written as a day, also as one that no calendar has."""
    return _DATE.fullmatch(str(value).strip()) is not None


def is_real_day(value: Any) -> bool:
    """Whether a value of `read_value` is a day of the calendar."""
    try:
        dt.date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _code(target: str, text: str) -> str:
    return CODES[target].find(text) or _ALSO.get(target, {}).get(text.strip().lower()) or text


def _part(target: str, value: Any) -> Any:
    """Specifications and rights are words or JSON; co-owners may be plain names."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    if target == "co_owners":
        return listed(value)
    read = WORDED[target](value)
    return value if isinstance(read, Unread) else read


def _amount(text: str) -> str:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return text
    try:
        figure = Decimal(re.sub(r"[,，\s]", "", found[1]))
    except InvalidOperation:
        return text
    return f"{(figure * _TIMES[found[2]]).normalize():f}" if found[2] else str(figure)


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """Names of provinces and cities in either language; one that means two places means none."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for province in regions.children():
        for region in (province, *regions.children(province.code)):
            for name in {region.en.lower(), region.zh, region.zh.rstrip("市省")}:
                twice |= {name} if found.setdefault(name, region.code) != region.code else set()
    return {name: code for name, code in found.items() if name not in twice}


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    return {
        name.lower(): code
        for language in ("en", "zh-hans")
        for code, name in regions.countries(language)
    }
