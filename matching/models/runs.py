"""What the matcher has done, and what it knows of the market's words."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models import Listing


class MatchRun(models.Model):
    """The last matching of a listing: one row a listing, so each version is matched once.

    encoder is "" when only words were there; such a run is repeated when the meaning has come.
    """

    listing = models.OneToOneField(
        Listing, on_delete=models.CASCADE, primary_key=True, related_name="match_run"
    )
    listing_version = models.PositiveIntegerField()
    model_version = models.CharField(max_length=20)
    encoder = models.CharField(max_length=60, blank=True)
    candidates = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    matched_at = models.DateTimeField()

    class Meta:
        indexes = [
            # runs by words alone, to be repeated
            models.Index(
                fields=["matched_at"], condition=models.Q(encoder=""), name="run_words_only"
            )
        ]


class Term(models.Model):
    """In how many of the sampled texts a word stands, or a pair of neighbouring words (joined by a
    blank); what stands in one text only is left out."""

    word = models.CharField(max_length=200, primary_key=True)
    texts = models.PositiveIntegerField()


class Rarity(models.Model):
    """One row: over how many texts the words were counted, and how long a text is."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    texts = models.PositiveIntegerField(default=0)
    pair_texts = models.PositiveIntegerField(
        default=0, help_text=_("Over how many texts pairs of neighbouring words were counted.")
    )
    mean_length = models.FloatField(default=100)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="rarity_one_row",
                violation_error_message=_("There is one row of it."),
            )
        ]


class Bearing(models.Model):
    """Where the meanings of one kind lie (see matching.pipeline.bearings): for each language how
    many were read and their mean, and a sample of them, centred. Numbers as bytes, little-endian:
    means of four, bank of two."""

    kind = models.CharField(max_length=10)
    encoder = models.CharField(max_length=60)
    counts = models.JSONField(default=list)
    means = models.BinaryField()
    bank = models.BinaryField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "encoder"],
                name="bearing_once",
                violation_error_message=_("There is one of each kind."),
            )
        ]
