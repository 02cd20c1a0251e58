"""Pairs that a broker proposed by hand, and when a broker last looked at the desk."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from accounts.models import Organisation
from marketplace.core.cleaning import plain_text
from matching.models.matches import Match

MAX_NOTE = 1000


class Proposal(models.Model):
    """Who proposed a match, with a note that both sides read. The match has the origin "broker"."""

    match = models.OneToOneField(
        Match, on_delete=models.CASCADE, primary_key=True, related_name="proposal"
    )
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(
        max_length=MAX_NOTE, blank=True, validators=[plain_text, MaxLengthValidator(MAX_NOTE)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # how many an institution proposed today
            models.Index(fields=["institution", "created_at"], name="proposal_a_day")
        ]


class DeskVisit(models.Model):
    """When a broker looked at the desk: what came after `before` is new on the present visit."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    before = models.DateTimeField(null=True, blank=True)
    latest = models.DateTimeField()
