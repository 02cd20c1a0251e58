"""Counting the words and phrases of the market: what is suggested and what corrects spelling.

Only what everybody may read: keywords and titles of listings that are public.
"""

import time
from collections import Counter
from collections.abc import Iterator

from django.db import connection
from pypinyin import Style, lazy_pinyin

from accounts.models import Organisation
from listings.models import Listing, Term
from listings.models.listings import Kind, State, Tier
from marketplace.core.words import fold, has_chinese, is_telling, surfaces

BATCH = 2_000
MAX_LENGTH = 80
# Words that only one listing of a large market holds are mostly slips themselves.
_LARGE = 5_000


def count_terms() -> int:
    """Write the terms of the present market and drop those that are gone; returns how many.

    Safe to run twice and at any time: readers see old and new terms side by side for a moment.
    """
    generation = time.time_ns()
    total = 0
    for kind in Kind.values:
        texts, phrases, words = _counted(kind)
        least = 2 if sum(1 for _ in phrases) > _LARGE else 1
        rows = [
            _term(kind, key, texts[key], phrases[key] or words[key], bool(phrases[key]), generation)
            for key in texts
            if phrases[key] or words[key] >= least
        ]
        for start in range(0, len(rows), BATCH):
            Term.objects.bulk_create(
                rows[start : start + BATCH], update_conflicts=True, unique_fields=["kind", "key"],
                update_fields=["text", "sound", "initials", "is_phrase", "listings", "generation"],
            )  # fmt: skip
        total += len(rows)
    Term.objects.filter(generation__lt=generation).delete()
    return total


def _counted(kind: str) -> tuple[dict[str, str], Counter[str], Counter[str]]:
    """Key -> text; in how many listings as a keyword; in how many titles as a word."""
    texts: dict[str, str] = {}
    phrases: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text, number in _keywords(kind):
        key = key_of(text)
        if key and len(key) <= MAX_LENGTH and not key.isdigit():
            texts.setdefault(key, text)
            phrases[key] += number
    for name in _owners(kind):
        if (key := key_of(name)) and len(key) <= MAX_LENGTH:
            texts.setdefault(key, name)
            phrases[key] += 1
    for title in _titles(kind):
        for word in set(surfaces(title)):
            key = key_of(word)
            if is_telling(key) and len(key) <= MAX_LENGTH:
                texts.setdefault(key, word)
                words[key] += 1
    return texts, phrases, words


def _keywords(kind: str) -> Iterator[tuple[str, int]]:
    """Every keyword with the number of listings that have it, the most usual spelling first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, count(*) FROM listings_listing l,"
            " unnest(l.keywords_en || l.keywords_zh) AS word"
            " WHERE l.kind = %s AND l.state = %s AND l.visibility = %s"
            " AND l.revision_of_id IS NULL GROUP BY word ORDER BY 2 DESC, 1",
            [kind, State.PUBLISHED, Tier.PUBLIC],
        )
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def _owners(kind: str) -> Iterator[str]:
    """Names of those who post under their name."""
    shown = Listing.objects.filter(
        kind=kind, state=State.PUBLISHED, visibility=Tier.PUBLIC, revision_of=None,
        is_anonymous=False,
    )  # fmt: skip
    rows = Organisation.objects.filter(pk__in=shown.values("owner_id"))
    for english, chinese in rows.values_list("name_en", "name_zh"):
        yield from (name for name in (english, chinese) if name)


def _titles(kind: str) -> Iterator[str]:
    rows = Listing.objects.filter(
        kind=kind, state=State.PUBLISHED, visibility=Tier.PUBLIC, revision_of=None
    ).values_list("title_en", "title_zh")
    for english, chinese in rows.iterator(chunk_size=BATCH):
        yield f"{english}\n{chinese}"


def key_of(text: str) -> str:
    """How terms are compared: folded, single spaces, none beside Chinese."""
    folded = " ".join(fold(text).split())
    return folded.replace(" ", "") if has_chinese(folded) else folded


def sound_of(text: str) -> tuple[str, str]:
    """(pinyin in one piece, initials) of a text with Chinese in it; ("", "") of others."""
    if not has_chinese(text):
        return "", ""
    parts = [part.lower() for part in lazy_pinyin(text, style=Style.NORMAL) if part.isalnum()]
    return "".join(parts)[:200], "".join(part[0] for part in parts)[:40]


def _term(kind: str, key: str, text: str, number: int, is_phrase: bool, generation: int) -> Term:
    sound, initials = sound_of(key)
    return Term(
        kind=kind, key=key, text=text[:MAX_LENGTH], sound=sound, initials=initials,
        is_phrase=is_phrase, listings=number, generation=generation,
    )  # fmt: skip
