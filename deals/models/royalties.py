"""What a licensee states of a period of royalty, version by version, and what the licensor says.
Statements and answers are append-only (the database refuses anything else, migration 0020)."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from contracts.models import Contract
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class RoyaltyState(models.TextChoices):
    DUE = "due", pgettext_lazy("royalty", "due")
    SUBMITTED = "submitted", pgettext_lazy("royalty", "submitted")
    QUERIED = "queried", pgettext_lazy("royalty", "queried")
    ACCEPTED = "accepted", pgettext_lazy("royalty", "accepted")


class RoyaltyPeriod(models.Model):
    """A period for which a licensee owes a statement; locked by every step on it.

    `contract` is the edition in force on the last day: its terms count and its sellers read it.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    licensee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    due_on = models.DateField(help_text=_("By when it is stated."))
    state = models.CharField(max_length=9, choices=RoyaltyState.choices, default=RoyaltyState.DUE)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-ends_on", "-id"]
        constraints = [
            # also serves: the periods of a contract and licensee
            models.UniqueConstraint(
                fields=["number", "licensee", "ends_on"],
                name="royalty_period_once",
                violation_error_message=_("This period is there already."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="royalty_period_range",
                violation_error_message=_("A period ends after it begins."),
            ),
        ]
        indexes = [
            # periods that we state, newest first
            models.Index(fields=["licensee", "-ends_on", "-id"], name="royalty_of_licensee"),
            # periods of contracts in which we sell
            models.Index(fields=["contract", "-ends_on", "-id"], name="royalty_of_contract"),
            # what the clock reminds of
            models.Index(
                fields=["due_on"], condition=Q(state__in=["due", "queried"]), name="royalty_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"royalty of {self.number} to {self.ends_on}"

    def get_absolute_url(self) -> str:
        return f"/royalties/{self.public_id}/"


class RoyaltyStatement(models.Model):
    """One statement. sales and deductions in `currency`; all that follows is in that of the
    contract: base = (sales − deductions) × rate, `before` and `earlier` the base and the sums owed
    of the year's earlier periods, owed = royalty + topped_up."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    period = models.ForeignKey(RoyaltyPeriod, on_delete=models.PROTECT, related_name="statements")
    position = models.PositiveSmallIntegerField(help_text=_("1 for the first, then corrections."))
    sales = models.DecimalField(
        max_digits=18, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(max_length=3, validators=[KnownCode("currencies")])
    deductions = models.DecimalField(
        max_digits=18, decimal_places=2, default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    deductions_note = models.CharField(max_length=400, blank=True, validators=[plain_text])
    units = models.DecimalField(
        max_digits=16, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    rate = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.000001"))],
        help_text=_("Units of the contract's currency for one unit of another."),
    )  # fmt: skip
    rate_source = models.CharField(max_length=120, blank=True, validators=[plain_text])
    note = models.CharField(max_length=400, blank=True, validators=[plain_text])
    base = models.DecimalField(max_digits=18, decimal_places=2)
    before = models.DecimalField(max_digits=18, decimal_places=2)
    earlier = models.DecimalField(max_digits=18, decimal_places=2)
    royalty = models.DecimalField(max_digits=18, decimal_places=2)
    topped_up = models.DecimalField(max_digits=18, decimal_places=2)
    owed = models.DecimalField(max_digits=18, decimal_places=2)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-position"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "position"],
                name="royalty_statement_once",
                violation_error_message=_("This statement is there already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    sales__gte=0, deductions__gte=0, deductions__lte=F("sales"), base__gte=0,
                    before__gte=0, earlier__gte=0, royalty__gte=0, topped_up__gte=0,
                    owed=F("royalty") + F("topped_up"),
                ),
                name="royalty_statement_sums",
                violation_error_message=_("The sums of a statement do not agree."),
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=True, base=F("sales") - F("deductions")) | Q(rate__gt=0),
                name="royalty_statement_rate",
                violation_error_message=_("Another currency needs a rate."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"royalty statement {self.public_id}"


class RoyaltyAnswer(models.Model):
    """What the licensor says to a statement: accepted, or queried in words."""

    class Verdict(models.TextChoices):
        QUERIED = "queried", pgettext_lazy("royalty", "queried")
        ACCEPTED = "accepted", pgettext_lazy("royalty", "accepted")

    statement = models.OneToOneField(
        RoyaltyStatement, on_delete=models.PROTECT, related_name="answer"
    )
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    words = models.CharField(max_length=1000, blank=True, validators=[plain_text])
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="accepted") | (Q(verdict="queried") & ~Q(words="")),
                name="royalty_query_has_words",
                violation_error_message=_("Say what you ask."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.statement_id}"
