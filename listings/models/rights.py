"""Intellectual property rights behind a technology."""

import datetime as dt

from django.db import models

from listings.models.listings import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode


class IpRight(models.Model):
    """The number names the owner to whoever looks it up: withheld with the owner's identity."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="ip_rights")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, validators=[KnownCode("ip_kinds")])
    title = models.CharField(max_length=200, blank=True, validators=[plain_text])
    number = models.CharField(max_length=60, blank=True, validators=[plain_text])
    office = models.CharField(max_length=20, blank=True, validators=[plain_text])
    status = models.CharField(max_length=12, validators=[KnownCode("ip_statuses")])
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    @property
    def is_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < dt.date.today()
