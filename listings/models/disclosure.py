"""What an owner has released to another organisation: its name, or a tier."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings.models.listings import Listing, Tier
from marketplace.core.cleaning import plain_text


class DisclosureGrant(models.Model):
    """Written by the owner, or by a room above on the owner's behalf; ends when revoked."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    tier = models.CharField(
        max_length=12, choices=Tier.choices, default=Tier.PUBLIC,
        help_text=_("The highest tier of text that is released."),
    )  # fmt: skip
    reveals_owner = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True, validators=[plain_text])
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "organisation"],
                condition=Q(revoked_at__isnull=True),
                name="grant_one_open",
                violation_error_message=_("This organisation already holds a release."),
            )
        ]
        indexes = [
            # visible_to: which listings were released to my organisations
            models.Index(
                fields=["organisation", "listing"],
                condition=Q(revoked_at__isnull=True),
                name="grant_open",
            )
        ]
