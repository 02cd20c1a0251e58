"""When and how a contract is paid: instalments, and a royalty with its rates."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.models.contracts import Contract
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode


class ContractInstalment(models.Model):
    """A sum that is due on a day, or at an event in words; in the contract's currency.

    With a royalty these are sums that are known beside the upfront fee: what was realised, which
    an amendment adds.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField(default=0)
    due_on = models.DateField(null=True, blank=True)
    event = models.CharField(max_length=200, blank=True, validators=[plain_text])
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    note = models.CharField(max_length=200, blank=True, validators=[plain_text])

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="contract_instalment_positive",
                violation_error_message=_("An instalment is more than 0."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | ~Q(event=""),
                name="contract_instalment_when",
                violation_error_message=_("Give the day, or say at what event it is due."),
            ),
        ]

    def __str__(self) -> str:
        return f"instalment {self.position + 1} of {self.contract_id}"


class ContractRoyalty(models.Model):
    """The royalty of a contract (Civil Code, art. 846); its rates are RoyaltyStep rows.

    Amounts are in the contract's currency. A draft may leave anything open.
    """

    contract = models.OneToOneField(Contract, on_delete=models.CASCADE, related_name="royalty")
    base = models.CharField(max_length=20, blank=True, validators=[KnownCode("royalty_bases")])
    rate_kind = models.CharField(
        max_length=10, default="fixed", validators=[KnownCode("royalty_rates")]
    )
    entry_fee = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    entry_fee_on = models.DateField(null=True, blank=True)
    minimum_per_year = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    runs_from = models.DateField(null=True, blank=True)
    runs_to = models.DateField(null=True, blank=True)
    reporting = models.CharField(
        max_length=10, blank=True, validators=[KnownCode("royalty_periods")]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(entry_fee__isnull=True) | Q(entry_fee__gte=0))
                & (Q(minimum_per_year__isnull=True) | Q(minimum_per_year__gte=0)),
                name="contract_royalty_not_negative",
                violation_error_message=_("An amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(runs_from__isnull=True)
                | Q(runs_to__isnull=True)
                | Q(runs_to__gte=F("runs_from")),
                name="contract_royalty_range",
                violation_error_message=_("The royalty ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"royalty of {self.contract_id}"


class RoyaltyStep(models.Model):
    """The rate, in percent, on what the base exceeds `from_amount` by, from the year `from_year`
    of the royalty on (art. 846 speaks of rates that rise or fall by the year)."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="royalty_steps")
    position = models.PositiveSmallIntegerField(default=0)
    from_year = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    from_amount = models.DecimalField(
        max_digits=18, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(0)]
    )
    rate = models.DecimalField(
        max_digits=6, decimal_places=3, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=100),
                name="royalty_rate_percent",
                violation_error_message=_("A rate lies between 0 and 100 percent."),
            ),
            models.CheckConstraint(
                condition=Q(from_year__gte=1, from_year__lte=100),
                name="royalty_step_year",
                violation_error_message=_("Years are counted from 1 to 100."),
            ),
            models.UniqueConstraint(
                fields=["contract", "from_year", "from_amount"],
                name="royalty_step_once",
                violation_error_message=_("Two steps begin at the same year and amount."),
            ),
        ]

    def __str__(self) -> str:
        return f"from {self.from_amount}: {self.rate} %"
