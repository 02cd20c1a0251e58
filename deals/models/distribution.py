"""Runs of distribution: drafted, approved by a second person, then frozen by the database. A run is
corrected only by another one with the same lines, negative (migration 0016)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.models.income import IncomeAccount, Receipt
from marketplace.core.public_id import new_public_id


class DistributionRun(models.Model):
    """Distributes receipts of one account up to a day. gross = deducted + net; net = its shares.

    `cumulative` is the net income of the licence that runs before it distributed. `number` counts
    approved runs of an account without gaps.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("run", "draft")
        APPROVED = "approved", pgettext_lazy("run", "approved")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    account = models.ForeignKey(IncomeAccount, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    up_to = models.DateField()
    scheme = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    gross = models.DecimalField(max_digits=20, decimal_places=2)
    deducted = models.DecimalField(max_digits=20, decimal_places=2)
    costs = models.DecimalField(
        max_digits=20, decimal_places=2, help_text=_("Of what was deducted: costs recovered.")
    )
    net = models.DecimalField(max_digits=20, decimal_places=2)
    cumulative = models.DecimalField(max_digits=20, decimal_places=2)
    receipts_count = models.PositiveIntegerField()
    words = models.CharField(max_length=400, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross=F("deducted") + F("net")),
                name="run_adds_up",
                violation_error_message=_("Deductions and net income come to the income."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True, approved_at__isnull=True)
                | Q(state="approved", number__isnull=False, approved_at__isnull=False),
                name="run_numbered_when_approved",
                violation_error_message=_("A run has a number exactly when it is approved."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(made_by__isnull=True)
                | ~Q(approved_by=F("made_by")),
                name="run_second_person",
                violation_error_message=_("A run is approved by another person."),
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state="draft"),
                name="run_one_draft",
                violation_error_message=_("A draft of a run waits already."),
            ),
            models.UniqueConstraint(
                fields=["account", "number"],
                name="run_number_once",
                violation_error_message=_("This number is taken."),
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/income/runs/{self.public_id}/"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class DistributionItem(models.Model):
    """A receipt in a run. `holds`: this run distributes it; ends when the run is reversed. The
    database lets one run hold a receipt at a time."""

    run = models.ForeignKey(DistributionRun, on_delete=models.CASCADE, related_name="items")
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="items")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    holds = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt"],
                condition=Q(holds=True),
                name="receipt_in_one_run",
                violation_error_message=_("A receipt is distributed once."),
            ),
            models.UniqueConstraint(
                fields=["run", "receipt"],
                name="receipt_once_in_run",
                violation_error_message=_("A receipt stands once in a run."),
            ),
        ]

    def __str__(self) -> str:
        return f"receipt {self.receipt_id} in run {self.run_id}"


class DistributionLine(models.Model):
    """One line of a run, with everything its statement says: schemes and inventors may change."""

    class Kind(models.TextChoices):
        DEDUCTION = "deduction", _("deduction")
        SHARE = "share", _("share")
        INVENTOR = "inventor", _("inventor")  # part of the inventors' share

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    run = models.ForeignKey(DistributionRun, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=40, blank=True)
    name_en = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    parts = models.JSONField(
        default=list, help_text=_("How it was worked out: rows of amount, weight, of the whole.")
    )
    rounding = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "position"],
                name="run_line_once",
                violation_error_message=_("This line stands there already."),
            )
        ]
        indexes = [
            # statements of a person, by the address that is confirmed
            models.Index(
                fields=["email", "-id"],
                condition=Q(kind="inventor") & ~Q(email=""),
                name="statements_of_person",
            )
        ]

    def __str__(self) -> str:
        return f"line {self.public_id}"
