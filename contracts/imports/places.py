"""Countries and regions as people write them: by code or by name, in either language."""

from functools import lru_cache

from django.utils.translation import get_language

from marketplace.core import regions

_LANGUAGES = ("en", "zh-hans")
# What tables write beside the names that forms show.
_COUNTRIES = {
    "prc": "CN", "p.r. china": "CN", "people's republic of china": "CN", "mainland china": "CN",
    "中华人民共和国": "CN", "中国大陆": "CN", "中国内地": "CN", "hong kong": "HK", "香港": "HK",
    "macau": "MO", "macao": "MO", "澳门": "MO", "taiwan": "TW", "台湾": "TW", "usa": "US",
    "u.s.a.": "US", "united states of america": "US", "美利坚合众国": "US", "uk": "GB",
    "u.k.": "GB", "great britain": "GB", "england": "GB", "korea": "KR",
    "republic of korea": "KR", "holland": "NL", "the netherlands": "NL", "uae": "AE",
    "阿联酋": "AE", "russian federation": "RU",
    "czech republic": "CZ", "turkey": "TR", "viet nam": "VN", "德意志联邦共和国": "DE",
}  # fmt: skip
_ENDINGS = ("特别行政区", "自治区", "自治州", "地区", "省", "市", " province", " city")


def country_of(text: str) -> str | None:
    """The ISO 3166 code of a country or area, None for what is none."""
    plain = " ".join(text.split()).casefold().replace("’", "'")
    return _countries().get(plain)


def region_of(text: str) -> str | None:
    """The GB/T 2260 code of a region of China. A name alone is enough for provinces and cities;
    districts are written with their city, as forms show them. None for what is none."""
    plain = _plain(text)
    if regions.get(plain):
        return plain
    found = _regions().get(plain, ())
    return found[0] if len(found) == 1 else None


def regions_named(text: str) -> list[str]:
    """Full names of the regions that share a name, as Suzhou in Jiangsu and in Anhui do."""
    return [
        regions.full_name(code, get_language() or "en") for code in _regions().get(_plain(text), ())
    ]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found = dict(_COUNTRIES)
    for language in _LANGUAGES:
        for code, name in regions.countries(language):
            found[code.casefold()] = code
            found[name.casefold()] = code
    return found


@lru_cache(maxsize=1)
def _regions() -> dict[str, tuple[str, ...]]:
    """Names -> codes of the highest level that has the name: what a province shares with a city is
    the province's, and what two cities share is neither's."""
    provinces = regions.children()
    cities = [city for province in provinces for city in regions.children(province.code)]
    districts = [one for city in cities for one in regions.children(city.code)]
    found: dict[str, tuple[str, ...]] = {}
    for level in (districts, cities, provinces):
        here: dict[str, set[str]] = {}
        for region in level:
            for name in _names_of(region):
                here.setdefault(name, set()).add(region.code)
        found |= {name: tuple(sorted(codes)) for name, codes in here.items()}
    return found


def _names_of(region: regions.Region) -> set[str]:
    """In either language, with the kind of place and without."""
    found: set[str] = set()
    for language in _LANGUAGES:
        names = {regions.full_name(region.code, language)}
        if region.level != "district":
            names.add(region.name(language))
        for name in [one.casefold() for one in names]:
            found.add(name)
            for ending in _ENDINGS:
                if name.endswith(ending) and len(name) > len(ending) + 1:
                    found.add(name.removesuffix(ending))
    return found
