"""Which listings of the other kind are worth a closer look: from indexes, never from a scan.

Three sources: the rarest words of the listing (full text), nearness in meaning (HNSW), and the
pairs it already has. Hard limits hold for all: the other kind, published, another owner.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db import connection

from listings import states
from listings.models import Listing
from matching.models import Match
from matching.pipeline.bearings import Bearings, asking, other_of
from matching.pipeline.rarity import Rarities
from matching.pipeline.subjects import Subject

DEPTH = 150
MAX_TERMS = 24
# Together the asked words may stand in about this many texts: what a run reads at most.
MAX_POSTINGS = 12_000.0
MAX_SHARE = 0.08  # a word in more texts than this says little, once the market has some size


@dataclass(frozen=True)
class Found:
    """Ids of all candidates, and those among them that are pairs already."""

    ids: list[int]
    known: frozenset[int]


def find(
    subject: Subject, rarities: Rarities, bearings: Bearings | None = None, *, depth: int = DEPTH
) -> Found:
    """Candidates of a listing, each once; at most `depth` by words and as many by meaning."""
    words = by_words(subject, question_terms(subject, rarities), depth)
    meaning = by_meaning(subject, bearings, depth)
    known = partners(subject)
    return Found(list(dict.fromkeys([*words, *meaning, *known])), frozenset(known))


def question_terms(subject: Subject, rarities: Rarities) -> list[tuple[str, float]]:
    """The words to ask for with their weight: most telling first, within the budget of postings."""
    small = rarities.market <= 2 * DEPTH
    weighed = sorted(
        (
            (word, rarities.idf(word) * min(mentions.weight, 6.0) ** 0.5)
            for word, mentions in subject.words.items()
            if says_something(word)
        ),
        key=lambda pair: (-pair[1], pair[0]),
    )
    chosen: list[tuple[str, float]] = []
    left = MAX_POSTINGS
    for word, weight in weighed:
        postings = rarities.postings(word)
        if not small and (postings > left or postings > MAX_SHARE * rarities.market + 20):
            continue
        left -= postings
        chosen.append((word, weight))
        if len(chosen) == MAX_TERMS:
            break
    return chosen


@lru_cache(maxsize=65_536)
@lru_cache(maxsize=100_000)
def says_something(word: str) -> bool:
    """Bare numbers and single letters meet by chance."""
    return not word.replace(".", "").replace("-", "").isdigit() and (
        len(word) > 1 or not word.isascii()
    )


def by_words(subject: Subject, terms: Sequence[tuple[str, float]], limit: int = DEPTH) -> list[int]:
    """The listings that hold most of the weight of these words.

    One index scan a word: a tsquery of one word needs no look at the text itself, so long texts
    cost no more than short ones.
    """
    if not terms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH hits AS MATERIALIZED (
                SELECT hit.listing_id, sum(q.weight) AS weight
                FROM unnest(%(words)s::text[], %(weights)s::float8[]) AS q(word, weight)
                CROSS JOIN LATERAL (
                    SELECT e.listing_id FROM listings_searchentry e
                    WHERE e.words_full @@ (quote_literal(q.word))::tsquery AND e.kind = %(kind)s
                    UNION ALL
                    SELECT e.listing_id FROM listings_searchentry e
                    WHERE e.words_public @@ (quote_literal(q.word))::tsquery
                      AND e.words_full IS NULL AND e.kind = %(kind)s
                ) AS hit
                GROUP BY hit.listing_id
                ORDER BY weight DESC, hit.listing_id DESC
                LIMIT %(many)s
            )
            SELECT hits.listing_id FROM hits
            JOIN listings_listing l ON l.id = hits.listing_id
            WHERE l.state = %(state)s AND l.owner_id <> %(owner)s
            ORDER BY hits.weight DESC, hits.listing_id DESC
            LIMIT %(limit)s
            """,
            {
                "words": [word for word, _ in terms], "weights": [weight for _, weight in terms],
                "kind": other_of(subject.kind), "state": states.PUBLISHED,
                "owner": subject.owner_id, "limit": limit,
                # more than wanted, since the owner's own ones are dropped after
                "many": 4 * limit,
            },
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


def by_meaning(subject: Subject, bearings: Bearings | None = None, limit: int = DEPTH) -> list[int]:
    """The nearest in meaning, by the HNSW index, which goes on until enough pass the limits."""
    if bearings is None or subject.meaning is None:
        return []
    own = np.array(json.loads(subject.meaning), dtype=np.float32)
    asked = asking(bearings, own, subject.kind, subject.language)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT listing_id FROM (
                (SELECT e.listing_id, e.meaning_public <=> %(meaning)s::halfvec AS distance
                 FROM listings_searchentry e
                 WHERE e.kind = %(kind)s AND e.owner_id <> %(owner)s AND e.meaning_full IS NULL
                   AND e.meaning_public IS NOT NULL
                 ORDER BY e.meaning_public <=> %(meaning)s::halfvec LIMIT %(limit)s)
                UNION ALL
                (SELECT e.listing_id, e.meaning_full <=> %(meaning)s::halfvec
                 FROM listings_searchentry e
                 WHERE e.kind = %(kind)s AND e.owner_id <> %(owner)s AND e.meaning_full IS NOT NULL
                 ORDER BY e.meaning_full <=> %(meaning)s::halfvec LIMIT %(limit)s)
            ) AS near ORDER BY distance LIMIT %(limit)s
            """,
            {
                "kind": other_of(subject.kind), "owner": subject.owner_id, "limit": limit,
                "meaning": str(asked),
            },
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


def partners(subject: Subject) -> list[int]:
    """The other sides of the pairs it has, to be scored again, as far as they are published."""
    own, other = ("need", "technology") if subject.is_need else ("technology", "need")
    return list(
        Match.objects.filter(**{f"{own}_id": subject.pk, f"{other}__state": states.PUBLISHED})
        .order_by("pk")
        .values_list(f"{other}_id", flat=True)
    )


def is_open(listing: Listing) -> bool:
    """Whether a listing is matched at all."""
    return listing.state == states.PUBLISHED and listing.revision_of_id is None
