"""What is searched: words and meanings of a listing by tier, written by a job, read by queries.

Narrow on purpose: a search touches this table and the ids it yields, not the long texts.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import HalfVectorField, HnswIndex

from listings.models.listings import Listing

DIMENSIONS = 384


class SearchEntry(models.Model):
    """words_*: tsvectors of tokens (weights: title A, keywords and summary B, body C, documents D).

    words_public holds what everybody may read of the listing, words_members adds that tier,
    words_full adds the confidential one (for matching only); those two are null where they would
    equal words_public. meaning_public and meaning_full are embeddings of the public and of the
    whole text; null until the encoder has been there.
    """

    listing = models.OneToOneField(
        Listing, on_delete=models.CASCADE, primary_key=True, related_name="search_entry"
    )
    kind = models.CharField(max_length=10)
    language = models.CharField(max_length=4, default="en")  # en, zh or both
    words_public = SearchVectorField(null=True)
    words_members = SearchVectorField(null=True)
    words_full = SearchVectorField(null=True)
    meaning_public = HalfVectorField(dimensions=DIMENSIONS, null=True)
    meaning_full = HalfVectorField(dimensions=DIMENSIONS, null=True)
    encoder = models.CharField(max_length=60, blank=True)
    listing_version = models.PositiveIntegerField(default=0)
    indexed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            GinIndex(fields=["words_public"], name="search_words_public"),
            GinIndex(fields=["words_members"], name="search_words_members"),
            GinIndex(fields=["words_full"], name="search_words_full"),
            HnswIndex(
                fields=["meaning_public"], name="search_meaning_public",
                m=16, ef_construction=64, opclasses=["halfvec_cosine_ops"],
            ),
            HnswIndex(
                fields=["meaning_full"], name="search_meaning_full",
                m=16, ef_construction=64, opclasses=["halfvec_cosine_ops"],
            ),
        ]  # fmt: skip
