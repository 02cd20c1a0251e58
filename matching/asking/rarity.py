"""How rare a word is in the public texts of the market, and how near their meanings usually are:
the counts of pipeline.rarity without what is closed."""

import datetime as dt
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from listings.models import SearchEntry
from listings.models.listings import Tier
from marketplace.core.encoder import Vector, encoder
from matching.models.open_words import OpenRarity
from matching.pipeline.rarity import GROWN, SAMPLE, SMALL, STALE, Rarities

# A count younger than this is not looked into by whoever asks.
FRESH = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class OpenMarket:
    """What is known of all public texts together."""

    row: OpenRarity

    def rarities(self, words: Collection[str]) -> Rarities:
        """The rarity of these words, in one query."""
        return Rarities(self.row.texts, self.row.mean_length, counts_of(words), self.row.market)

    def usual_cosine(self, vector: Vector, kind: str, language: str) -> float | None:
        """How near a text of this kind and language usually is to the vector; None if unknown."""
        mean = self.row.usual.get(kind, {}).get(language)
        if mean is None:
            return None
        return math.fsum(x * y for x, y in zip(vector, mean, strict=True))


def open_market() -> OpenMarket:
    """In one query; counts a market that never was counted, and a small one when it is due."""
    row = OpenRarity.objects.filter(pk=1).first()
    if row is None or (
        row.market <= SMALL and timezone.now() - row.counted_at > FRESH and _is_due(row)
    ):
        row = count_open_words()
    return OpenMarket(row)


def counts_of(words: Collection[str]) -> dict[str, int]:
    """In how many of the sampled texts each of these words stands; those in none or one are not
    given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, texts FROM matching_openterm WHERE word = ANY(string_to_array(%s, ' '))",
            [" ".join(words)],
        )
        return dict(cursor.fetchall())


def _is_due(row: OpenRarity | None) -> bool:
    if row is None or timezone.now() - row.counted_at > STALE or row.encoder != _encoder_name():
        return True
    few = SearchEntry.objects.filter(visibility=Tier.PUBLIC).order_by()[: SAMPLE + 1].count()
    return min(few, SAMPLE) > row.texts * GROWN


def _encoder_name() -> str:
    engine = encoder()
    return engine.name[:60] if engine is not None else ""


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
        usual = _usual(cursor, open_ones)
        row, _created = OpenRarity.objects.update_or_create(
            pk=1,
            defaults={
                "texts": texts, "mean_length": float(mean_length), "market": market,
                "usual": usual, "encoder": _encoder_name() if usual else "",
                "counted_at": timezone.now(),
            },
        )  # fmt: skip
    return row


def _usual(cursor: Any, open_ones: str) -> dict[str, dict[str, list[float]]]:
    cursor.execute(
        f"SELECT kind, language, avg(meaning_public)::text FROM {open_ones} "  # noqa: S608
        "AND meaning_public IS NOT NULL AND encoder = %s GROUP BY kind, language",
        [_encoder_name()],
    )
    found: dict[str, dict[str, list[float]]] = {}
    for kind, language, mean in cursor.fetchall():
        found.setdefault(kind, {})[language] = json.loads(mean)
    return found
