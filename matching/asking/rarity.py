"""How rare a word is in the public texts of the market: the counts of pipeline.rarity without what
is closed."""

import datetime as dt
from collections.abc import Collection

from django.db import connection, transaction
from django.utils import timezone

from listings.models import SearchEntry
from listings.models.listings import Tier
from matching.models.open_words import OpenRarity
from matching.pipeline.rarity import GROWN, SAMPLE, SMALL, STALE, Rarities

# A count younger than this is not looked into by whoever asks.
FRESH = dt.timedelta(minutes=5)


def open_rarities(words: Collection[str]) -> Rarities:
    """The rarity of these words, in two queries; counts a market that never was, and a small one
    when it is due."""
    row = OpenRarity.objects.filter(pk=1).first()
    if row is None or (
        row.market <= SMALL and timezone.now() - row.counted_at > FRESH and _is_due(row)
    ):
        row = count_open_words()
    return Rarities(row.texts, row.mean_length, _counts(words), row.market)


def _counts(words: Collection[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, texts FROM matching_openterm WHERE word = ANY(string_to_array(%s, ' '))",
            [" ".join(words)],
        )
        return dict(cursor.fetchall())


def _is_due(row: OpenRarity | None) -> bool:
    if row is None or timezone.now() - row.counted_at > STALE:
        return True
    few = SearchEntry.objects.filter(visibility=Tier.PUBLIC).order_by()[: SAMPLE + 1].count()
    return min(few, SAMPLE) > row.texts * GROWN


def count_open_words(*, anew: bool = False) -> OpenRarity:
    """Count words over a sample of the public texts and replace what was counted before.

    anew: also when it is not due.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # One counts, the others wait and find it done.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('matching.count_open_words'))")
        row = OpenRarity.objects.filter(pk=1).first()
        if row is not None and not anew and not _is_due(row):
            return row
        cursor.execute(
            "SELECT count(*) FROM listings_searchentry WHERE visibility = %s", [Tier.PUBLIC]
        )
        market: int = cursor.fetchone()[0]
        share = 100.0 if market <= SAMPLE else max(0.01, 100.0 * SAMPLE / market)
        sample = "listings_searchentry" + (
            "" if share >= 100 else f" TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (7)"
        )
        open_ones = f"{sample} WHERE visibility = 'public' AND words_public IS NOT NULL"
        cursor.execute(
            f"SELECT count(*), coalesce(avg(length(words_public)), 100) FROM {open_ones}"  # noqa: S608
        )
        texts, mean_length = cursor.fetchone()
        cursor.execute("DELETE FROM matching_openterm")
        cursor.execute(
            "INSERT INTO matching_openterm (word, texts) SELECT word, ndoc FROM ts_stat(%s) "
            "WHERE ndoc > 1 AND length(word) <= 200",
            [f"SELECT words_public FROM {open_ones}"],  # noqa: S608
        )
        row, _created = OpenRarity.objects.update_or_create(
            pk=1,
            defaults={
                "texts": texts, "mean_length": float(mean_length), "market": market,
                "counted_at": timezone.now(),
            },
        )  # fmt: skip
    return row
