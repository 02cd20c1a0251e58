"""The order of what a question finds: by words and by meaning, joined.

Two steps, so that a frequent word costs little more than a rare one. First candidates, from indexes
alone: listings that hold most of what the words say, those with the words in their title, the
nearest in meaning. Then these few hundred are read and weighed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from listings.models import SearchEntry
from listings.queries.meaning import CROSSING
from listings.queries.search import SEEN_SQL, Query, holding_sql
from marketplace.core.encoder import Vector
from marketplace.core.replicas import reading_connection
from marketplace.core.words import language_of

# What is weighed at most; the list of a question by relevance leads no farther.
CANDIDATES = 300
# Of one word, how many are looked at for their title.
TITLES = 2_000
# Weights of D (documents, names), C (body), B (summary, keywords), A (title).
_WEIGHTS = "{0.1, 0.25, 0.6, 1.0}"
_THERE = 0.5  # of a word's worth for standing there at all; the rest for where and how often
_IN_TITLE = 0.5  # of a word's worth more for standing in the title, among candidates
# How much of the worth words decide, where question and listing share a language and where not.
# A question of a word or two names a thing, and its meaning alone says little: words decide more.
# Measured with `manage.py evaluate_search`; the plateau is wide.
SHARED = 0.5
CROSSED = 0.4
SHORT = {1: 0.15, 2: 0.075}
# This much farther than the nearest, a listing's meaning says nothing more for it.
FAR = 0.22


@dataclass(frozen=True)
class Hit:
    """words and meaning: 0..1 each, meaning None where the listing or the question has no vector;
    worth: both joined."""

    pk: int
    words: float
    meaning: float | None
    worth: float


def by_relevance(
    found: QuerySet[SearchEntry], query: Query, vector: Vector | None,
    near: Sequence[int], kind: str, own: Sequence[int] = (),
) -> list[Hit]:  # fmt: skip
    """The best of what is found (visible, filtered), best first; three queries at most.

    near: ids that were found in meaning. own: the reader's organisations, whose
    closed texts count for it.
    """
    worded = by_words(query, kind, own=own)
    ids = list(dict.fromkeys([*worded, *near]))
    kept = set(found.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    chosen = [pk for pk in ids if pk in kept]
    room = CANDIDATES - len(chosen)
    if room > 0 and query.every:
        # of words that are everywhere the newest: their titles were looked at above
        rest = found.exclude(pk__in=chosen).order_by("-published_at", "-pk")
        chosen += list(rest.values_list("pk", flat=True)[:room])
    return weighed(chosen, query, vector, own)


def by_words(query: Query, kind: str, limit: int = 0, own: Sequence[int] = ()) -> list[int]:
    """Ids of the listings that hold most of the weight of the query's words, best first.

    One index scan a word and no look at the texts: long ones cost no more than short ones. Of words
    that are frequent only titles count here.
    """
    if not query.words:
        return []
    body = [(word.tsquery, weight) for word, weight in query.words
            if word.token not in query.frequent]  # fmt: skip
    held = holding_sql(query.column)
    if own:
        mine = "e.kind = %(kind)s AND e.owner_id = ANY(%(own)s)"
        held += [
            f"e.words_full @@ q.query::tsquery AND {mine}",
            f"e.words_public @@ q.query::tsquery AND {mine} AND e.words_full IS NULL"
            " AND NOT e.visibility = ANY(%(tiers)s)",
        ]
    arms = " UNION ALL ".join(_each_word("body", arm) for arm in held)
    titles = _each_word("title", f"e.words_title @@ q.query::tsquery AND {SEEN_SQL}", TITLES)
    with reading_connection().cursor() as cursor:
        cursor.execute(
            "WITH body AS (SELECT * FROM unnest(%(body)s::text[], %(heavy)s::float8[])"  # noqa: S608
            " AS q(query, weight)),"
            " title AS (SELECT * FROM unnest(%(title)s::text[], %(light)s::float8[])"
            " AS q(query, weight))"
            " SELECT hit.listing_id FROM ("
            f"{arms} UNION ALL {titles}"
            ") AS hit GROUP BY hit.listing_id"
            " ORDER BY sum(hit.weight) DESC, hit.listing_id DESC LIMIT %(limit)s",
            {
                "kind": kind, "limit": limit or CANDIDATES, "own": list(own),
                "tiers": list(query.tiers),
                "body": [one for one, _ in body], "heavy": [weight for _, weight in body],
                "title": [word.tsquery for word, _ in query.words],
                "light": [_IN_TITLE * weight for _, weight in query.words],
            },
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


def _each_word(words: str, arm: str, limit: int = 0) -> str:
    """SQL: (listing, weight) of the entries under the condition, for each row of `words`."""
    some = f" LIMIT {limit:d}" if limit else ""
    return (
        f"SELECT e.listing_id, q.weight FROM {words} q CROSS JOIN LATERAL ("  # noqa: S608 (our names)
        f"SELECT listing_id FROM listings_searchentry e WHERE {arm}{some}) e"
    )


def weighed(
    ids: Sequence[int], query: Query, vector: Vector | None, own: Sequence[int] = ()
) -> list[Hit]:
    """These listings with what they are worth, best first. Reads their words: one query."""
    if not ids:
        return []
    total = sum(weight for _, weight in query.words) or 1.0
    terms = " + ".join(
        f"%s * ({_THERE} * (v @@ %s::tsquery)::int + {1 - _THERE} * "
        f"least(1, ts_rank('{_WEIGHTS}', v, %s::tsquery, 1)))"
        for _ in query.words
    )
    parameters: list[str | float | list[int]] = []
    for word, weight in query.words:
        parameters += [weight / total, word.tsquery, word.tsquery]
    distance = "meaning_public <=> %s::halfvec" if vector is not None else "NULL::float8"
    if vector is not None:
        parameters.append(str(list(vector)))
    column = query.column
    words = "words_public" if column == "words_public" else f"coalesce({column}, words_public)"
    if own:
        words = f"CASE WHEN owner_id = ANY(%s) THEN coalesce(words_full, {words}) ELSE {words} END"
        parameters.append(list(own))
    with reading_connection().cursor() as cursor:
        cursor.execute(
            # OFFSET 0: the words are fetched and unpacked once, not once for each use
            f"SELECT listing_id, language, {terms or '0'}, {distance} FROM ("  # noqa: S608 (our names)
            f" SELECT listing_id, language, meaning_public, {words} || ''::tsvector AS v"
            " FROM listings_searchentry WHERE listing_id = ANY(%s) OFFSET 0) AS read",
            [*parameters, list(ids)],
        )
        rows = cursor.fetchall()
    asked_in = language_of(query.question.text)
    place = {pk: number for number, pk in enumerate(ids)}
    read = [
        (pk, language in (asked_in, "both"), float(words or 0),
         None if far is None else far - (0 if language in (asked_in, "both") else CROSSING))
        for pk, language, words, far in rows
    ]  # fmt: skip
    nearest = min((far for *_, far in read if far is not None), default=0.0)
    more = SHORT.get(len(query.words), 0.0)
    hits = [
        _hit(pk, (SHARED if shared else CROSSED) + more, words, far, nearest)
        for pk, shared, words, far in read
    ]
    return sorted(hits, key=lambda hit: (-round(hit.worth, 6), place[hit.pk]))


def _hit(pk: int, share: float, words: float, distance: float | None, nearest: float) -> Hit:
    if distance is None:
        return Hit(pk, words, None, words * share)
    meaning = max(1 - (distance - nearest) / FAR, 0.0)
    return Hit(pk, words, meaning, share * words + (1 - share) * meaning)
