"""Organisations of every kind, TTIs among them, and how they come to be verified."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from marketplace.core import regions
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class Organisation(models.Model):
    """A party of the market. `verified_at` has one door: accounts.actions.verification."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=32, validators=[KnownCode("organisation_kinds")])
    name_en = models.CharField(max_length=160, blank=True, validators=[plain_text])
    name_zh = models.CharField(max_length=160, blank=True, validators=[plain_text])
    about_en = models.TextField(
        max_length=2000, blank=True, validators=[plain_text, MaxLengthValidator(2000)]
    )
    about_zh = models.TextField(
        max_length=2000, blank=True, validators=[plain_text, MaxLengthValidator(2000)]
    )
    country = models.CharField(max_length=2, default="CN", validators=[regions.validate_country])
    region = models.CharField(
        max_length=6, blank=True, validators=[regions.validate],
        help_text=_("GB/T 2260 code, for organisations in China."),
    )  # fmt: skip
    registration_code = models.CharField(
        max_length=40, blank=True, validators=[plain_text],
        help_text=_("Unified social credit code, or the registration number abroad."),
    )  # fmt: skip
    website = models.URLField(
        max_length=200, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    field_codes = ArrayField(
        models.CharField(max_length=40, validators=[KnownCode("fields")]), default=list, blank=True
    )
    tti_type = models.CharField(max_length=3, blank=True, validators=[KnownCode("tti_types")])
    is_registration_point = models.BooleanField(default=False)
    is_trusted = models.BooleanField(
        default=False, help_text=_("Its listings are published without review.")
    )
    agreed_to_be_found = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name_en="") | ~Q(name_zh=""),
                name="organisation_has_name",
                violation_error_message=_("Give the name in English or Chinese."),
            ),
            models.CheckConstraint(
                condition=Q(kind="tti", tti_type__in=["I", "II", "III", "IV"])
                | (~Q(kind="tti") & Q(tti_type="")),
                name="organisation_tti_type",
                violation_error_message=_(
                    "A technology transfer institution has a type, others none."
                ),
            ),
            models.UniqueConstraint(
                Upper("registration_code"),
                "country",
                condition=~Q(registration_code="") & Q(verified_at__isnull=False),
                name="organisation_code_once",
                violation_error_message=_("An organisation with this code is already verified."),
            ),
        ]
        indexes = [
            # the directory of TTIs: type, region
            models.Index(
                fields=["tti_type", "region", "id"], condition=Q(kind="tti"), name="tti_directory"
            ),
            # a part of a name, in any case (icontains compares in upper case)
            GinIndex(OpClass(Upper("name_en"), name="gin_trgm_ops"), name="organisation_name_en"),
            GinIndex(OpClass(Upper("name_zh"), name="gin_trgm_ops"), name="organisation_name_zh"),
        ]

    def __str__(self) -> str:
        return self.name_zh or self.name_en

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def is_tti(self) -> bool:
        return self.kind == "tti"


class Verification(models.Model):
    """One request to be verified: evidence in, a decision with its reason out."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("verification", "waiting")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="verifications"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    evidence = models.FileField(upload_to="verification/", max_length=200)
    evidence_name = models.CharField(max_length=200)
    evidence_sha256 = models.CharField(max_length=64)
    evidence_type = models.CharField(max_length=100, help_text=_("Media type, from the bytes."))
    evidence_size = models.PositiveIntegerField(help_text=_("Bytes."))
    note = models.TextField(
        max_length=1000, blank=True, validators=[plain_text, MaxLengthValidator(1000)]
    )
    reason = models.TextField(
        max_length=1000, blank=True, validators=[plain_text, MaxLengthValidator(1000)]
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(state="waiting"),
                name="verification_one_waiting",
                violation_error_message=_("A request is already waiting for a decision."),
            )
        ]
        indexes = [
            # the operator's queue, oldest first
            models.Index(fields=["created_at"], condition=Q(state="waiting"), name="verify_queue")
        ]
