"""Visits of an institution's brokers to enterprises, and what was found there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals.models.cases import Case
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id

MAX_PEOPLE = 400
MAX_FINDING = 2000


class Visit(models.Model):
    """Internal to its institution. To an organisation of the platform, or to a typed name.

    people: who took part, on both sides, as the broker wrote it.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="visits")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=160, blank=True, validators=[plain_text])
    visited_on = models.DateField()
    people = models.CharField(max_length=MAX_PEOPLE, blank=True, validators=[plain_text])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(organisation__isnull=True) & ~Q(name=""))
                | Q(organisation__isnull=False, name=""),
                name="visit_to_somebody",
                violation_error_message=_("A visit is to an organisation or a name."),
            )
        ]
        indexes = [
            # the list of an institution, newest first
            models.Index(fields=["institution", "-visited_on", "-id"], name="visit_of_tti")
        ]

    def __str__(self) -> str:
        return f"visit {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/visits/{self.public_id}/"


class Finding(models.Model):
    """One thing that was found; need and case: what was made of it."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="findings")
    words = models.TextField(max_length=MAX_FINDING, validators=[plain_text])
    field = models.CharField(max_length=40, blank=True, validators=[KnownCode("fields")])
    need = models.OneToOneField(
        Listing, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    case = models.OneToOneField(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["visit", "id"], name="finding_of_visit")]
