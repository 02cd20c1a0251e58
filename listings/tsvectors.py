"""Texts as PostgreSQL keeps them for searching, from words cut by marketplace.core.words.

Pure, without a model: importing processes compute them on the side.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat

from listings.fingerprints import simhash
from marketplace.core.synonyms import with_terms
from marketplace.core.words import tokens

_MAX_POSITION = 16_383  # PostgreSQL's own limits on a tsvector
_MAX_PER_WORD = 200
_MAX_WORD = 200


def tsvector(words: Iterable[tuple[str, str]]) -> str:
    """(word, weight) in order -> PostgreSQL's text form of a tsvector.

    Not to_tsvector: Chinese and English are cut by our own tokens(), the same for questions.
    """
    positions: dict[str, list[str]] = {}
    places = chain(range(1, _MAX_POSITION), repeat(_MAX_POSITION))
    for place, (word, weight) in zip(places, words, strict=False):
        known = positions.setdefault(word, [])
        if len(known) < _MAX_PER_WORD:
            known.append(f"{place}{weight}")
    return " ".join(
        f"'{_quoted(word)}':{','.join(known)}"
        for word, known in positions.items()
        if len(word) <= _MAX_WORD
    )


def word_set(words: Iterable[str]) -> str:
    """The text form of a tsvector that only says which words there are."""
    return " ".join(f"'{_quoted(word)}'" for word in dict.fromkeys(words) if len(word) <= _MAX_WORD)


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''") if not word.isalnum() else word


# The texts that one tier adds, by weight: A title, B summary, C body, D documents.
Weighted = tuple[str, str, str, str]
Cut = Callable[[str], list[str]]


def tsvectors(tiers: Sequence[Weighted], cut: Cut = tokens) -> list[str]:
    """The words of the title alone, without places; then one tsvector per tier, each holding what
    the tiers below it hold."""
    words: list[tuple[str, str]] = []
    built: list[str] = []
    title = word_set(with_terms(cut(tiers[0][0])) if tiers else [])
    for texts in tiers:
        added = [
            (word, weight)
            for weight, text in zip("ABCD", texts, strict=True)
            if text
            for word in with_terms(cut(text))
        ]
        words += added
        built.append(tsvector(words) if added or not built else built[-1])
    return [title, *built]


def prepared(tiers: Sequence[Weighted], compared: Sequence[str]) -> tuple[list[str], int]:
    """The tsvectors of title and tiers and the fingerprint of the texts that near-duplicates share,
    cutting each text once. For importing processes."""
    known: dict[str, list[str]] = {}

    def cut(text: str) -> list[str]:
        if text not in known:
            known[text] = tokens(text)
        return known[text]

    vectors = tsvectors(tiers, cut)
    return vectors, simhash([word for text in compared if text for word in cut(text)])


def prepared_many(
    tasks: Sequence[tuple[Sequence[Weighted], Sequence[str]]],
) -> list[tuple[list[str], int]]:
    """`prepared` for many rows, as one task of another process."""
    return [prepared(tiers, compared) for tiers, compared in tasks]
