"""What is searched: words, meanings and facts of a published listing, written by actions and jobs.

Narrow on purpose: a search filters, counts and orders in this table and then reads the few listings
of a page. Words and meanings lie outside the row (TOAST), so that counting ten thousand hits reads
some hundred blocks.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F
from pgvector.django import HalfVectorField, HnswIndex

from accounts.models import Organisation
from listings.models.listings import Listing, Tier

DIMENSIONS = 384
# The columns that are the listing's own, by the same names, so that one filter serves both.
FACTS = (
    "kind", "owner_id", "visibility", "is_anonymous", "field", "sub_field", "more_fields", "trl",
    "modes", "price_min", "price_max", "currency", "country", "region", "deadline", "published_at",
)  # fmt: skip


class SearchEntry(models.Model):
    """There is one exactly while its listing is published: actions add and remove it with the
    state, in their transaction.

    words_*: tsvectors of tokens (weights: title A, keywords and summary B, body C, documents D).
    words_title holds the title alone; words_public what everybody may read of the listing,
    words_members adds that tier, words_full adds the confidential one (for matching only); those
    two are null where they would equal words_public. All are null until the listing is indexed.
    meaning_public is the embedding of the public text, null until the encoder has been there;
    meaning_full that of the whole text, null where it would be the same: at a million listings, of
    which few hold closed texts, that halves what meanings and their indexes take.
    """

    listing = models.OneToOneField(
        Listing, on_delete=models.CASCADE, primary_key=True, related_name="search_entry"
    )
    kind = models.CharField(max_length=10)
    owner = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    visibility = models.CharField(max_length=12, default=Tier.CONFIDENTIAL)
    is_anonymous = models.BooleanField(default=True)
    language = models.CharField(max_length=4, default="en")  # en, zh or both
    field = models.CharField(max_length=40, blank=True)
    sub_field = models.CharField(max_length=40, blank=True)
    more_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    trl = models.PositiveSmallIntegerField(null=True)
    modes = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    ip_kinds = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    price_min = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    price_max = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="CNY")
    country = models.CharField(max_length=2, default="CN")
    region = models.CharField(max_length=6, blank=True)
    deadline = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)

    # All that one filters by, as words of an index (listings.tags).
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    words_title = SearchVectorField(null=True)
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
            # browse: newest first, of everything or of a field; the other orders
            models.Index(fields=["kind", "-published_at", "-listing"], name="search_newest"),
            models.Index(
                fields=["kind", "field", "-published_at", "-listing"], name="search_newest_field"
            ),
            models.Index(
                F("kind"), F("deadline"), F("published_at").desc(), F("listing").desc(),
                name="search_deadline",
            ),
            models.Index(
                F("kind"), F("trl").desc(nulls_last=True), F("published_at").desc(),
                F("listing").desc(), name="search_trl",
            ),
            models.Index(
                F("kind"), F("price_min"), F("published_at").desc(), F("listing").desc(),
                name="search_price",
            ),
            GinIndex(fields=["words_title"], name="search_words_title"),
            # of a frequent word under filters only what is left is read
            GinIndex(fields=["words_public", "tags"], name="search_words_tags"),
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
