"""Words that two texts share, as a reader of both would write them.

Only what stands in both disclosed texts is given back, whatever it was asked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from listings.disclosure import Disclosed
from marketplace.core.words import fold, has_chinese, tokens

_LATIN = re.compile(r"[^\W\d_][\w.+#-]*", re.ASCII)
MAX_SHOWN = 8
NAMES = ("title", "summary", "body", "members_text", "confidential_text", "tried", "judged")


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A shared term in Chinese, in English, or in both ("" where it is not known)."""

    zh: str
    en: str


@dataclass(frozen=True)
class _Text:
    words: frozenset[str]
    surfaces: dict[str, str]


def shared_terms(need: Disclosed, technology: Disclosed, words: Iterable[str]) -> list[SharedTerm]:
    """First the keywords and metrics that both texts hold, in both languages where a listing
    gives both; then single words of `words` (heaviest first) that those do not cover."""
    one, other = _text(need), _text(technology)
    found: list[SharedTerm] = []
    covered: set[str] = set()
    for phrase in [*_phrases(need), *_phrases(technology)]:
        cut = frozenset(tokens(phrase.zh) + tokens(phrase.en))
        if cut <= covered or _is_among(phrase, found):
            continue
        if _holds(one, phrase) and _holds(other, phrase):
            covered |= cut
            found.append(phrase)
    for word in words:
        # a single character says little out of its word
        if word in covered or len(word) < 2 or word not in one.words or word not in other.words:
            continue
        covered.add(word)
        if has_chinese(word):
            found.append(SharedTerm(word, ""))
        elif surface := one.surfaces.get(word) or other.surfaces.get(word):
            found.append(SharedTerm("", surface))
    return found[:MAX_SHOWN]


def _phrases(listing: Disclosed) -> list[SharedTerm]:
    """Keywords, paired where both languages have as many, and names of metrics."""
    english, chinese = listing.keywords_en, listing.keywords_zh
    pairs = (
        [SharedTerm(zh, en) for zh, en in zip(chinese, english, strict=True)]
        if len(english) == len(chinese)
        else [SharedTerm("", en) for en in english] + [SharedTerm(zh, "") for zh in chinese]
    )
    metrics = [SharedTerm(spec.metric_zh, spec.metric_en) for spec in listing.specifications]
    return pairs + metrics


def _is_among(phrase: SharedTerm, found: list[SharedTerm]) -> bool:
    """Whether it is there already, with another name in the other language."""
    return any(
        (phrase.zh and phrase.zh == one.zh) or (phrase.en and phrase.en == one.en) for one in found
    )


def _holds(text: _Text, phrase: SharedTerm) -> bool:
    """Whether the text has all words of the phrase, in either language."""
    return any(
        cut and cut <= text.words
        for cut in (frozenset(tokens(phrase.zh)), frozenset(tokens(phrase.en)))
    )


def _text(listing: Disclosed) -> _Text:
    parts = [getattr(listing, f"{name}_{code}") for name in NAMES for code in ("en", "zh")]
    parts += [*listing.keywords_en, *listing.keywords_zh]
    for spec in listing.specifications:
        parts += [spec.metric_en, spec.metric_zh, spec.condition_en, spec.condition_zh]
    whole = "\n".join(part for part in parts if part)
    surfaces: dict[str, str] = {}
    for match in _LATIN.finditer(whole):
        cut = tokens(match[0])
        if len(cut) == 1:
            surfaces.setdefault(cut[0], _plain(match[0]))
    return _Text(frozenset(tokens(whole)), surfaces)


def _plain(word: str) -> str:
    """As inside a sentence: "Electrolyte" small, "NMC" and "pH" as they are."""
    return fold(word) if word[:1].isupper() and word[1:].islower() else word.rstrip(".-")
