"""What a contract brings in: one account of an organisation for each contract number, its receipts
and the costs of the licence. Rows of money are append-only: a mistake is reversed by another row
(the database refuses anything else, migration 0016)."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models import Contract
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class IncomeAccount(models.Model):
    """Income that an organisation has from a registered contract, over all editions of it.

    Locked by every action that moves money in it. Amounts are in `currency`, that of the contract
    when the account was opened.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="income_accounts"
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="+",
        help_text=_("The edition with which it was opened; today's has the same number."),
    )  # fmt: skip
    number = models.CharField(max_length=16, validators=[RegexValidator(r"^\d{16}$")])
    currency = models.CharField(max_length=3, validators=[KnownCode("currencies")])
    scheme = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"],
                name="income_account_once",
                violation_error_message=_("The income of this contract is kept already."),
            )
        ]
        indexes = [
            # accounts of my organisations, newest first
            models.Index(fields=["organisation", "-id"], name="income_of_organisation")
        ]

    def __str__(self) -> str:
        return f"income of {self.number}"

    def get_absolute_url(self) -> str:
        return f"/income/{self.public_id}/"


class Purpose(models.TextChoices):
    UPFRONT = "upfront", _("upfront fee")
    INSTALMENT = "instalment", _("instalment")
    LUMP_SUM = "lump_sum", _("whole amount")
    ROYALTY = "royalty", _("royalty")
    MINIMUM = "minimum", _("minimum royalty")
    PATENT_COST = "patent_cost", _("reimbursement of costs")
    EQUITY = "equity", _("proceeds of equity")
    OTHER = "other", _("other income")


class Receipt(models.Model):
    """Money that came in. `booked` is the amount in the account's currency; a reversal has both
    negative and names what it reverses. Reimbursed costs are no income: they lessen the costs."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    account = models.ForeignKey(IncomeAccount, on_delete=models.PROTECT, related_name="receipts")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    instalment = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3, validators=[KnownCode("currencies")])
    rate = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.000001"))],
        help_text=_("Units of the account's currency for one unit of another."),
    )  # fmt: skip
    rate_source = models.CharField(max_length=120, blank=True, validators=[plain_text])
    booked = models.DecimalField(max_digits=18, decimal_places=2)
    reference = models.CharField(max_length=80, blank=True, validators=[plain_text])
    note = models.CharField(max_length=400, blank=True, validators=[plain_text])
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0, booked__gte=0)
                | Q(reverses__isnull=False, amount__lt=0, booked__lte=0),
                name="receipt_negative_when_reversal",
                violation_error_message=_("Only a reversal is negative."),
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=True, booked=F("amount")) | Q(rate__gt=0),
                name="receipt_booked_at_rate",
                violation_error_message=_("Another currency needs a rate."),
            ),
            models.CheckConstraint(
                condition=Q(instalment__isnull=True) | Q(purpose="instalment"),
                name="receipt_instalment_number",
                violation_error_message=_("Only an instalment has a number."),
            ),
        ]
        indexes = [
            # receipts of an account, newest first, and what is not distributed up to a day
            models.Index(fields=["account", "-received_on", "-id"], name="receipt_of_account")
        ]

    def __str__(self) -> str:
        return f"receipt {self.public_id}"

    @property
    def is_income(self) -> bool:
        return self.purpose != Purpose.PATENT_COST


class LicenceCost(models.Model):
    """Money spent on what is licensed: patents, mostly; in the account's currency."""

    class Kind(models.TextChoices):
        PATENT = "patent", _("patent cost")
        LEGAL = "legal", _("legal cost")
        MARKETING = "marketing", _("marketing")
        OTHER = "other", _("other cost")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    account = models.ForeignKey(IncomeAccount, on_delete=models.PROTECT, related_name="costs")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    spent_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    note = models.CharField(max_length=400, blank=True, validators=[plain_text])
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-spent_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0)
                | Q(reverses__isnull=False, amount__lt=0),
                name="licence_cost_negative_when_reversal",
                violation_error_message=_("Only a reversal is negative."),
            )
        ]
        indexes = [
            # costs of an account up to a day
            models.Index(fields=["account", "-spent_on", "-id"], name="cost_of_account")
        ]

    def __str__(self) -> str:
        return f"cost {self.public_id}"


class Beneficiary(models.Model):
    """An inventor's part of what goes to the inventors, as it stands today; runs keep copies.
    `email`: whoever has confirmed this address on the platform reads their own statements."""

    account = models.ForeignKey(
        IncomeAccount, on_delete=models.CASCADE, related_name="beneficiaries"
    )
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120, validators=[plain_text])
    email = models.EmailField(blank=True)
    percent = models.DecimalField(
        max_digits=7, decimal_places=4, validators=[MinValueValidator(Decimal("0.0001"))]
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100),
                name="beneficiary_percent",
                violation_error_message=_("A part lies above 0 and up to 100 percent."),
            ),
            models.UniqueConstraint(
                fields=["account", "name"],
                name="beneficiary_once",
                violation_error_message=_("Everybody is named once."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.account_id}"
