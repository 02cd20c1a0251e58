"""Fees of brokerage: what was agreed with the client of a case, and statements of what is due.
A statement that a second person approved is frozen by the database (migration 0017)."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from contracts.models import Contract
from deals.models.cases import Case
from deals.models.referrals import ReferralAgreement
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


class FeeDue(models.TextChoices):
    SIGNING = "signing", _("once the contract is registered")
    RECEIPTS = "receipts", _("as payments under the contract come in")


class BrokerageAgreement(models.Model):
    """Terms of one case with its client. tiers: rows of `above` (amount from which) and `percent`,
    as text, the first from 0; each percent holds for the part of the amount in its own tier.
    Amounts are in `currency`. What statements were made by stays in them when the terms change."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="brokerage")
    client = models.CharField(max_length=160, validators=[plain_text])
    signed_on = models.DateField()
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    tiers = models.JSONField(default=list)
    minimum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    cap = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    due = models.CharField(max_length=10, choices=FeeDue.choices, default=FeeDue.SIGNING)
    costs_cap = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, validators=[MinValueValidator(0)],
        help_text=_("Costs that the client pays back, whether a contract is signed or not."),
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(minimum__gte=0),
                name="brokerage_minimum",
                violation_error_message=_("An amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(minimum__isnull=True) | Q(cap__gte=F("minimum")),
                name="brokerage_cap_above_minimum",
                violation_error_message=_("The most is not below the least."),
            ),
        ]

    def __str__(self) -> str:
        return f"brokerage {self.public_id}"


class CommissionStatement(models.Model):
    """A fee that is due by the terms as they stood then: total = fee + costs, and fee = the
    referring part + the closing part. `before`: of the whole fee, what earlier statements that
    stand have stated. A reversal has the same figures, negative."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("commission", "draft")
        APPROVED = "approved", pgettext_lazy("commission", "approved")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    brokerage = models.ForeignKey(
        BrokerageAgreement, on_delete=models.PROTECT, related_name="statements"
    )
    number = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    terms = models.JSONField(help_text=_("The terms by which it was worked out."))
    currency = models.CharField(max_length=3)
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    contract_number = models.CharField(max_length=16, blank=True)
    contract_amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    contract_currency = models.CharField(max_length=3, blank=True)
    rate = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    rate_source = models.CharField(max_length=120, blank=True, validators=[plain_text])
    received = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    base = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    whole_fee = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    earned = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    before = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    fee = models.DecimalField(max_digits=20, decimal_places=2)
    costs = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    costs_for = models.CharField(max_length=400, blank=True, validators=[plain_text])
    total = models.DecimalField(max_digits=20, decimal_places=2)
    slices = models.JSONField(default=list, help_text=_("Rows of part, percent and fee."))
    agreement = models.ForeignKey(
        ReferralAgreement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referring = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closing = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    referring_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    referring_fee = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    closing_fee = models.DecimalField(max_digits=20, decimal_places=2)
    words = models.CharField(max_length=400, blank=True, validators=[plain_text])
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    made_by = _person()
    approved_by = _person()
    approved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("fee") + F("costs"))
                & Q(fee=F("referring_fee") + F("closing_fee")),
                name="commission_adds_up",
                violation_error_message=_("Both parts come to the fee, fee and costs to the sum."),
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, fee__gte=0, costs__gte=0)
                | Q(reverses__isnull=False, fee__lte=0, costs__lte=0),
                name="commission_negative_when_reversal",
                violation_error_message=_("Only a reversal is negative."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True, approved_at__isnull=True)
                | Q(state="approved", number__isnull=False, approved_at__isnull=False),
                name="commission_numbered",
                violation_error_message=_("A statement has a number exactly when approved."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(made_by__isnull=True)
                | ~Q(approved_by=F("made_by")),
                name="commission_second_person",
                violation_error_message=_("A statement is approved by another person."),
            ),
            models.UniqueConstraint(
                fields=["brokerage"],
                condition=Q(state="draft"),
                name="commission_one_draft",
                violation_error_message=_("A draft of a statement waits already."),
            ),
            models.UniqueConstraint(
                fields=["brokerage", "number"],
                name="commission_number_once",
                violation_error_message=_("This number is taken."),
            ),
        ]
        indexes = [
            # what another institution reads of its part, newest first
            models.Index(
                fields=["referring", "-id"],
                condition=Q(referring__isnull=False, state="approved"),
                name="commission_of_referring",
            )
        ]

    def __str__(self) -> str:
        return f"commission {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/commissions/{self.public_id}/"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT
