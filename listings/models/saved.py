"""What a reader keeps: searches with their alerts, and favourites."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from listings.models.listings import Kind, Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_NAME = 120
MAX_NOTE = 500
MAX_QUERY = 2_000


class SavedSearch(models.Model):
    """A question and filters of a list, as its address has them, and how often to tell of new hits.

    anchors: the tokens of its rarest word, one of which a listing must hold; fields: the fields it
    is narrowed to. Both only make the first choice of searches for a new listing; what decides is
    the search itself. reading: what it asks for, read with the words and code of the version
    read_with (listings.readings).
    """

    class Frequency(models.TextChoices):
        NOW = "now", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NEVER = "never", pgettext_lazy("saved search", "never")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches"
    )
    name = models.CharField(max_length=MAX_NAME, validators=[plain_text])
    kind = models.CharField(max_length=10, choices=Kind.choices)
    query = models.CharField(max_length=MAX_QUERY, blank=True)
    frequency = models.CharField(max_length=6, choices=Frequency.choices, default=Frequency.DAILY)
    has_words = models.BooleanField(default=False)
    anchors = ArrayField(models.TextField(), default=list, blank=True)
    fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    reading = models.JSONField(default=dict, blank=True, editable=False)
    read_with = models.CharField(max_length=16, blank=True, editable=False)
    watched_since = models.DateTimeField(help_text=_("What was new before is not told."))
    told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "query"],
                name="saved_search_once",
                violation_error_message=_("You have saved this search already."),
            )
        ]
        indexes = [
            # searches with words that a new listing may answer
            GinIndex(
                fields=["anchors"],
                condition=Q(has_words=True) & ~Q(frequency="never"),
                name="saved_search_anchors",
            ),
            # those to be read anew
            models.Index(fields=["read_with"], name="saved_search_read_with"),
            # searches by filters alone
            models.Index(
                fields=["kind"],
                condition=Q(has_words=False) & ~Q(frequency="never"),
                name="saved_search_wordless",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class NewListing(models.Model):
    """A listing that came to the market: noted once, when it can be found for the first time, and
    held against the saved searches soon after. A change of it is nothing new."""

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, primary_key=True)
    noted_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["listing"], condition=Q(checked_at__isnull=True), name="new_listing_waiting"
            )
        ]


class SearchHit(models.Model):
    """A new listing that a saved search found; told at most once."""

    # found by the index of its constraint
    search = models.ForeignKey(
        SavedSearch, on_delete=models.CASCADE, related_name="hits", db_index=False
    )
    # No constraint: a large import makes a hundred thousand hits, each of which would be held
    # against it at the end of the transaction. A hit of what is gone finds nothing to tell.
    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    found_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["search", "listing"],
                name="search_hit_once",
                violation_error_message=_("Found already."),
            )
        ]
        indexes = [
            # what an alert is made of, and which searches wait for one
            models.Index(
                fields=["search", "-id"],
                condition=Q(told_at__isnull=True),
                name="search_hit_untold",
            )
        ]


class Favourite(models.Model):
    """A listing that a person keeps, with a note for itself. Nobody else learns of it."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites"
    )
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    note = models.TextField(max_length=MAX_NOTE, blank=True, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "listing"],
                name="favourite_once",
                violation_error_message=_("You keep it already."),
            )
        ]
        # a person's list, newest first
        indexes = [models.Index(fields=["user", "-id"], name="favourite_list")]
