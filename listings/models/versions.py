"""Every published version, and the reviews that let it through."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from listings.models.listings import Listing
from marketplace.core.cleaning import plain_text


class ListingVersion(models.Model):
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    data = models.JSONField(help_text=_("The whole listing as it was published."))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "number"],
                name="listing_version_once",
                violation_error_message=_("This version exists."),
            )
        ]


class Review(models.Model):
    """One submission to the moderators; the decision carries a reason when returned."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("review", "waiting")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("taken back")

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="reviews")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(max_length=2000, blank=True, validators=[plain_text])
    submitted_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(state="waiting"),
                name="review_one_waiting",
                violation_error_message=_("This listing is already waiting for review."),
            )
        ]
        indexes = [
            # the review desk, oldest first
            models.Index(fields=["submitted_at"], condition=Q(state="waiting"), name="review_queue")
        ]
