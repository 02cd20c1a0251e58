"""What a listing can be filtered by, as words of an index: `field:new_energy`, `in:4403`.

One index holds them beside the words of the text, so that a question under filters reads only the
listings that are left, also where a word is in a hundred thousand of them: a row costs as much as a
thousand entries of an index. What an anonymous listing withholds is no tag: a place below its
province would say who it is.
"""

from listings.models import SearchEntry
from marketplace.core import regions

_LEVELS = range(1, 10)


def tags_of(entry: SearchEntry) -> list[str]:
    """The tags of an entry whose facts are set, sorted."""
    tags = {
        *of_fields(entry.field, *entry.more_fields),
        *of_sub_fields(entry.sub_field),
        *of_modes(*entry.modes),
        *of_rights(*entry.ip_kinds),
        *of_languages(*(("en", "zh") if entry.language == "both" else (entry.language,))),
        *of_country(entry.country),
    }
    if entry.trl is not None:
        tags |= set(of_levels(entry.trl, entry.trl))
    if entry.country == "CN" and entry.region:
        depths = (2,) if entry.is_anonymous else (2, 4, 6)
        tags |= {f"in:{entry.region[:depth]}" for depth in depths}
    return sorted(tags)


def of_fields(*fields: str) -> list[str]:
    return [f"field:{code}" for code in fields if code]


def of_sub_fields(*sub_fields: str) -> list[str]:
    return [f"sub:{code}" for code in sub_fields if code]


def of_modes(*modes: str) -> list[str]:
    return [f"mode:{code}" for code in modes]


def of_rights(*kinds: str) -> list[str]:
    return [f"ip:{code}" for code in kinds]


def of_levels(low: int | None, high: int | None) -> list[str]:
    """Of a range of TRL, open where an end is None."""
    return [f"trl:{level}" for level in _LEVELS if (low or 1) <= level <= (high or 9)]


def of_languages(*languages: str) -> list[str]:
    return [f"language:{code}" for code in languages]


def of_region(code: str) -> list[str]:
    """Of a region of China and all that lies in it."""
    return [f"in:{regions.prefix(code)}"]


def of_country(code: str) -> list[str]:
    return [f"country:{code}"]
