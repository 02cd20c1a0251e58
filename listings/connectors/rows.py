"""From an item of a source to a row that listings.imports takes, and how its columns are read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from listings.connectors.shapes import Item
from listings.imports.mapping import ImportMapping
from marketplace.core.words import language_of

MAX_SUMMARY = 600
MAX_KEYWORDS = 12
_TEXTS = ("title_en", "title_zh", "summary_en", "summary_zh", "body_en", "body_zh")
_FIELDS = (*_TEXTS, "keywords_en", "keywords_zh", "field", "source_url")


def mapping_of(default_field: str) -> ImportMapping:
    """Columns carry the names of the fields; a field that is not given is guessed by words."""
    return ImportMapping(
        "id", {name: name for name in _FIELDS}, cut=_TEXTS, guess_field=default_field,
        co_owner="holder", published_at="published",
    )  # fmt: skip


def row_of(
    item: Item, field_codes: Mapping[str, str], owner_names: Sequence[str]
) -> dict[str, Any]:
    """The item's columns. field_codes: a word of the source, in lower case -> a field's code."""
    row: dict[str, Any] = {
        "id": item.external_id,
        "source_url": item.url,
        # one that is dated ahead would stand first in every list until then
        "published": "" if item.published > str(timezone.localdate()) else item.published,
        "holder": "" if item.holder in owner_names else item.holder,
        "field": _field(item.subjects, field_codes),
    }
    for title in item.titles:
        row.setdefault(f"title_{language_of(title)}", title)
    for language, paragraphs in _by_language(item.texts).items():
        text = "\n\n".join(paragraphs)
        row["summary_" + language if len(text) <= MAX_SUMMARY else "body_" + language] = text
    if item.summary and item.summary not in item.texts:
        language = language_of(item.summary)
        if row.get(f"summary_{language}"):
            row[f"body_{language}"] = row[f"summary_{language}"]
        row[f"summary_{language}"] = item.summary
    for language, words in _by_language(item.subjects).items():
        short = list(dict.fromkeys(word for word in words if len(word) <= 60))
        row[f"keywords_{language}"] = short[:MAX_KEYWORDS]
    return row


def _field(subjects: Sequence[str], field_codes: Mapping[str, str]) -> str:
    """The field of the first subject that the operator gave one, "" when none has."""
    found = (field_codes.get(subject.strip().lower(), "") for subject in subjects)
    return next(filter(None, found), "")


def _by_language(texts: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        found.setdefault(language_of(text), []).append(text)
    return found
