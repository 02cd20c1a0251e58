"""Schemes of distribution that an organisation wrote: drafted, approved by a second person, then
frozen by the database (migration 0025)."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from marketplace.core.public_id import new_public_id

OWN = "own-"  # begins the codes of own schemes; those of the platform are in capitals


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


class OwnScheme(models.Model):
    """One edition of a scheme. `family` is the same for all its editions; accounts name the family
    and runs the edition. `document`: as in the files of deals/distribution/schemes, without code,
    dates and sources. `made_by` wrote it last, so whoever approves it has read another's words."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("scheme", "draft")
        APPROVED = "approved", pgettext_lazy("scheme", "approved")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="own_schemes"
    )
    family = models.CharField(max_length=10)
    edition = models.PositiveIntegerField()
    document = models.JSONField()
    valid_from = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    made_by = _person()
    approved_by = _person()
    approved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            # also the index by which runs and accounts find theirs
            models.UniqueConstraint(
                fields=["family", "edition"],
                name="own_scheme_edition",
                violation_error_message=_("This version is there already."),
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(state="draft"),
                name="own_scheme_one_draft",
                violation_error_message=_("A draft of this scheme waits already."),
            ),
            models.UniqueConstraint(
                fields=["family", "valid_from"],
                condition=Q(state="approved"),
                name="own_scheme_one_a_day",
                violation_error_message=_("Another version holds from this day."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at__isnull=True)
                | Q(state="approved", approved_at__isnull=False),
                name="own_scheme_dated_when_approved",
                violation_error_message=_("A scheme has a time exactly when it is approved."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(made_by__isnull=True)
                | ~Q(approved_by=F("made_by")),
                name="own_scheme_second_person",
                violation_error_message=_("A scheme is approved by another person."),
            ),
        ]
        indexes = [
            # the schemes of my organisations
            models.Index(fields=["organisation", "-id"], name="own_scheme_of")
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return f"/income/schemes/{self.public_id}/"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def code(self) -> str:
        """Of this very edition, as runs keep it."""
        return f"{OWN}{self.family}-{self.edition}"

    @property
    def family_code(self) -> str:
        """Of the scheme whatever its edition, as accounts name it."""
        return OWN + self.family

    @property
    def name_en(self) -> str:
        return str(self.document.get("name_en", ""))

    @property
    def name_zh(self) -> str:
        return str(self.document.get("name_zh", ""))

    def holds_on(self, day: dt.date) -> bool:
        return not self.is_draft and self.valid_from <= day
