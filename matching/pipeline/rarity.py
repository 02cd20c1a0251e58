"""How rare a word is in the market's own texts.

Counted over a sample by a job, so that matching never reads the whole market; a word that the
sample does not hold is as rare as can be.
"""

import datetime as dt
import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from matching.models import Rarity

SAMPLE = 20_000  # texts
PAIRED = 2_000  # of them, for pairs of neighbouring words: what is common shows in few already
SMALL = 5_000  # a market that is counted at once, since it takes a blink
STALE = dt.timedelta(days=1)
GROWN = 1.25  # counted again when the market has grown by a quarter
# Unseen texts that hold none of the words: keeps the first hundred listings of a market sane.
PRIOR = 50.0
RAREST = 7.0  # what a word weighs that the sample does not hold, however large the market
# Of all tiers; null where there is nothing but the public one.
_WORDS = "coalesce(words_full, words_public)"


@dataclass(frozen=True)
class Rarities:
    """idf of words and of pairs of neighbouring words ("heat exchanger"), and the sizes it was
    computed from; pair_texts 0: pairs were never counted."""

    texts: int
    mean_length: float
    counts: dict[str, int]
    market: int
    pair_texts: int = 0
    _idf: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def idf(self, word: str) -> float:
        """0..RAREST, by the logarithm of the share of texts: the same pair scores alike in a small
        market and in a large one."""
        found = self._idf.get(word)
        if found is None:
            texts = self.pair_texts if " " in word else self.texts
            share = (self.counts.get(word, 0) + 0.5) / (texts + PRIOR)
            found = RAREST * math.log(share) / math.log(0.5 / (texts + PRIOR))
            self._idf[word] = found
        return found

    def postings(self, word: str) -> float:
        """About how many texts of the whole market hold the word."""
        counted = self.counts.get(word, 1)
        return counted * max(1.0, self.market / max(self.texts, 1))


def rarities(words: Collection[str]) -> Rarities:
    """The rarity of these words, in two queries; counts a market that never was, and a small one
    anew when it is due."""
    row = Rarity.objects.filter(pk=1).first()
    market = market_size()
    # Without a count no word could be asked for, so the first is not left to the hourly job.
    if row is None or (market <= SMALL and is_due(row, market)):
        row = count_words()
    return Rarities(row.texts, row.mean_length, _counts(words), market, row.pair_texts)


def extended(known: Rarities, words: Collection[str]) -> Rarities:
    """The same with further words, in one query."""
    counts = _counts(set(words) - known.counts.keys())
    return replace(known, counts={**known.counts, **counts}, _idf={})


def _counts(words: Collection[str]) -> dict[str, int]:
    # One text, where IN would write thousands of parameters.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, texts FROM matching_term WHERE word = ANY(string_to_array(%s, E'\\n'))",
            ["\n".join(words)],
        )
        return dict(cursor.fetchall())


def is_due(row: Rarity | None, market: int) -> bool:
    """Whether to count (anew): when it has grown until the sample is full, then daily."""
    if row is None or timezone.now() - row.counted_at > STALE:
        return True
    return min(market, SAMPLE) > row.texts * GROWN


def market_size() -> int:
    """Search entries, by the database's own estimate once it has one worth having."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = 'listings_searchentry'::regclass"
        )
        estimate = int(cursor.fetchone()[0])
        if estimate > SMALL:
            return estimate
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM listings_searchentry LIMIT %s) AS few",
            [SMALL + 1],
        )
        return max(estimate, int(cursor.fetchone()[0]))


def count_words() -> Rarity:
    """Count words over a sample of the market and replace what was counted before."""
    market = market_size()
    share = 100.0 if market <= SAMPLE else max(0.01, 100.0 * SAMPLE / market)
    # By pages, so that a large table is not read whole; repeatable, for two looks at one sample.
    sample = "listings_searchentry" + (
        "" if share >= 100 else f" TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (7)"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # One counts, the others wait and find it done.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('matching.count_words'))")
        row = Rarity.objects.filter(pk=1).first()
        if row is not None and not is_due(row, market):
            return row
        cursor.execute(
            f"SELECT count(*), coalesce(avg(length({_WORDS})), 100) FROM {sample}"  # noqa: S608
        )
        texts, mean_length = cursor.fetchone()
        cursor.execute("DELETE FROM matching_term")
        cursor.execute(
            "INSERT INTO matching_term (word, texts) SELECT word, ndoc FROM ts_stat(%s) "
            "WHERE ndoc > 1 AND length(word) <= 200",
            [f"SELECT {_WORDS} FROM {sample}"],  # noqa: S608
        )
        row, _created = Rarity.objects.update_or_create(
            pk=1,
            defaults={
                "texts": texts, "pair_texts": _count_pairs(cursor, sample),
                "mean_length": float(mean_length), "counted_at": timezone.now(),
            },
        )  # fmt: skip
    return row


def _count_pairs(cursor: Any, sample: str) -> int:
    """Count pairs of neighbouring words over some of the sample; returns over how many texts."""
    cursor.execute(
        f"""
        WITH texts AS MATERIALIZED (
            SELECT listing_id, {_WORDS} AS words FROM {sample}
            ORDER BY hashint8(listing_id) LIMIT %(texts)s
        ), said AS MATERIALIZED (
            SELECT listing_id, u.lexeme AS word, place FROM texts, unnest(words) AS u,
            unnest(u.positions) AS place WHERE strpos(u.lexeme, '_') = 0 AND length(u.lexeme) < 99
        ), pairs AS (
            SELECT one.word || ' ' || other.word AS word, count(DISTINCT one.listing_id) AS texts
            FROM said one JOIN said other
              ON other.listing_id = one.listing_id AND other.place = one.place + 1
            GROUP BY 1 HAVING count(DISTINCT one.listing_id) > 1
        ), kept AS (INSERT INTO matching_term (word, texts) SELECT word, texts FROM pairs)
        SELECT count(*) FROM texts WHERE words IS NOT NULL
        """,  # noqa: S608 (our names)
        {"texts": PAIRED},
    )
    return int(cursor.fetchone()[0])
