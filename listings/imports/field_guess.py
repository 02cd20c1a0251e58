"""The technology field of a text that names none, by words that speak for one."""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import yaml

_LATIN = re.compile(r"[a-z]{3,}")


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Beginnings of English words with their field, and phrases and Chinese words with theirs."""
    raw = yaml.safe_load(Path(__file__).with_name("field_words.yaml").read_text(encoding="utf-8"))
    pairs = [(str(word), code) for code, words in raw.items() for word in words]
    return (
        {word: code for word, code in pairs if _LATIN.fullmatch(word)},
        [(word, code) for word, code in pairs if not _LATIN.fullmatch(word)],
    )


@lru_cache(maxsize=65_536)
def _field_of(word: str) -> str:
    """The field that the longest known beginning of a word speaks for, or ""."""
    beginnings, _phrases = _tables()
    for end in range(len(word), 2, -1):
        if found := beginnings.get(word[:end]):
            return found
    return ""


def guess_field(title: str, text: str, default: str) -> str:
    """The field with the most hits (the title counts three times), or the default."""
    _beginnings, phrases = _tables()
    hits: Counter[str] = Counter()
    for source, weight in ((title.lower(), 3), (text[:1500].lower(), 1)):
        for word in _LATIN.findall(source):
            if field := _field_of(word):
                hits[field] += weight
        for phrase, field in phrases:
            if phrase in source:
                hits[field] += weight
    return hits.most_common(1)[0][0] if hits else default
