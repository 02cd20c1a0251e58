"""What an institution reports of a year, and which figures an alliance asks of its members."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Alliance, Organisation
from deals import report_states as states
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id

MAX_MONEY = 10**12  # CNY, exclusive
MAX_COUNT = 10**8  # exclusive
FIRST_YEAR = 1985  # of the technology market
MAX_REASON = 400


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


def _money() -> "models.DecimalField[Decimal | int | None, Decimal | None]":
    return models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


def _count() -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(null=True, blank=True)


class ReportState(models.TextChoices):
    DRAFT = states.DRAFT, pgettext_lazy("report", "draft")
    SUBMITTED = states.SUBMITTED, pgettext_lazy("report", "submitted")
    REPLACED = states.REPLACED, pgettext_lazy("report", "replaced")


_NOT_NEGATIVE = (
    "income_technical", "income_programme", "income_business", "income_other", "expenditure",
    "other_amount",
)  # fmt: skip


class ServiceReport(models.Model):
    """One version of what an institution declares of a year; frozen by the database once it is
    submitted. Amounts are CNY. A correction is the next number and replaces the one before.

    other_*: what it did outside the platform, and so is not counted here. is_named: the institution
    agrees that the public figures name it with its own. tti_type: as it was when submitted.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="service_reports"
    )
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=states.DRAFT)
    tti_type = models.CharField(max_length=3, blank=True, validators=[KnownCode("tti_types")])
    is_named = models.BooleanField(default=False)
    reason = models.CharField(max_length=MAX_REASON, blank=True, validators=[plain_text])

    income_technical = _money()
    income_programme = _money()
    income_business = _money()
    income_other = _money()
    expenditure = _money()
    staff_brokers = _count()
    staff_others = _count()
    ip_acquired = models.JSONField(default=dict, blank=True, help_text="Kind of IP -> number.")
    other_deals = _count()
    other_amount = _money()
    other_activities = _count()
    other_trainings = _count()
    other_enterprises = _count()
    other_needs = _count()

    written_by = _person()
    submitted_by = _person()
    submitted_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "year", "number"],
                name="service_report_number_once",
                violation_error_message=_("This number is taken."),
            ),
            models.UniqueConstraint(
                fields=["institution", "year"],
                condition=Q(state=states.DRAFT),
                name="service_report_one_draft",
                violation_error_message=_("A draft of this year waits already."),
            ),
            models.UniqueConstraint(
                fields=["institution", "year"],
                condition=Q(state=states.SUBMITTED),
                name="service_report_one_submitted",
                violation_error_message=_("The figures of this year are submitted already."),
            ),
            models.CheckConstraint(
                condition=Q(state=states.DRAFT, submitted_at__isnull=True)
                | (~Q(state=states.DRAFT) & Q(submitted_at__isnull=False) & ~Q(tti_type="")),
                name="service_report_submitted",
                violation_error_message=_("A report has a day of submission once submitted."),
            ),
            *(
                models.CheckConstraint(
                    condition=Q((f"{name}__isnull", True)) | Q((f"{name}__gte", 0)),
                    name=f"service_report_{name}",
                    violation_error_message=_("An amount cannot be negative."),
                )
                for name in _NOT_NEGATIVE
            ),
        ]
        indexes = [
            # what an institution reported, newest year first
            models.Index(fields=["institution", "-year", "-number"], name="report_of_tti"),
            # the figures of a year, rebuilt
            models.Index(
                fields=["year", "institution"],
                condition=Q(state=states.SUBMITTED),
                name="report_of_year",
            ),
        ]

    def __str__(self) -> str:
        return f"service figures {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/service-figures/{self.institution.public_id}/{self.year}/"

    @property
    def is_draft(self) -> bool:
        return self.state == states.DRAFT


class AllianceFrame(models.Model):
    """Which figures the lead of an alliance asks of its members: one version, never changed.

    lead: who asked. What a member accepted is for this lead alone; another one asks anew."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="frames")
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    codes = ArrayField(models.CharField(max_length=30))
    made_by = _person()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "number"],
                name="frame_number_once",
                violation_error_message=_("This number is taken."),
            ),
            models.CheckConstraint(
                condition=Q(codes__len__gt=0),
                name="frame_asks_something",
                violation_error_message=_("Choose at least one figure."),
            ),
        ]


class FrameAcceptance(models.Model):
    """An owner of a member lets the lead read the figures of one version of the frame. Kept after
    its end. It holds only as long as the membership that it was given in."""

    frame = models.ForeignKey(AllianceFrame, on_delete=models.CASCADE, related_name="acceptances")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    accepted_by = _person()
    accepted_at = models.DateTimeField()
    ended_by = _person()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["frame", "organisation"],
                condition=Q(ended_at__isnull=True),
                name="frame_accepted_once",
                violation_error_message=_("Your institution has accepted it already."),
            )
        ]
        indexes = [
            # what a member lets be read
            models.Index(fields=["organisation", "-id"], name="frame_of_member")
        ]
