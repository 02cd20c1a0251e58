"""Who concludes a contract."""

from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models.contracts import Contract
from marketplace.core import regions
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode


class ContractParty(models.Model):
    """One party as the contract names it; `organisation` when it is on the platform, whose people
    then see the contract."""

    class Role(models.TextChoices):
        SELLER = "seller", _("seller")
        BUYER = "buyer", _("buyer")
        BROKER = "broker", _("broker")

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="parties")
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=10, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="contract_sides"
    )
    name = models.CharField(max_length=160, validators=[plain_text])
    kind = models.CharField(max_length=40, blank=True, validators=[KnownCode("party_kinds")])
    code = models.CharField(
        max_length=40, blank=True, validators=[plain_text],
        help_text=_("Unified social credit code, or the registration number abroad."),
    )  # fmt: skip
    country = models.CharField(max_length=2, default="CN", validators=[regions.validate_country])
    region = models.CharField(max_length=6, blank=True, validators=[regions.validate])
    address = models.CharField(max_length=200, blank=True, validators=[plain_text])
    contact = models.CharField(
        max_length=120, blank=True, validators=[plain_text],
        help_text=_("Name and telephone or e-mail of whoever answers questions."),
    )  # fmt: skip

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "organisation"],
                name="contract_party_once",
                violation_error_message=_("An organisation can take one side of a contract only."),
            )
        ]
        indexes = [
            # whether an actor's organisation is a party; the history of a party
            models.Index(fields=["organisation", "contract"], name="contract_party_org"),
            # duplicate suspects among parties that are typed in, and the history of such a party
            models.Index(
                fields=["code", "contract"],
                condition=~models.Q(code=""),
                name="contract_party_by_code",
            ),
            models.Index(fields=["name", "contract"], name="contract_party_by_name"),
            # the contracts behind a cell of the statistics (contracts.queries.behind)
            models.Index(
                F("role"),
                Func(F("kind"), function="figure_kind"),
                F("contract"),
                name="contract_party_by_kind",
            ),
            models.Index(
                F("role"),
                Func(F("country"), F("region"), function="figure_place"),
                F("contract"),
                name="contract_party_by_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"

    @property
    def is_abroad(self) -> bool:
        return self.country != "CN"


class ContractDeduction(models.Model):
    """A part of the total that is no technology: equipment, instruments, parts, raw materials."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="deductions")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, validators=[KnownCode("deduction_kinds")])
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    note = models.CharField(max_length=200, blank=True, validators=[plain_text])

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0),
                name="contract_deduction_not_negative",
                violation_error_message=_("An amount cannot be negative."),
            )
        ]
