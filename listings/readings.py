"""Saved searches read once: words cut and filters told apart when a search is saved, so that new
listings are held against thousands of them without reading a question again.

A reading is what the search was read with at that time. When dictionary, synonyms or the code that
reads change, so does `version`; readings of another version are made anew before they are used.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from listings.models import SavedSearch
from listings.queries import search as words
from listings.question import Question, Word, read_question
from listings.searches import wanted_of
from listings.wanted import Wanted
from marketplace.core.actor import Actor

CHUNK = 2_000  # searches renewed in one transaction
COUNTED = 2_000  # beyond, one frequent word is as good an anchor as another
_ROOT = Path(__file__).parent.parent
# What a question is read by: code, words and lists.
_READ_BY = (
    "listings/question.py", "listings/quantities.py", "listings/wanted.py", "listings/readings.py",
    "listings/searches.py", "listings/queries/search.py", "listings/metrics.py",
    "listings/metrics.yaml", "marketplace/core/words.py", "marketplace/core/codes/lists.yaml",
    "marketplace/core/synonyms.py", "marketplace/core/synonyms.yaml",
    "marketplace/core/dictionary.txt", "marketplace/core/codes/fields.yaml",
)  # fmt: skip
_CUT_BY = ("rjieba", "opencc", "PyStemmer")

# What `fill` sets.
READ = ("reading", "read_with", "anchors", "has_words", "fields")
# name -> what is asked, as plain data (see read)
Reading = dict[str, Any]


@lru_cache(maxsize=1)
def version() -> str:
    """Of everything that decides how a question is read."""
    state = hashlib.blake2b(digest_size=8)
    for name in _READ_BY:
        state.update((_ROOT / name).read_bytes())
    for package in _CUT_BY:
        state.update(f"{package} {version_of(package)}".encode())
    return state.hexdigest()


def read(wanted: Wanted) -> Reading:
    """What a search asks for, as far as it can be decided from facts and words, in plain data:

    words, without: for each word its forms, each a list of tokens that must all be there;
    field, trl: lists of choices, of which each must hold (one may stand in the question itself);
    the rest by their names in Wanted. nothing: it finds nothing. ask: only the database can decide
    what is left (phrases, names of organisations, specifications).
    """
    query = words.require_all(wanted.question, Actor.visitor()) if wanted.question else None
    if wanted.question and query is None:
        return {"nothing": True}
    question = query.question if query is not None else Question("")
    made: Reading = {
        "words": [_forms(word) for word in question.words],
        "without": [_forms(word) for word in question.without],
        "field": [list(codes) for codes in (wanted.field, question.fields) if codes],
        "trl": [
            [low, high]
            for low, high in (
                (wanted.trl_min, wanted.trl_max), (question.trl_min, question.trl_max)
            )
            if low or high
        ],
        "ask": bool(
            question.phrases or question.organisation or question.specifications
            or wanted.specifications
        ),
    }  # fmt: skip
    for name in ("sub_field", "mode", "ip", "organisation_kind"):
        made[name] = list(getattr(wanted, name))
    for name in ("region", "country", "language", "verified", "organisation"):
        made[name] = getattr(wanted, name)
    if "price" in wanted.active:
        low, high = wanted.price_min, wanted.price_max
        made["price"] = [
            None if low is None else str(low), None if high is None else str(high), wanted.currency
        ]  # fmt: skip
    return {name: value for name, value in made.items() if value}


def reading_of(search: SavedSearch) -> Reading:
    """The stored reading, or a new one where it is out of date."""
    if search.read_with == version():
        reading: Reading = search.reading
        return reading
    return read(wanted_of(search.kind, search.query))


def fill(searches: Sequence[SavedSearch]) -> None:
    """Set (not save) reading, anchors and fields of the searches; one query for all of them."""
    wanted = [wanted_of(search.kind, search.query) for search in searches]
    asked = [read_question(one.question).words if one.question else () for one in wanted]
    for search, one, anchors in zip(searches, wanted, _anchors(asked), strict=True):
        search.reading = read(one)
        search.read_with = version()
        search.anchors, search.has_words = anchors, bool(anchors)
        search.fields = sorted(one.field)


def stale() -> QuerySet[SavedSearch]:
    """Searches whose reading is of another version."""
    # two ends of an index, where "is not" would go through all
    return SavedSearch.objects.filter(Q(read_with__lt=version()) | Q(read_with__gt=version()))


def renew() -> int:
    """Read anew what is out of date, each search at most once; returns how many.

    Safe to run twice and side by side, also by two releases that read differently: what another one
    renewed behind this one is left to the next call.
    """
    renewed, last = 0, 0
    while rows := _renew_chunk(last):
        renewed += len(rows)
        last = rows[-1].pk
    return renewed


@transaction.atomic
def _renew_chunk(after: int) -> list[SavedSearch]:
    waiting = stale().filter(pk__gt=after).order_by("pk")
    rows = list(waiting.select_for_update(skip_locked=True, no_key=True)[:CHUNK])
    fill(rows)
    # they are there and locked; bulk_update is many times slower
    SavedSearch.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=READ, batch_size=500
    )
    return rows


def anchors_of(question: str) -> list[str]:
    """The tokens of the rarest word, as the market is now; empty for a question without words."""
    return _anchors([read_question(question).words])[0]


def _anchors(asked: Sequence[tuple[Word, ...]]) -> list[list[str]]:
    """`anchors_of` for many questions, already read."""
    counts = _counted(word for found in asked if len(found) > 1 for word in found)
    # of equally rare words the longest says most
    rarest = [
        min(found, key=lambda word: (counts.get(_any(word), 0), -len(word.surface)))
        for found in asked
        if found
    ]
    anchors = iter(sorted(word.tokens) for word in rarest)
    return [next(anchors) if found else [] for found in asked]


def _counted(asked: Iterable[Word]) -> dict[str, int]:
    """In how many listings a token of the word stands, up to COUNTED; one query."""
    queries = list(dict.fromkeys(map(_any, asked)))
    if not queries:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.query, (SELECT count(*) FROM (SELECT 1 FROM listings_searchentry e"
            " WHERE e.words_public @@ q.query::tsquery LIMIT %s) hits)"
            " FROM unnest(%s::text[]) AS q(query)",
            [COUNTED, queries],
        )
        return dict(cursor.fetchall())


def _any(word: Word) -> str:
    """A tsquery for any token of any of its forms."""
    return " | ".join(f"({Word('', token).tsquery})" for token in sorted(word.tokens))


def _forms(word: Word) -> list[list[str]]:
    return [list(form) for form in word.ways]
